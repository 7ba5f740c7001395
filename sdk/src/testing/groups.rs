//! The commits of a consumer group, as the broker knows them.

use std::collections::BTreeMap;
use std::panic::Location;

use super::failure::fail;
use super::kafka::{TestKafka, topic_name};
use super::wait::nap;
use crate::client::ClientError;
use crate::runtime::{Clock, error_chain};
use crate::types::{GroupId, Offset, PartitionId, TopicName};

impl TestKafka {
    /// Returns the offsets that a group has committed for a topic: the next ones it reads, by
    /// partition.
    ///
    /// # Panics
    /// When the broker does not answer.
    #[track_caller]
    pub fn committed(
        &self,
        group: &str,
        topic: &str,
    ) -> impl Future<Output = BTreeMap<PartitionId, Offset>> {
        let at = Location::caller();
        let asked = self.ask(group, topic, at);
        async move {
            match asked.committed().await {
                Ok(committed) => committed,
                Err(error) => fail(at, asked.why_not(&error).await),
            }
        }
    }

    /// Returns the lag: the number of records of a topic that a group has not committed.
    ///
    /// # Panics
    /// When the broker does not answer.
    #[track_caller]
    pub fn lag(&self, group: &str, topic: &str) -> impl Future<Output = u64> {
        let at = Location::caller();
        let asked = self.ask(group, topic, at);
        async move {
            match asked.lag().await {
                Ok(lag) => lag,
                Err(error) => fail(at, asked.why_not(&error).await),
            }
        }
    }

    /// Waits until a group has committed all records of a topic.
    ///
    /// # Panics
    /// When it has not within the deadline; the message says how far it got.
    #[track_caller]
    pub fn await_committed(&self, group: &str, topic: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        let asked = self.ask(group, topic, at);
        async move {
            let clock = Clock::system();
            let deadline = clock.after(asked.kafka.deadline());
            loop {
                let lag = asked.lag().await;
                if matches!(lag, Ok(0)) {
                    return;
                }
                if clock.now() >= deadline {
                    let Asked {
                        kafka,
                        group,
                        topic,
                    } = &asked;
                    let within = kafka.deadline();
                    if let Some(missing) = kafka.missing(topic).await {
                        fail(at, missing);
                    }
                    let met = kafka.listeners_met();
                    let open = lag.map_or_else(
                        |error| error_chain(&error),
                        |lag| format!("{lag} records are open"),
                    );
                    let committed = asked
                        .committed()
                        .await
                        .map_or_else(|error| error_chain(&error), |at| listed(&at));
                    fail(
                        at,
                        format_args!(
                            "{group} has not committed all of {topic} after {within:?}: {open}; committed: {committed}{met}"
                        ),
                    );
                }
                nap().await;
            }
        }
    }

    fn ask(&self, group: &str, topic: &str, at: &Location<'_>) -> Asked {
        let group = GroupId::new(group).unwrap_or_else(|invalid| fail(at, invalid));
        Asked {
            kafka: self.clone(),
            group,
            topic: topic_name(topic, at),
        }
    }
}

/// Partitions with their offsets, for a message.
fn listed(offsets: &BTreeMap<PartitionId, Offset>) -> String {
    let each: Vec<String> = offsets
        .iter()
        .map(|(partition, offset)| format!("{partition} at {offset}"))
        .collect();
    if each.is_empty() {
        "nothing".to_owned()
    } else {
        each.join(", ")
    }
}

/// A group and a topic that are asked about.
struct Asked {
    kafka: TestKafka,
    group: GroupId,
    topic: TopicName,
}

impl Asked {
    async fn why_not(&self, error: &ClientError) -> String {
        self.kafka
            .missing(&self.topic)
            .await
            .unwrap_or_else(|| error_chain(error))
    }

    async fn committed(&self) -> Result<BTreeMap<PartitionId, Offset>, ClientError> {
        self.kafka
            .inspector()
            .committed(&self.group, &self.topic, self.kafka.deadline())
            .await
    }

    async fn lag(&self) -> Result<u64, ClientError> {
        let ends = self
            .kafka
            .inspector()
            .ends(&self.topic, self.kafka.deadline())
            .await?;
        let committed = self.committed().await?;
        let open = ends.iter().map(|(partition, ends)| {
            let done = committed
                .get(partition)
                .copied()
                .unwrap_or(ends.first)
                .max(ends.first);
            u64::try_from(ends.next.0 - done.0).unwrap_or(0)
        });
        Ok(open.sum())
    }
}
