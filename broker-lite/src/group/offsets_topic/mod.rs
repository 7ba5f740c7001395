//! `__consumer_offsets`: an ordinary topic whose records are the groups' memory.
//!
//! Only the last record about each thing counts. A partition that has grown far beyond those is
//! begun anew with them ([`summary`]), where Kafka compacts it: what is left says the same, at
//! other offsets.

mod reading;
mod summary;

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use self::reading::Reading;
use self::summary::Growth;
use super::journal::{Journal, JournalError};
use super::records::Record;
use super::replay::ReplayedGroups;
use super::slot::partition_for;
use crate::config::Settings;
use crate::controller::{Controller, NewTopic};
use crate::log::AppendOrigin;
use crate::metadata::Topic;
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, Trouble};
use crate::types::{GroupId, PartitionId, Timestamp, TopicName};
use crate::wire::record_batch::{BatchBuilder, BatchError};

const NAME: &str = "__consumer_offsets";

/// The groups' journal. Made when it is first needed.
#[derive(Debug)]
pub(crate) struct OffsetsTopic {
    controller: Arc<Controller>,
    replicas: Arc<ReplicaManager>,
    clock: Clock,
    partitions: i32,
    growth: Growth,
    /// Guards what could not be written in a row. Held for a note.
    trouble: Mutex<Trouble>,
}

impl OffsetsTopic {
    /// A new topic gets this many partitions; one that is there keeps its own number.
    pub(crate) fn new(
        controller: Arc<Controller>,
        replicas: Arc<ReplicaManager>,
        clock: Clock,
        partitions: i32,
    ) -> Self {
        Self {
            controller,
            replicas,
            clock,
            partitions,
            growth: Growth::default(),
            trouble: Mutex::default(),
        }
    }

    /// Reads everything back.
    ///
    /// # Errors
    /// [`JournalError`] if the topic can't be read: starting without its offsets would have
    /// consumers read all anew.
    pub(crate) fn replay(&self) -> Result<ReplayedGroups, JournalError> {
        let mut replay = ReplayedGroups::default();
        let view = self.replicas.view();
        if let Some(topic) = view.image().topic(NAME) {
            for id in topic.partitions() {
                let partition = view
                    .partition(topic, id)
                    .map_err(|error| JournalError::of(NAME, &error))?;
                let mut reading = Reading::new(partition, replay)?;
                reading.go_on(|from, budget| partition.read(from, budget))?;
                replay = reading.into_replay();
            }
        }
        Ok(replay)
    }

    fn ensure(&self) -> Result<Arc<Topic>, JournalError> {
        let failed = |error: &(dyn Error + 'static)| JournalError::of(NAME, error);
        if let Some(topic) = self.replicas.view().image().topic(NAME) {
            return Ok(Arc::clone(topic));
        }
        let name = TopicName::new(NAME).map_err(|error| failed(&error))?;
        let mut settings = Settings::new();
        settings.set("cleanup.policy", "compact");
        let topic = NewTopic {
            name,
            partitions: self.partitions,
            settings,
        };
        self.controller
            .ensure(topic)
            .map_err(|error| failed(&error))
    }
}

impl Journal for OffsetsTopic {
    fn prepare(&self) -> Result<(), JournalError> {
        self.told(self.ensure().map(drop))
    }

