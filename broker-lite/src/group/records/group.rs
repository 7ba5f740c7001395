//! `GroupMetadataKey` and `GroupMetadataValue`, which is written as version 3 and read from version
//! 0 on.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use crate::group::classic::{Client, SavedMember, Snapshot};
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::state_log::{BadRecord, field};
use crate::types::{GroupId, Timestamp};

/// The version of a key, which says that it is a group's.
pub(super) const KEY_VERSION: i16 = 2;

const VERSION: i16 = 3;

/// A stable or empty group, and since when it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedGroup {
    pub(crate) snapshot: Snapshot,
    pub(crate) since: Timestamp,
}

pub(super) fn encode_key(group: &GroupId) -> Bytes {
    let mut buf = BytesMut::new();
    buf.put_i16(KEY_VERSION);
    field::put_text(&mut buf, group.as_str());
    buf.freeze()
}

pub(super) fn decode_key(key: &mut Bytes) -> Result<GroupId, BadRecord> {
    Ok(GroupId::new(&field::text(key, "group")?))
}

pub(super) fn encode_value(saved: &SavedGroup) -> Bytes {
    let SavedGroup { snapshot, since } = saved;
    let mut buf = BytesMut::new();
    buf.put_i16(VERSION);
    field::put_text(
        &mut buf,
        snapshot.protocol_type.as_deref().unwrap_or_default(),
    );
    buf.put_i32(snapshot.generation.0);
    field::put_nullable_text(&mut buf, snapshot.protocol.as_deref());
    field::put_nullable_text(&mut buf, snapshot.leader.as_ref().map(MemberId::as_str));
    buf.put_i64(since.0);
    field::put_count(&mut buf, snapshot.members.len());
    for member in &snapshot.members {
        put_member(&mut buf, member);
    }
    buf.freeze()
}

fn put_member(buf: &mut BytesMut, member: &SavedMember) {
    field::put_text(buf, member.member.as_str());
    field::put_nullable_text(buf, member.instance.as_ref().map(InstanceId::as_str));
    field::put_text(buf, &member.client.id);
    field::put_text(buf, &member.client.host);
    put_millis(buf, member.rebalance_timeout);
    put_millis(buf, member.session_timeout);
    field::put_bytes(buf, &member.subscription);
    field::put_bytes(buf, &member.assignment);
}

pub(super) fn decode_value(value: &mut Bytes) -> Result<SavedGroup, BadRecord> {
    let version = field::i16(value, "value version")?;
    if !(0..=VERSION).contains(&version) {
        return Err(BadRecord::Version {
            what: "group",
            version,
        });
    }
    let protocol_type = field::text(value, "protocol type")?;
    let generation = Generation(field::i32(value, "generation")?);
    let protocol = field::nullable_text(value, "protocol")?;
    let leader = field::nullable_text(value, "leader")?;
    let since = if version >= 2 {
        Timestamp(field::i64(value, "state time")?)
    } else {
        Timestamp::NONE
    };
    let count = field::i32(value, "member count")?;
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(member(value, version)?);
    }
    let snapshot = Snapshot {
        protocol_type: Some(protocol_type).filter(|kind| !kind.is_empty()),
        generation,
        protocol,
        leader: leader.map(MemberId::from),
        members,
    };
    Ok(SavedGroup { snapshot, since })
}

fn member(value: &mut Bytes, version: i16) -> Result<SavedMember, BadRecord> {
    let member = field::text(value, "member id")?.into();
    let instance = if version >= 3 {
        field::nullable_text(value, "instance id")?
    } else {
        None
    };
    let client = Client {
        id: field::text(value, "client id")?,
        host: field::text(value, "client host")?,
    };
    let rebalance = if version >= 1 {
        Some(millis(value, "rebalance timeout")?)
    } else {
        None
    };
    let session_timeout = millis(value, "session timeout")?;
    Ok(SavedMember {
        member,
        instance: instance.map(InstanceId::from),
        client,
        session_timeout,
        rebalance_timeout: rebalance.unwrap_or(session_timeout),
        subscription: field::bytes(value, "subscription")?,
        assignment: field::bytes(value, "assignment")?,
    })
}

fn millis(value: &mut Bytes, name: &'static str) -> Result<Duration, BadRecord> {
    let millis = u64::try_from(field::i32(value, name)?)
        .map_err(|_| BadRecord::Malformed { field: name })?;
    Ok(Duration::from_millis(millis))
}

fn put_millis(buf: &mut BytesMut, span: Duration) {
    buf.put_i32(i32::try_from(span.as_millis()).unwrap_or(i32::MAX));
}
