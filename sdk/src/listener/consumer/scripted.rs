//! A consumer for tests, which hands over what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::client::{
    ClientError, Consumer, ConsumerHooks, Ends, FinalCommit, GroupSize, Intake, KnownEnd, Notice,
    Problem, ProblemKind, RecordParts, StartPosition, TopicAnswer, TopicIdentities, TopicsSeen,
};
use crate::types::{
    GroupId, LeaderEpoch, Offset, PartitionId, Position, Timestamp, TimestampType, TopicName,
    TopicPartition,
};

/// An entry of the client's queue: a partition and an offset.
#[derive(Clone)]
pub(in crate::listener) enum Arrival {
    Record(i32, i64),
    Damage(i32, i64),
    Refusal(i32, i64),
}
use Arrival::{Damage, Record, Refusal};

/// The requests of the listener.
#[derive(Debug, Default)]
pub(in crate::listener) struct Requests {
    pub(in crate::listener) paused: Vec<TopicPartition>,
    pub(in crate::listener) committed: Vec<(TopicPartition, Position)>,
}

/// Has two partitions, and hands over one list per drain.
pub(in crate::listener) struct ScriptedConsumer {
    pub(in crate::listener) drains: VecDeque<Vec<Arrival>>,
    /// Called once there are no more lists.
    pub(in crate::listener) at_end: Box<dyn FnMut()>,
    pub(in crate::listener) requests: Arc<Mutex<Requests>>,
    /// Told of the partitions when the consumer subscribes.
    pub(in crate::listener) hooks: Option<Arc<dyn ConsumerHooks>>,
}

impl ScriptedConsumer {
    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap()
    }
}

/// A partition of the consumer.
pub(in crate::listener) fn at(partition: i32) -> TopicPartition {
    TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(partition))
}

/// Returns the positions at which the consumer begins.
pub(in crate::listener) fn starts() -> [StartPosition; 2] {
    [at(0), at(1)].map(|at| StartPosition {
        at,
        committed: None,
        topic_id: None,
    })
}

impl Ends for ScriptedConsumer {
    fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd> {
        vec![KnownEnd::default(); partitions.len()]
    }

    fn end(&self, _: &TopicPartition, _: Duration) -> Option<Offset> {
        None
    }
}

impl Consumer for ScriptedConsumer {
    fn subscribe(&mut self, _: &[TopicName]) -> Result<(), ClientError> {
        if let Some(hooks) = &self.hooks {
            hooks.assigned(&starts());
        }
        Ok(())
    }

    fn serve(&mut self) {
        if self.drains.is_empty() {
            (self.at_end)();
        }
    }

    fn drain(&mut self, _: usize, into: &mut dyn Intake) -> usize {
        let drained = self.drains.pop_front().unwrap_or_default();
        for arrival in &drained {
            let reason = "it is damaged".to_owned();
            match *arrival {
                Record(partition, offset) if wanted(into, partition, offset) => {
                    into.record(RecordParts {
                        offset: Offset(offset),
                        timestamp: (Timestamp(0), TimestampType::NotAvailable),
                        key: None,
                        payload: None,
                    })
                }
                Record(..) => {}
                Damage(partition, _) | Refusal(partition, _)
                    if !into.is_wanted("orders", partition) => {}
                Damage(partition, offset) => {
                    let (partition, offset) = (at(partition), Offset(offset));
                    into.notice(Notice::Damaged {
                        partition,
                        offset,
                        reason,
                    });
                }
                Refusal(partition, offset) => {
                    let (partition, offset) = (at(partition), Offset(offset));
                    let problem = Problem::at(ProblemKind::FetchFailing, partition, offset, reason);
                    into.notice(Notice::Problem(problem));
                }
            }
        }
        drained.len()
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.requests().paused.extend_from_slice(partitions);
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.requests()
            .paused
            .retain(|paused| !partitions.contains(paused));
        Ok(())
    }

    fn look_at(&mut self, _: &[TopicName], _: Duration) -> Option<TopicsSeen> {
        None
    }

    fn seek(&mut self, positions: &[(TopicPartition, Position)]) -> Vec<TopicPartition> {
        positions.iter().map(|(at, _)| at.clone()).collect()
    }

    fn group_size(&mut self, _: &GroupId, _: &[TopicName], _: Duration) -> Option<GroupSize> {
        None
    }

    fn ask_for_topics(&mut self, _: &[TopicName]) -> bool {
        true
    }

    fn topics_answer(&mut self) -> Option<TopicAnswer> {
        Some(TopicAnswer::Unsupported)
    }

    fn seek_to_beginning(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        partitions.to_vec()
    }

    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> Result<(), ClientError> {
        self.requests().committed.extend_from_slice(positions);
        Ok(())
    }
}

impl FinalCommit for ScriptedConsumer {
    fn topic_identities(&self, _: &[TopicName]) -> TopicIdentities {
        TopicIdentities::new()
    }

    fn commit_within(
        &self,
        positions: &[(TopicPartition, Position)],
        _: Duration,
    ) -> Result<(), ClientError> {
        self.requests().committed.extend_from_slice(positions);
        Ok(())
    }
}

fn wanted(into: &mut dyn Intake, partition: i32, offset: i64) -> bool {
    into.source("orders", partition) && into.admits(Offset(offset), LeaderEpoch::UNKNOWN)
}
