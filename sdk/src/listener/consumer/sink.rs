//! Collects the records that the client hands over into batches, and posts these to the engine.

use super::assignment::{AssignedPartition, Assignments};
use super::budget::OVERHEAD;
use super::fetch_position::Admission;
use crate::client::{Intake, MAX_DRAINED, Notice, RecordBatchBuilder, RecordParts, RecordSink};
use crate::endpoint::Ordering;
use crate::listener::dispatch::{KeyHash, PolledBatch, RecordMeta};
use crate::listener::engine::{EngineChannel, Message, SpareBatch};
use crate::types::{LeaderEpoch, Offset, TopicPartition};

/// A batch in the making.
pub(super) struct BatchSink<'a> {
    assignments: &'a mut Assignments,
    channel: &'a EngineChannel,
    ordering: Ordering,
    batch: RecordBatchBuilder,
    metas: Vec<RecordMeta>,
    /// The partition of the records that come now, by its place in the table.
    current: usize,
    records: usize,
    bytes: usize,
    notices: Vec<Notice>,
    readable: Vec<TopicPartition>,
}

/// The result of a poll.
pub(super) struct Polled {
    pub(super) records: usize,
    pub(super) bytes: usize,
    /// Notices that came in the place of records, to be reported once the table is unlocked.
    pub(super) notices: Vec<Notice>,
    /// Partitions that delivered an error before and a record now.
    pub(super) readable: Vec<TopicPartition>,
}

impl<'a> BatchSink<'a> {
    pub(super) fn new(
        assignments: &'a mut Assignments,
        channel: &'a EngineChannel,
        ordering: Ordering,
        expected_bytes: usize,
    ) -> Self {
        let SpareBatch {
            mut batch,
            records: mut metas,
        } = channel.spare_batch();
        batch.reserve(MAX_DRAINED, expected_bytes);
        metas.reserve(MAX_DRAINED);
        let (current, records, bytes) = (0, 0, 0);
        let (notices, readable) = (Vec::new(), Vec::new());
        Self {
            assignments,
            channel,
            ordering,
            batch,
            metas,
            current,
            records,
            bytes,
            notices,
            readable,
        }
    }

    /// Posts what was collected.
    pub(super) fn send(mut self) -> Polled {
        self.flush();
        let Self {
            records,
            bytes,
            notices,
            readable,
            ..
        } = self;
        Polled {
            records,
            bytes,
            notices,
            readable,
        }
    }

    /// Starts the current partition from scratch with the record at `found`, because its log was
    /// truncated.
    fn rewind(&mut self, found: Offset) {
        let Some(AssignedPartition { at, position, .. }) =
            self.assignments.partitions.get(self.current)
        else {
            return;
        };
        self.notices.push(Notice::Rewound {
            partition: at.clone(),
            expected: position.next(),
            found,
        });
        self.flush();
        // `flush` has given the batch and its records away.
        self.assignments.rewind(self.current, found, self.channel);
    }

    fn flush(&mut self) {
        self.records += self.metas.len();
        self.bytes += self.batch.bytes();
        let (batch, records) = (
            std::mem::take(&mut self.batch),
            std::mem::take(&mut self.metas),
        );
        if records.is_empty() {
            self.channel.keep(SpareBatch { batch, records });
        } else {
            self.channel.post(Message::Records(PolledBatch {
                batch: batch.build(),
                records,
            }));
        }
    }
}

impl Intake for BatchSink<'_> {
    fn source(&mut self, topic: &str, partition: i32) -> bool {
        let Some(place) = self.assignments.place_of(topic, partition) else {
            return false;
        };
        self.current = place;
        let Some(assigned) = self.assignments.partitions.get_mut(place) else {
            return false;
        };
        if !assigned.is_wanted() {
            return false;
        }
        if std::mem::take(&mut assigned.errored) {
            self.readable.push(assigned.at.clone());
        }
        true
    }

    fn admits(&mut self, offset: Offset, epoch: LeaderEpoch) -> bool {
        let Some(assigned) = self.assignments.partitions.get_mut(self.current) else {
            return false;
        };
        match assigned.position.admits(offset, epoch) {
            Admission::Taken => true,
            Admission::Unvalidated => {
                self.assignments.needs_validation = true;
                false
            }
            Admission::Truncated => {
                self.rewind(offset);
                let fresh = self.assignments.partitions.get_mut(self.current);
                fresh.is_some_and(|fresh| fresh.position.admits(offset, epoch) == Admission::Taken)
            }
        }
    }

    fn is_wanted(&self, topic: &str, partition: i32) -> bool {
        let assigned = self
            .assignments
            .place_of(topic, partition)
            .and_then(|place| self.assignments.partitions.get(place));
        topic.is_empty() || assigned.is_some_and(AssignedPartition::is_wanted)
    }

    fn notice(&mut self, mut notice: Notice) {
        // Noted at once, since records from behind the damage may be next.
        if let Notice::Damaged {
            partition, offset, ..
        } = &mut notice
            && let Some(assigned) = self.assignments.get_mut(partition)
        {
            assigned.damaged = true;
            // The client names the first offset of the batch, whose first records may have been
            // read already.
            *offset = assigned.position.next().max(*offset);
        }
        self.notices.push(notice);
    }
}

impl RecordSink for BatchSink<'_> {
    fn record(&mut self, parts: RecordParts<'_>) {
        let Some(assigned) = self.assignments.partitions.get_mut(self.current) else {
            return;
        };
        let key = match self.ordering {
            Ordering::Key => parts.key.map(|key| KeyHash::of(assigned.seed, key)),
            Ordering::Partition => {
                Some(KeyHash::of_partition(assigned.seed, assigned.at.partition))
            }
            Ordering::None => None,
        };
        let bytes =
            parts.key.map_or(0, <[u8]>::len) + parts.payload.map_or(0, <[u8]>::len) + OVERHEAD;
        let meta = RecordMeta {
            partition: assigned.number,
            offset: parts.offset,
            key,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        };
        assigned.taken += 1;
        if !self.batch.push(&assigned.at, parts) {
            // A batch holds 4 GiB. A record always fits an empty one.
            let at = assigned.at.clone();
            self.flush();
            let taken = self.batch.push(&at, parts);
            debug_assert!(taken, "a record fits an empty batch");
        }
        self.metas.push(meta);
    }

    fn header(&mut self, name: &[u8], value: Option<&[u8]>) {
        if !self.batch.header(name, value) {
            tracing::error!("a header does not fit its batch of 4 GiB and is left out");
            return;
        }
        let bytes = u32::try_from(name.len() + value.map_or(0, <[u8]>::len)).unwrap_or(u32::MAX);
        if let Some(meta) = self.metas.last_mut() {
            meta.bytes = meta.bytes.saturating_add(bytes);
        }
    }
}
