//! `__consumer_offsets`: an ordinary topic whose records are the groups' memory.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::journal::{Journal, JournalError};
use super::records::Record;
use super::replay::Replay;
use super::slot::slot_of;
use crate::cluster::{Catalogue, NewTopic, Topic};
use crate::config::Settings;
use crate::log::{AppendOrigin, ReadBudget};
use crate::partition::Partition;
use crate::runtime::Clock;
use crate::types::{GroupId, TopicName};
use crate::wire::record_batch::{BatchBuilder, BatchError, BatchHeader, Records};

const NAME: &str = "__consumer_offsets";

/// Bytes read in one go when the topic is read back.
const READ_BACK: ReadBudget = ReadBudget::at_most(1024 * 1024).or_one_batch();

/// The groups' journal. Made when it is first needed.
#[derive(Debug)]
pub(crate) struct OffsetsTopic {
    catalogue: Arc<Catalogue>,
    clock: Clock,
    partitions: i32,
}

impl OffsetsTopic {
    /// A new topic gets this many partitions; one that is there keeps its own number.
    pub(crate) fn new(catalogue: Arc<Catalogue>, clock: Clock, partitions: i32) -> Self {
        Self { catalogue, clock, partitions }
    }

    /// Reads everything back.
    ///
    /// # Errors
    /// [`JournalError`] if the topic can't be read: starting without its offsets would have consumers read all anew.
    pub(crate) fn replay(&self) -> Result<Replay, JournalError> {
        let mut replay = Replay::default();
        if let Some(topic) = self.catalogue.image().topic(NAME) {
            for partition in topic.partitions() {
                read_back(partition, &mut replay)?;
            }
        }
        Ok(replay)
    }

    fn ensure(&self) -> Result<Arc<Topic>, JournalError> {
        let failed = |error: &dyn fmt::Display| JournalError::new(NAME, error);
        if let Some(topic) = self.catalogue.image().topic(NAME) {
            return Ok(Arc::clone(topic));
        }
        let name = TopicName::new(NAME).map_err(|error| failed(&error))?;
        let mut settings = Settings::new();
        settings.set("cleanup.policy", "compact");
        let topic = NewTopic { name, partitions: self.partitions, settings };
        self.catalogue.ensure(topic).map_err(|error| failed(&error))
    }
}

impl Journal for OffsetsTopic {
    fn prepare(&self) -> Result<(), JournalError> {
        self.ensure().map(drop)
    }

    fn append(&self, group: &GroupId, records: &[Record]) -> Result<(), JournalError> {
        let topic = self.ensure()?;
        let slot = slot_of(group, topic.partitions().len());
        let partition =
            topic.partitions().get(slot).ok_or_else(|| JournalError::new(NAME, &"it has no partitions"))?;
        let now = self.clock.wall();
        let batch = records.iter().fold(BatchBuilder::new(), |batch, record| {
            let (key, value) = record.encode();
            batch.record(now, Some(&key), value.as_deref())
        });
        let failed = |error: &dyn fmt::Display| JournalError::new(partition.at(), error);
        let batch = batch.build().map_err(|error| failed(&error))?;
        partition.append(&batch, AppendOrigin::Coordinator).map_err(|error| failed(&error))?;
        Ok(())
    }
}

fn read_back(partition: &Partition, replay: &mut Replay) -> Result<(), JournalError> {
    let failed = |error: &dyn fmt::Display| JournalError::new(partition.at(), error);
    let mut next = partition.offsets().log_start;
    loop {
        let chunks = partition.read(next, READ_BACK).map_err(|error| failed(&error))?.chunks;
        if chunks.is_empty() {
            return Ok(());
        }
        for mut chunk in chunks {
            while !chunk.is_empty() {
                let header = BatchHeader::parse(&chunk).map_err(|error| failed(&error))?;
                let batch = chunk.split_to(header.size.min(chunk.len()));
                apply(&batch, partition, replay).map_err(|error| failed(&error))?;
                next = header.last_offset().next();
            }
        }
    }
}

fn apply(batch: &Bytes, partition: &Partition, replay: &mut Replay) -> Result<(), BatchError> {
    for record in Records::open(batch)? {
        let record = record?;
        let Some(key) = &record.key else { continue };
        match Record::decode(key, record.value.as_ref()) {
            Ok(Some(known)) => replay.apply(known),
            Ok(None) => {}
            // One record that can't be understood is no reason to lose all others.
            Err(error) => {
                let (partition, offset) = (partition.at(), record.offset);
                tracing::error!(%partition, %offset, %error, "a record about a group can't be understood and is left out");
            }
        }
    }
    Ok(())
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
        Record::Offset { group: GroupId::new(group), at, committed: Some(committed) }
    }

    fn read_back(topic: &OffsetsTopic) -> Vec<(String, i64)> {
        let groups = topic.replay().unwrap().into_groups();
        let offset = |offsets: &crate::group::offsets::Offsets| offsets.iter().next().unwrap().1.offset.0;
        let mut found: Vec<_> =
            groups.map(|(group, remembered)| (group.to_string(), offset(&remembered.offsets))).collect();
        found.sort();
        found
    }

    #[test]
    fn what_was_written_is_read_back_after_a_restart() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 50);
        assert!(read_back(&topic).is_empty());
        for (group, offset) in [("a", 1), ("b", 2), ("a", 3)] {
            topic.append(&GroupId::new(group), &[record(group, offset)]).unwrap();
        }
        assert_eq!(read_back(&topic), [("a".to_owned(), 3), ("b".to_owned(), 2)]);
        // A topic that is there keeps its number of partitions.
        let topic = open(&fs, 7);
        assert_eq!(read_back(&topic), [("a".to_owned(), 3), ("b".to_owned(), 2)]);
        assert_eq!(topic.ensure().unwrap().partitions().len(), 50);
    }

    #[test]
    fn a_record_that_is_not_understood_costs_no_other() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let topic = open(&fs, 1);
        topic.append(&GroupId::new("a"), &[record("a", 1)]).unwrap();
        let foreign = BatchBuilder::new().record(topic.clock.wall(), Some(b"\0\x02\0\x01a"), Some(b"\0\x63"));
        let partitions = topic.ensure().unwrap();
        partitions.partitions()[0].append(&foreign.build().unwrap(), AppendOrigin::Coordinator).unwrap();
        topic.append(&GroupId::new("b"), &[record("b", 2)]).unwrap();
        assert_eq!(read_back(&topic), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    }
}
