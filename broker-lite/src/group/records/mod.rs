//! The records of `__consumer_offsets`: Kafka's own, so that its tools can read them.
//!
//! A key begins with its version, which also says what it is: 0 and 1 are a committed offset, 2 is
//! a group. A record without a value, a tombstone, deletes its key. Keys of
//! other versions belong to protocols that this broker does not support.

mod offset;
mod group;

use bytes::{Buf, Bytes};
pub(crate) use group::SavedGroup;

use super::committed::CommittedOffset;
use crate::state_log::{BadRecord, StateRecord};
use crate::types::{GroupId, TopicPartition};

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
            offset::KEY_VERSION_0 | offset::KEY_VERSION => {
                let (group, at) = offset::decode_key(&mut key)?;
                let committed = value.as_mut().map(offset::decode_value).transpose()?;
                Ok(Some(Self::Offset {
                    group,
                    at,
                    committed,
                }))
            }
            group::KEY_VERSION => {
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
