//! Records in batches: one arena of bytes per batch, and a head per record.
//!
//! The poll thread copies what a client hands out into one arena, so that a handler can never hold
//! a client's own buffer. A [`Record`] is a share of its batch and an index: cheap to clone and to
//! send.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::headers::HeadersRef;
use super::layout::{Head, HeaderSpan, Span};
use crate::types::{Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition};

/// One consumed record. Cloning shares its batch.
#[derive(Clone)]
pub struct Record {
    batch: Arc<RecordBatch>,
    index: usize,
}

/// Records that were taken from a client together, in the order they came.
pub struct RecordBatch {
    arena: Bytes,
    sources: Vec<TopicPartition>,
    heads: Vec<Head>,
    headers: Vec<HeaderSpan>,
}

/// Collects records into a batch.
#[derive(Debug, Default)]
pub struct RecordBatchBuilder {
    arena: BytesMut,
    sources: Vec<TopicPartition>,
    heads: Vec<Head>,
    headers: Vec<HeaderSpan>,
}

/// A record as a client hands it over, to be copied into a batch.
#[derive(Debug, Clone, Copy)]
pub struct RecordParts<'a> {
    /// Place of the record in its partition.
    pub offset: Offset,
    /// The record's time, and the kind of time it is.
    pub timestamp: (Timestamp, TimestampType),
    /// The key; `None` is a null key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
}

impl Record {
    /// The topic it was read from.
    #[must_use]
    pub fn topic(&self) -> &TopicName {
        &self.source().topic
    }

    /// The partition it was read from.
    #[must_use]
    pub fn partition(&self) -> PartitionId {
        self.source().partition
    }

    /// Topic and partition.
    #[must_use]
    pub fn source(&self) -> &TopicPartition {
        self.batch.source_of(self.index)
    }

    /// Returns the record's offset.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.head().offset
    }

    /// Returns the record's time; [`Timestamp::NONE`] if it has none.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.head().timestamp
    }

    /// Returns the kind of time that [`timestamp`](Self::timestamp) is.
    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        self.head().timestamp_type
    }

    /// The key; `None` is a null key, which is not the same as an empty one.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.head().key.map(|span| span.slice(&self.batch.arena))
    }

    /// The key as shared bytes, without a copy.
    #[must_use]
    pub fn key_bytes(&self) -> Option<Bytes> {
        self.head().key.map(|span| span.share(&self.batch.arena))
    }

    /// The payload; `None` is a tombstone, which is not the same as an empty payload.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.head()
            .payload
            .map(|span| span.slice(&self.batch.arena))
    }

    /// The payload as shared bytes, without a copy.
    #[must_use]
    pub fn payload_bytes(&self) -> Option<Bytes> {
        self.head()
            .payload
            .map(|span| span.share(&self.batch.arena))
    }

    /// The headers, in order.
    #[must_use]
    pub fn headers(&self) -> HeadersRef<'_> {
        let (from, to) = self.head().headers;
        let spans = self
            .batch
            .headers
            .get(from as usize..to as usize)
            .unwrap_or_default();
        HeadersRef {
            arena: &self.batch.arena,
            spans,
        }
    }

    fn head(&self) -> &Head {
        self.batch.head(self.index)
    }
}

impl RecordBatch {
    /// Returns an empty batch, to be filled.
    #[must_use]
    pub fn builder() -> RecordBatchBuilder {
        RecordBatchBuilder::default()
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The record at `index`, sharing this batch; `None` past the end.
    #[must_use]
    pub fn record(self: &Arc<Self>, index: usize) -> Option<Record> {
        (index < self.heads.len()).then(|| Record {
            batch: Arc::clone(self),
            index,
        })
    }

    /// The batch's memory, to be filled again; `None` when somebody still shares some of it.
    pub(crate) fn recycle(self: Arc<Self>) -> Option<RecordBatchBuilder> {
        let Self {
            arena,
            mut sources,
            mut heads,
            mut headers,
        } = Arc::into_inner(self)?;
        let mut arena = arena.try_into_mut().ok()?;
        arena.clear();
        sources.clear();
        heads.clear();
        headers.clear();
        Some(RecordBatchBuilder {
            arena,
            sources,
            heads,
            headers,
        })
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a Record is only made with an index below the number of heads"
    )]
    fn head(&self, index: usize) -> &Head {
        &self.heads[index]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a head's source is an index into the table it was pushed with"
    )]
    fn source_of(&self, index: usize) -> &TopicPartition {
        &self.sources[self.head(index).source as usize]
    }
}

impl RecordBatchBuilder {
    /// Makes room for `records` records of `bytes` bytes in all.
    pub fn reserve(&mut self, records: usize, bytes: usize) {
        self.heads.reserve(records);
        self.arena.reserve(bytes);
    }

    /// Copies a record behind those that are there; its headers follow with
    /// [`header`](Self::header).
    ///
    /// Answers `false`, and takes nothing, when the batch would pass 4 GiB.
    #[must_use]
    pub fn push(&mut self, source: &TopicPartition, parts: RecordParts<'_>) -> bool {
        let more = parts.key.map_or(0, <[u8]>::len) + parts.payload.map_or(0, <[u8]>::len);
        let Some(source) = self.fits(more).then(|| self.source_index(source)).flatten() else {
            return false;
        };
        let key = parts.key.map(|bytes| self.copy(bytes));
        let payload = parts.payload.map(|bytes| self.copy(bytes));
        let at = u32::try_from(self.headers.len()).unwrap_or(u32::MAX);
        let (timestamp, timestamp_type) = parts.timestamp;
        self.heads.push(Head {
            source,
            offset: parts.offset,
            timestamp,
            timestamp_type,
            key,
            payload,
            headers: (at, at),
        });
        true
    }

