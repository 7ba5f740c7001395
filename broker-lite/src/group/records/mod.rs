//! The records of `__consumer_offsets`: Kafka's own, so that its tools can read them.
//!
//! A key begins with its version, which also says what it is: 0 and 1 are a committed offset, 2 is
//! a group. A record without a value, a tombstone, deletes its key. Keys of
//! other versions belong to protocols that this broker does not support.

mod offset;
mod group;

use bytes::{Buf, Bytes};

use super::classic::Snapshot;
use super::committed::CommittedOffset;
use crate::state_log::{BadRecord, StateRecord};
use crate::types::{GroupId, Timestamp, TopicPartition};

/// One record of `__consumer_offsets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    /// A committed offset, or `None` as its tombstone.
    Offset {
        group: GroupId,
        at: TopicPartition,
        committed: Option<CommittedOffset>,
    },
    /// The members of a stable or empty group, or `None` as its tombstone.
    Group {
        group: GroupId,
        saved: Option<SavedGroup>,
    },
}

/// A stable or empty group, and since when it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedGroup {
    pub(crate) snapshot: Snapshot,
    pub(crate) since: Timestamp,
}

const OFFSET_KEY_V0: i16 = 0;
const OFFSET_KEY: i16 = 1;
const GROUP_KEY: i16 = 2;

impl StateRecord for Record {
    fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            Self::Offset {
                group,
                at,
                committed,
            } => (
                offset::encode_key(group, at),
                committed.as_ref().map(offset::encode_value),
            ),
            Self::Group { group, saved } => (
                group::encode_key(group),
                saved.as_ref().map(group::encode_value),
            ),
        }
    }

    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, BadRecord> {
        let (mut key, mut value) = (key.clone(), value.cloned());
        let version = key.try_get_i16().map_err(|_| BadRecord::Short {
            field: "key version",
        })?;
        match version {
            OFFSET_KEY_V0 | OFFSET_KEY => {
                let (group, at) = offset::decode_key(&mut key)?;
                let committed = value.as_mut().map(offset::decode_value).transpose()?;
                Ok(Some(Self::Offset {
                    group,
                    at,
                    committed,
                }))
            }
            GROUP_KEY => {
                let group = group::decode_key(&mut key)?;
                let saved = value.as_mut().map(group::decode_value).transpose()?;
                Ok(Some(Self::Group { group, saved }))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