    fn append(&self, group: &GroupId, records: &[Record]) -> Result<(), JournalError> {
        self.told(self.write(group, records))
    }
}

impl OffsetsTopic {
    fn write(&self, group: &GroupId, records: &[Record]) -> Result<(), JournalError> {
        let topic = self.ensure()?;
        let view = self.replicas.view();
        let partition = view
            .partition(&topic, partition_of(group, &topic))
            .map_err(|error| JournalError::of(NAME, &error))?;
        let failed = |error: &(dyn Error + 'static)| JournalError::of(partition.at(), error);
        let batch = batch_of(records, self.clock.wall()).map_err(|error| failed(&error))?;
        partition
            .append(&batch, AppendOrigin::Coordinator)
            .map_err(|error| failed(&error))?;
        // The records are written. That the topic has not become smaller is no reason to refuse
        // them.
        if let Err(error) = self.growth.check(partition, &self.clock) {
            tracing::warn!(%error, "what groups wrote long ago is not cleared away");
        }
        Ok(())
    }

    /// Says in the log when groups can't be written down, and when they can again.
    fn told(&self, outcome: Result<(), JournalError>) -> Result<(), JournalError> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &outcome {
            Ok(()) => {
                if let Some(refused) = trouble.over() {
                    tracing::info!(refused, "groups can be written down again");
                }
            }
            Err(error) => {
                if let Some(refused) = trouble.refused(self.clock.now()) {
                    tracing::error!(
                        refused, %error,
                        "groups can't be written down; their clients are told COORDINATOR_NOT_AVAILABLE and ask again"
                    );
                }
            }
        }
        outcome
    }
}

fn partition_of(group: &GroupId, topic: &Topic) -> PartitionId {
    let count = usize::try_from(topic.partition_count()).unwrap_or_default();
    PartitionId(i32::try_from(partition_for(group, count)).unwrap_or_default())
}

fn batch_of(records: &[Record], now: Timestamp) -> Result<Bytes, BatchError> {
    let add = |batch: BatchBuilder, record: &Record| {
        let (key, value) = record.encode();
        batch.record(now, Some(&key), value.as_deref())
    };
    records.iter().fold(BatchBuilder::new(), add).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::group::committed::CommittedOffset;
    use crate::metadata::MetadataCache;
    use crate::replica::Partition;
    use crate::storage::{Fs, MemoryFs};
    use crate::types::{LeaderEpoch, Offset, TopicPartition};

    fn open(fs: &Arc<dyn Fs>, partitions: i32) -> OffsetsTopic {
        let defaults = Config::resolve(Settings::new()).unwrap().topics;
        let (metadata, clock) = (Arc::new(MetadataCache::default()), Clock::new());
        let (fs, known) = (|| Arc::clone(fs), || Arc::clone(&metadata));
        let replicas = ReplicaManager::new(fs(), clock.clone(), defaults.clone(), known());
        let replicas = Arc::new(replicas);
        let controller = Controller::open(fs(), defaults, known(), Arc::clone(&replicas)).unwrap();
        OffsetsTopic::new(Arc::new(controller), replicas, clock, partitions)
    }

    fn partitions(topic: &OffsetsTopic) -> Vec<Arc<Partition>> {
        let offsets = topic.ensure().unwrap();
        let view = topic.replicas.view();
        let partition = |id| Arc::clone(view.partition(&offsets, id).unwrap());
        offsets.partitions().map(partition).collect()
    }

    fn record(group: &str, offset: i64) -> Record {
        let committed = CommittedOffset {
            offset: Offset(offset),
            leader_epoch: LeaderEpoch(0),
            metadata: "".into(),
            committed_at: crate::types::Timestamp(1),
            expires_at: None,
            topic_id: None,
        };
        let at = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(0));
        Record::Offset {
            group: GroupId::new(group),
            at,
            committed: Some(committed),
        }
    }

