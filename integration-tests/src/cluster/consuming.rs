//! Consuming in a scenario: a member of a group that notes what it sees.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use rdkafka::consumer::{BaseConsumer, Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, TopicPartitionList};

use super::Cluster;
use crate::records::Record;
use crate::wait::{Deadline, TimedOut};

const COORDINATOR_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for which each member is polled before the assignments are looked at again.
const ROUND_INTERVAL: Duration = Duration::from_millis(50);

/// A record and where it lay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The partition of the topic.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// The timestamp in milliseconds, if the record carries one.
    pub timestamp: Option<i64>,
    /// The record.
    pub record: Record,
}

/// A consumer in a group. Dropping it leaves the group.
pub struct Member {
    consumer: StreamConsumer,
}

impl Cluster {
    /// A consumer that joins `group` for `topic` and reads from the start, with settings on top.
    ///
    /// Commits only when it is told to, and its group notices a crash after six seconds, the least
    /// that a broker at its defaults allows.
    ///
    /// # Errors
    ///
    /// When the client library refuses a setting.
    pub fn member(
        &self,
        group: &str,
        topic: &str,
        settings: &[(&str, &str)],
    ) -> Result<Member, KafkaError> {
        let mut client = self.client();
        client
            .set("group.id", self.name(group))
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", "false")
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "500")
            .set("fetch.wait.max.ms", "100");
        for (key, value) in settings {
            client.set(*key, *value);
        }
        let consumer: StreamConsumer = client.create()?;
        consumer.subscribe(&[topic])?;
        Ok(Member { consumer })
    }
}

impl Cluster {
    /// The offset that a group has committed for a partition; `None` if it has not.
    ///
    /// # Errors
    ///
    /// When the coordinator does not answer.
    pub fn committed(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
    ) -> Result<Option<i64>, KafkaError> {
        let client: BaseConsumer = self.client().set("group.id", self.name(group)).create()?;
        let mut asked = TopicPartitionList::new();
        asked.add_partition(topic, partition);
        let answer = client.committed_offsets(asked, COORDINATOR_TIMEOUT)?;
        Ok(answer
            .elements()
            .first()
            .and_then(|element| element.offset().to_raw())
            .filter(|offset| *offset >= 0))
    }
}

impl Member {
    /// The consumer itself, for what is not offered here.
    pub fn consumer(&self) -> &StreamConsumer {
        &self.consumer
    }

    /// The next record.
    ///
    /// # Errors
    ///
    /// What the client reports, or [`TimedOut`] when nothing comes.
    ///
    /// # Cancel safety
    ///
    /// A record that was not returned is returned next time.
    pub async fn next(&self, within: Duration) -> Result<Seen, NoRecord> {
        let message = tokio::time::timeout(within, self.consumer.recv())
            .await
            .map_err(|_elapsed| TimedOut::new("a record", within))??;
        Ok(Seen {
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().to_millis(),
            record: Record::of(&message),
        })
    }

    /// The next `count` records.
    ///
    /// # Errors
    ///
    /// What the client reports, or how many came when the time was over.
    ///
    /// # Cancel safety
    ///
    /// Records received so far are lost to the caller.
    pub async fn take(&self, count: usize, within: Duration) -> Result<Vec<Seen>, NoRecord> {
        let deadline = Deadline::after(within);
        let mut seen = Vec::with_capacity(count);
        while seen.len() < count {
            let next = self.next(deadline.left()).await;
            if let Err(NoRecord::Late(_)) = next {
                let what = format!("{count} records; {} came", seen.len());
                return Err(TimedOut::new(what, within).into());
            }
            seen.push(next?);
        }
        Ok(seen)
    }

    /// The partitions that this member has now. Only a member that is polled gets and loses any.
    ///
    /// # Errors
    ///
    /// When the client cannot tell.
    pub fn assigned(&self) -> Result<BTreeSet<i32>, KafkaError> {
        let assignment = self.consumer.assignment()?;
        Ok(assignment
            .elements()
            .iter()
            .map(rdkafka::topic_partition_list::TopicPartitionListElem::partition)
            .collect())
    }
}

/// Polls all members until each has the partitions it should, as `shared` sees it from their
/// assignments in the same order. Returns what each received meanwhile.
///
/// # Errors
///
/// What a client reports, or who had what when the time was over.
///
/// # Cancel safety
///
/// Records received so far are lost to the caller.
pub async fn rebalanced<const N: usize>(
    members: [&Member; N],
    within: Duration,
    shared: impl Fn(&[BTreeSet<i32>; N]) -> bool,
) -> Result<[Vec<Seen>; N], NoRecord> {
    let deadline = Deadline::after(within);
    let mut received = [const { Vec::new() }; N];
    loop {
        let mut assignments = [const { BTreeSet::new() }; N];
        for (assignment, member) in assignments.iter_mut().zip(members) {
            *assignment = member.assigned()?;
        }
        if shared(&assignments) {
            return Ok(received);
        }
        if deadline.has_passed() {
            return Err(TimedOut::new(
                format!("a rebalance; the members have {assignments:?}"),
                within,
            )
            .into());
        }
        let round = join_all(members.map(|member| member.next(ROUND_INTERVAL))).await;
        for (received, next) in received.iter_mut().zip(round) {
            match next {
                Ok(seen) => received.push(seen),
                Err(NoRecord::Late(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
}

/// True when every partition from 0 to `partitions` has exactly one owner, and nobody is idle.
#[must_use]
pub fn is_balanced(partitions: usize, assignments: &[BTreeSet<i32>]) -> bool {
    let all: BTreeSet<&i32> = assignments.iter().flatten().collect();
    let owned: usize = assignments.iter().map(BTreeSet::len).sum();
    owned == partitions
        && all.len() == partitions
        && assignments.iter().all(|assignment| !assignment.is_empty())
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("assigned", &self.assigned())
            .finish()
    }
}

/// The reason why there is no record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoRecord {
    /// None came in time.
    #[error(transparent)]
    Late(#[from] TimedOut),
    /// The client reports an error.
    #[error("the consumer failed")]
    Client(#[from] KafkaError),
}
