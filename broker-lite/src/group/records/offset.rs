//! `OffsetCommitKey` and `OffsetCommitValue`.
//!
//! | value version | fields |
//! | --- | --- |
//! | 0, 2 | offset, metadata, commit time |
//! | 1 | and when it expires |
//! | 3 | offset, leader epoch, metadata, commit time |
//! | 4 | the same, flexible, with the topic's id in tag 0 |
//!
//! The oldest version that has all fields is written, so that older tools can read most records.

use bytes::{BufMut, Bytes, BytesMut};

use crate::group::committed::CommittedOffset;
use crate::state_log::{BadRecord, field};
use crate::types::{
    GroupId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicId, TopicName, TopicPartition,
};

/// The version of a key, which says that it is a committed offset's.
pub(super) const KEY_VERSION: i16 = 1;
/// The same from before Kafka 0.9; only read.
pub(super) const KEY_VERSION_0: i16 = 0;

const TOPIC_ID_TAG: u32 = 0;

pub(super) fn encode_key(group: &GroupId, at: &TopicPartition) -> Bytes {
    let mut buf = BytesMut::new();
    buf.put_i16(KEY_VERSION);
    field::put_text(&mut buf, group.as_str());
    field::put_text(&mut buf, at.topic.as_str());
    buf.put_i32(at.partition.0);
    buf.freeze()
}

pub(super) fn decode_key(key: &mut Bytes) -> Result<(GroupId, TopicPartition), BadRecord> {
    let group = GroupId::new(&field::text(key, "group")?);
    let topic = field::text(key, "topic")?;
    let topic = TopicName::new(&topic).map_err(|_| BadRecord::Malformed { field: "topic" })?;
    Ok((
        group,
        TopicPartition::new(topic, PartitionId(field::i32(key, "partition")?)),
    ))
}

pub(super) fn encode_value(committed: &CommittedOffset) -> Bytes {
    let mut buf = BytesMut::new();
    if let Some(expires_at) = committed.expires_at {
        buf.put_i16(1);
        buf.put_i64(committed.offset.0);
        field::put_text(&mut buf, &committed.metadata);
        buf.put_i64(committed.committed_at.0);
        buf.put_i64(expires_at.0);
        return buf.freeze();
    }
    buf.put_i16(if committed.topic_id.is_some() { 4 } else { 3 });
    buf.put_i64(committed.offset.0);
    buf.put_i32(committed.leader_epoch.0);
    if let Some(id) = committed.topic_id {
        field::put_compact_text(&mut buf, &committed.metadata);
        buf.put_i64(committed.committed_at.0);
        for number in [1, TOPIC_ID_TAG, 16] {
            field::put_varint(&mut buf, number);
        }
        buf.put_slice(&id.to_bytes());
    } else {
        field::put_text(&mut buf, &committed.metadata);
        buf.put_i64(committed.committed_at.0);
    }
    buf.freeze()
}

pub(super) fn decode_value(value: &mut Bytes) -> Result<CommittedOffset, BadRecord> {
    let version = field::i16(value, "value version")?;
    if !(0..=4).contains(&version) {
        return Err(BadRecord::Version {
            what: "committed offset",
            version,
        });
    }
    let offset = Offset(field::i64(value, "offset")?);
    let leader_epoch = if version >= 3 {
        LeaderEpoch(field::i32(value, "leader epoch")?)
    } else {
        LeaderEpoch::NONE
    };
    let metadata = if version >= 4 {
        field::compact_text(value, "metadata")?
    } else {
        field::text(value, "metadata")?
    };
    let committed_at = Timestamp(field::i64(value, "commit time")?);
    let expires_at = if version == 1 {
        Some(Timestamp(field::i64(value, "expiry")?))
    } else {
        None
    };
    let topic_id = if version >= 4 { topic_id(value)? } else { None };
    Ok(CommittedOffset {
        offset,
        leader_epoch,
        metadata,
        committed_at,
        expires_at: expires_at.filter(|at| *at != Timestamp::NONE),
        topic_id,
    })
}

fn topic_id(value: &mut Bytes) -> Result<Option<TopicId>, BadRecord> {
    let mut found = None;
    for _ in 0..field::varint(value, "tag count")? {
        let tag = field::varint(value, "tag")?;
        let size = field::varint(value, "tag size")?;
        let bytes = field::take(value, size, "tagged field")?;
        if tag == TOPIC_ID_TAG {
            let bytes = bytes
                .as_ref()
                .try_into()
                .map_err(|_| BadRecord::Malformed { field: "topic id" })?;
            found = TopicId::from_bytes(bytes);
        }
    }
    Ok(found)
}