    fn read_back(topic: &OffsetsTopic) -> Vec<(String, i64)> {
        let groups = topic.replay().unwrap().into_groups();
        let offset = |offsets: &crate::group::committed::CommittedOffsets| {
            offsets.iter().next().unwrap().1.offset.0
        };
        let mut found: Vec<_> = groups
            .map(|(group, remembered)| (group.to_string(), offset(&remembered.offsets)))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn what_was_written_is_read_back_after_a_restart() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 50);
        assert!(read_back(&topic).is_empty());
        for (group, offset) in [("a", 1), ("b", 2), ("a", 3)] {
            topic
                .append(&GroupId::new(group), &[record(group, offset)])
                .unwrap();
        }
        assert_eq!(
            read_back(&topic),
            [("a".to_owned(), 3), ("b".to_owned(), 2)]
        );
        // A topic that is there keeps its number of partitions.
        let topic = open(&fs, 7);
        assert_eq!(
            read_back(&topic),
            [("a".to_owned(), 3), ("b".to_owned(), 2)]
        );
        assert_eq!(topic.ensure().unwrap().partition_count(), 50);
    }

    fn size(topic: &OffsetsTopic) -> u64 {
        partitions(topic)
            .iter()
            .map(|partition| partition.size())
            .sum()
    }

    #[test]
    fn a_group_that_commits_for_ever_takes_no_room_for_it() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        let forgotten = match record("forgotten", 5) {
            Record::Offset { group, at, .. } => Record::Offset {
                group,
                at,
                committed: None,
            },
            Record::Group { .. } => unreachable!(),
        };
        topic
            .append(&GroupId::new("silent"), &[record("silent", 7)])
            .unwrap();
        topic
            .append(
                &GroupId::new("forgotten"),
                &[record("forgotten", 5), forgotten],
            )
            .unwrap();
        let (mut written, mut largest) = (0, 0);
        for offset in 0..40_000 {
            let before = size(&topic);
            topic
                .append(&GroupId::new("busy"), &[record("busy", offset)])
                .unwrap();
            written += size(&topic).saturating_sub(before);
            largest = size(&topic).max(largest);
        }
        assert!(
            written > 3 * 1024 * 1024 && largest < 1024 * 1024 + 4096,
            "{written} {largest}"
        );
        let expected = [("busy".to_owned(), 39_999), ("silent".to_owned(), 7)];
        assert_eq!(read_back(&topic), expected);
        assert_eq!(read_back(&open(&fs, 1)), expected, "after a restart");
    }

    #[test]
    fn what_others_write_while_a_partition_is_summed_up_counts() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        let names = ["a", "b", "c"];
        std::thread::scope(|scope| {
            for name in names {
                let topic = &topic;
                scope.spawn(move || {
                    for offset in 0..20_000 {
                        topic
                            .append(&GroupId::new(name), &[record(name, offset)])
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(
            read_back(&topic),
            names.map(|name| (name.to_owned(), 19_999))
        );
        assert!(size(&topic) < 2 * 1024 * 1024, "{}", size(&topic));
    }

    #[test]
    fn records_that_are_not_understood_are_not_summed_away() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        let foreign =
            BatchBuilder::new().record(topic.clock.wall(), Some(b"\0\x10a"), Some(b"later"));
        let partition = Arc::clone(&partitions(&topic)[0]);
        partition
            .append(&foreign.build().unwrap(), AppendOrigin::Coordinator)
            .unwrap();
        for offset in 0..12_000 {
            topic
                .append(&GroupId::new("busy"), &[record("busy", offset)])
                .unwrap();
        }
        assert_eq!(partition.offsets().unwrap().log_start, Offset(0));
        assert_eq!(read_back(&topic), [("busy".to_owned(), 11_999)]);
    }

    #[test]
    fn a_batch_that_is_damaged_on_the_disk_costs_no_other() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        for (group, offset) in [("a", 1), ("b", 2), ("a", 3)] {
            topic
                .append(&GroupId::new(group), &[record(group, offset)])
                .unwrap();
        }
        topic.replicas.close();
        let path = format!("{NAME}-0/00000000000000000000.log");
        let mut log = fs.read(&path).unwrap().unwrap();
        // In the value of the last record, where a clean stop has nobody look.
        let at = log.len() - 12;
        log[at] ^= 0x40;
        fs.write(&path, &log).unwrap();
        assert_eq!(
            read_back(&open(&fs, 1)),
            [("a".to_owned(), 1), ("b".to_owned(), 2)]
        );
    }

    #[test]
    fn a_record_that_is_not_understood_costs_no_other() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        topic.append(&GroupId::new("a"), &[record("a", 1)]).unwrap();
        let foreign =
            BatchBuilder::new().record(topic.clock.wall(), Some(b"\0\x02\0\x01a"), Some(b"\0\x63"));
        partitions(&topic)[0]
            .append(&foreign.build().unwrap(), AppendOrigin::Coordinator)
            .unwrap();
        topic.append(&GroupId::new("b"), &[record("b", 2)]).unwrap();
        assert_eq!(
            read_back(&topic),
            [("a".to_owned(), 1), ("b".to_owned(), 2)]
        );
    }
}