    /// Adds a header to the record that was pushed last. Answers `false` when the batch would pass
    /// 4 GiB.
    #[must_use]
    pub fn header(&mut self, name: &[u8], value: Option<&[u8]>) -> bool {
        if self.heads.is_empty() || !self.fits(name.len() + value.map_or(0, <[u8]>::len)) {
            return false;
        }
        let name = self.copy(name);
        let value = value.map(|bytes| self.copy(bytes));
        self.headers.push(HeaderSpan { name, value });
        let end = u32::try_from(self.headers.len()).unwrap_or(u32::MAX);
        if let Some(head) = self.heads.last_mut() {
            head.headers.1 = end;
        }
        true
    }

    /// Returns the number of records so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether it has none so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Returns the number of bytes it has room for without another allocation.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.arena.capacity()
    }

    /// Returns the bytes of keys, payloads and headers so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.len()
    }

    /// The batch, ready to be shared.
    #[must_use]
    pub fn build(self) -> Arc<RecordBatch> {
        let Self {
            arena,
            sources,
            heads,
            headers,
        } = self;
        Arc::new(RecordBatch {
            arena: arena.freeze(),
            sources,
            heads,
            headers,
        })
    }

    fn fits(&self, more: usize) -> bool {
        u32::try_from(self.arena.len() + more).is_ok()
    }

    /// Records of one partition come in a row, so the last source nearly always matches.
    fn source_index(&mut self, source: &TopicPartition) -> Option<u32> {
        let is_it = |known: &TopicPartition| {
            known.partition == source.partition && known.topic == source.topic
        };
        let found = self.sources.iter().rposition(is_it);
        let index = found.unwrap_or_else(|| {
            self.sources.push(source.clone());
            self.sources.len() - 1
        });
        u32::try_from(index).ok()
    }

    fn copy(&mut self, bytes: &[u8]) -> Span {
        let start = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        self.arena.extend_from_slice(bytes);
        Span {
            start,
            end: u32::try_from(self.arena.len()).unwrap_or(u32::MAX),
        }
    }
}

/// Shows where the record stands, never what it carries.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({}@{})", self.source(), self.offset())
    }
}

impl fmt::Debug for RecordBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordBatch")
            .field("sources", &self.sources)
            .field("records", &self.heads.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders() -> TopicPartition {
        TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(3))
    }

    fn parts<'a>(offset: i64, key: Option<&'a [u8]>, payload: Option<&'a [u8]>) -> RecordParts<'a> {
        RecordParts {
            offset: Offset(offset),
            timestamp: (Timestamp(7), TimestampType::CreateTime),
            key,
            payload,
        }
    }

    #[test]
    fn null_and_empty_stay_apart() {
        let mut batch = RecordBatch::builder();
        assert!(batch.push(&orders(), parts(0, None, Some(b""))));
        assert!(batch.push(&orders(), parts(1, Some(b""), None)));
        let batch = batch.build();
        let (first, second) = (batch.record(0).unwrap(), batch.record(1).unwrap());
        assert_eq!((first.key(), first.payload()), (None, Some(b"".as_slice())));
        assert_eq!(
            (second.key(), second.payload()),
            (Some(b"".as_slice()), None)
        );
        assert!(batch.record(2).is_none());
    }

    #[test]
    fn headers_repeat_and_the_last_one_counts() {
        let mut batch = RecordBatch::builder();
        assert!(!batch.header(b"early", None), "no record to carry it");
        assert!(batch.push(&orders(), parts(5, Some(b"k"), Some(b"v"))));
        assert!(batch.header(b"a", Some(b"1")));
        assert!(batch.header(b"\xff", None));
        assert!(batch.header(b"a", Some(b"2")));
        assert!(batch.push(&orders(), parts(6, None, None)));
        let batch = batch.build();
        let record = batch.record(0).unwrap();
        assert_eq!(record.headers().len(), 3);
        assert_eq!(record.headers().last("a"), Some(Some(b"2".as_slice())));
        assert_eq!(
            record.headers().iter().nth(1),
            Some((b"\xff".as_slice(), None))
        );
        assert!(batch.record(1).unwrap().headers().is_empty());
    }

    #[test]
    fn a_batch_that_nobody_shares_is_filled_again_in_the_same_memory() {
        let mut batch = RecordBatch::builder();
        assert!(batch.push(&orders(), parts(0, Some(b"key"), Some(&[7; 4000]))));
        let capacity = batch.capacity();
        let batch = batch.build();
        let payload = batch.record(0).unwrap().payload_bytes();
        assert!(
            Arc::clone(&batch).recycle().is_none(),
            "a batch that is shared"
        );
        let batch = RecordBatch::recycle(batch);
        assert!(batch.is_none(), "a payload that is shared");
        assert_eq!(payload.unwrap().len(), 4000);

        let mut batch = RecordBatch::builder();
        assert!(batch.push(&orders(), parts(0, Some(b"key"), Some(&[7; 4000]))));
        let batch = RecordBatch::recycle(batch.build()).unwrap();
        assert!(batch.is_empty() && batch.bytes() == 0);
        assert_eq!(batch.capacity(), capacity);
    }

    #[test]
    fn debug_shows_coordinates_and_no_payload() {
        let mut batch = RecordBatch::builder();
        assert!(batch.push(&orders(), parts(42, Some(b"secret"), Some(b"secret"))));
        assert!(batch.header(b"token", Some(b"secret")));
        assert!(batch.header(b"none", None));
        let record = batch.build().record(0).unwrap();
        assert_eq!(format!("{record:?}"), "Record(orders-3@42)");
        assert_eq!(
            format!("{:?}", record.headers()),
            r#"["token: 6 bytes", "none: none"]"#
        );
    }
}
