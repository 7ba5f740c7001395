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
use super::replay::Replay;
use super::slot::slot_of;
use crate::config::Settings;
use crate::controller::{Catalogue, NewTopic, Topic};
use crate::log::AppendOrigin;
use crate::runtime::{Clock, Trouble};
use crate::types::{GroupId, Timestamp, TopicName};
use crate::wire::record_batch::{BatchBuilder, BatchError};

const NAME: &str = "__consumer_offsets";

/// The groups' journal. Made when it is first needed.
#[derive(Debug)]
pub(crate) struct OffsetsTopic {
    catalogue: Arc<Catalogue>,
    clock: Clock,
    partitions: i32,
    growth: Growth,
    /// Guards what could not be written in a row. Held for a note.
    trouble: Mutex<Trouble>,
}

impl OffsetsTopic {
    /// A new topic gets this many partitions; one that is there keeps its own number.
    pub(crate) fn new(catalogue: Arc<Catalogue>, clock: Clock, partitions: i32) -> Self {
        Self {
            catalogue,
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
    pub(crate) fn replay(&self) -> Result<Replay, JournalError> {
        let mut replay = Replay::default();
        if let Some(topic) = self.catalogue.image().topic(NAME) {
            for partition in topic.partitions() {
                let mut reading = Reading::new(partition, replay)?;
                reading.go_on(|from, budget| partition.read(from, budget))?;
                replay = reading.into_replay();
            }
        }
        Ok(replay)
    }

    fn ensure(&self) -> Result<Arc<Topic>, JournalError> {
        let failed = |error: &(dyn Error + 'static)| JournalError::of(NAME, error);
        if let Some(topic) = self.catalogue.image().topic(NAME) {
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
        self.catalogue.ensure(topic).map_err(|error| failed(&error))
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
        let slot = slot_of(group, topic.partitions().len());
        let partition = topic
            .partitions()
            .get(slot)
            .ok_or_else(|| JournalError::new(NAME, "it has no partitions"))?;
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
    use crate::group::offsets::Committed;
    use crate::storage::{Fs, MemoryFs};
    use crate::types::{LeaderEpoch, Offset, PartitionId, TopicPartition};

    fn open(fs: &Arc<dyn Fs>, partitions: i32) -> OffsetsTopic {
        let defaults = Config::resolve(Settings::new()).unwrap().topics;
        let catalogue = Catalogue::open(Arc::clone(fs), Clock::new(), defaults).unwrap();
        OffsetsTopic::new(Arc::new(catalogue), Clock::new(), partitions)
    }

    fn record(group: &str, offset: i64) -> Record {
        let committed = Committed {
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
        let offset =
            |offsets: &crate::group::offsets::Offsets| offsets.iter().next().unwrap().1.offset.0;
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
        assert_eq!(topic.ensure().unwrap().partitions().len(), 50);
    }

    fn size(topic: &OffsetsTopic) -> u64 {
        topic
            .ensure()
            .unwrap()
            .partitions()
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
        let partition = Arc::clone(&topic.ensure().unwrap().partitions()[0]);
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
        topic.catalogue.close();
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
        let partitions = topic.ensure().unwrap();
        partitions.partitions()[0]
            .append(&foreign.build().unwrap(), AppendOrigin::Coordinator)
            .unwrap();
        topic.append(&GroupId::new("b"), &[record("b", 2)]).unwrap();
        assert_eq!(
            read_back(&topic),
            [("a".to_owned(), 1), ("b".to_owned(), 2)]
        );
    }
}
