//! The request of Fetch.

use bytes::Bytes;

use crate::wire::{Decode, KafkaString, KafkaUuid, WireError, read};

/// A consumer's request for records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchRequest {
    /// Longest wait for `min_bytes`, in milliseconds.
    pub(crate) max_wait_ms: i32,
    pub(crate) min_bytes: i32,
    pub(crate) max_bytes: i32,
    /// 0 reads uncommitted, 1 reads committed.
    pub(crate) isolation_level: i8,
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    pub(crate) topics: Vec<FetchTopic>,
    /// Partitions that leave the session.
    pub(crate) forgotten: Vec<ForgottenTopic>,
}

/// Named by `name` up to version 12 and by `id` after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<FetchPartition>,
}

/// From where one partition is read, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FetchPartition {
    pub(crate) index: i32,
    /// The leader epoch the client knows; -1 does not ask for a check.
    pub(crate) current_leader_epoch: i32,
    pub(crate) fetch_offset: i64,
    /// Epoch of the last record the client has; -1 does not ask for a check.
    pub(crate) last_fetched_epoch: i32,
    pub(crate) max_bytes: i32,
}

/// Partitions of one topic that leave the session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ForgottenTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<i32>,
}

impl Decode for FetchRequest {
    fn decode(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        if version <= 14 {
            // Every reader is answered as a consumer. Later versions have the id in a tag.
            read::i32(buf, "replica id")?;
        }
        let max_wait_ms = read::i32(buf, "max wait")?;
        let min_bytes = read::i32(buf, "min bytes")?;
        let max_bytes = read::i32(buf, "max bytes")?;
        let isolation_level = read::i8(buf, "isolation level")?;
        let (session_id, session_epoch) = if version >= 7 {
            (
                read::i32(buf, "session id")?,
                read::i32(buf, "session epoch")?,
            )
        } else {
            (0, -1)
        };
        let topics = read::array(buf, flexible, "topics", |buf| {
            FetchTopic::read(buf, version)
        })?;
        let forgotten = if version >= 7 {
            read::array(buf, flexible, "forgotten topics", |buf| {
                ForgottenTopic::read(buf, version)
            })?
        } else {
            Vec::new()
        };
        if version >= 11 {
            // One broker, one rack: there is no closer replica to name.
            read::string(buf, flexible, "rack id")?;
        }
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            max_wait_ms,
            min_bytes,
            max_bytes,
            isolation_level,
            session_id,
            session_epoch,
            topics,
            forgotten,
        })
    }
}

impl FetchTopic {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        let (name, id) = topic(buf, version)?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            FetchPartition::read(buf, version)
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            name,
            id,
            partitions,
        })
    }
}

impl FetchPartition {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let index = read::i32(buf, "partition")?;
        let current_leader_epoch = if version >= 9 {
            read::i32(buf, "current leader epoch")?
        } else {
            -1
        };
        let fetch_offset = read::i64(buf, "fetch offset")?;
        let last_fetched_epoch = if version >= 12 {
            read::i32(buf, "last fetched epoch")?
        } else {
            -1
        };
        if version >= 5 {
            // Only followers have a log start of their own.
            read::i64(buf, "log start offset")?;
        }
        let max_bytes = read::i32(buf, "partition max bytes")?;
        if version >= 12 {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            index,
            current_leader_epoch,
            fetch_offset,
            last_fetched_epoch,
            max_bytes,
        })
    }
}

impl ForgottenTopic {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        let (name, id) = topic(buf, version)?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            read::i32(buf, "partition")
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            name,
            id,
            partitions,
        })
    }
}

fn topic(buf: &mut Bytes, version: i16) -> Result<(KafkaString, KafkaUuid), WireError> {
    if version >= 13 {
        Ok((KafkaString::default(), read::uuid(buf, "topic id")?))
    } else {
        Ok((
            read::string(buf, version >= 12, "topic name")?,
            KafkaUuid::ZERO,
        ))
    }
}
