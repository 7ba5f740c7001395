//! Records read back as they were written, and cut or older ones are understood or refused.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::group::classic::{Client, SavedMember, Snapshot};
use crate::group::ids::Generation;
use crate::types::{LeaderEpoch, Offset, PartitionId, Timestamp, TopicId, TopicName};

fn at() -> TopicPartition {
    TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(2))
}

fn committed() -> CommittedOffset {
    CommittedOffset {
        offset: Offset(42),
        leader_epoch: LeaderEpoch(7),
        metadata: "note".into(),
        committed_at: Timestamp(1_700_000_000_000),
        expires_at: None,
        topic_id: None,
    }
}

fn saved() -> SavedGroup {
    let member = |name: &str, instance: Option<&str>| SavedMember {
        member: name.into(),
        instance: instance.map(Into::into),
        client: Client {
            id: "client".into(),
            host: "/127.0.0.1".into(),
        },
        session_timeout: Duration::from_secs(45),
        rebalance_timeout: Duration::from_secs(300),
        subscription: Bytes::from_static(b"topics"),
        assignment: Bytes::from_static(b"share"),
    };
    SavedGroup {
        snapshot: Snapshot {
            protocol_type: Some("consumer".into()),
            generation: Generation(3),
            protocol: Some("range".into()),
            leader: Some("a".into()),
            members: vec![member("a", None), member("b", Some("static"))],
        },
        since: Timestamp(1_700_000_000_000),
    }
}

fn samples() -> Vec<Record> {
    let group = GroupId::new("g");
    let offset = |committed| Record::Offset {
        group: group.clone(),
        at: at(),
        committed,
    };
    let id = TopicId::random();
    vec![
        offset(None),
        offset(Some(committed())),
        offset(Some(CommittedOffset {
            topic_id: Some(id),
            ..committed()
        })),
        offset(Some(CommittedOffset {
            expires_at: Some(Timestamp(1_800_000_000_000)),
            leader_epoch: LeaderEpoch::NONE,
            ..committed()
        })),
        Record::Group {
            group: group.clone(),
            saved: None,
        },
        Record::Group {
            group,
            saved: Some(saved()),
        },
    ]
}

#[test]
fn every_record_reads_back_as_it_was_written() {
    for record in samples() {
        let (key, value) = record.encode();
        assert_eq!(Record::decode(&key, value.as_ref()), Ok(Some(record)));
    }
}

#[test]
fn a_record_cut_at_any_byte_is_refused() {
    for record in samples() {
        let (key, value) = record.encode();
        for end in 0..key.len() {
            assert!(
                Record::decode(&key.slice(..end), value.as_ref()).is_err(),
                "{record:?} with {end} bytes of key"
            );
        }
        for (end, value) in value
            .iter()
            .flat_map(|value| (0..value.len()).map(move |end| (end, value.slice(..end))))
        {
            assert!(
                Record::decode(&key, Some(&value)).is_err(),
                "{record:?} with {end} bytes of value"
            );
        }
    }
}

#[test]
fn the_bytes_are_those_of_kafka() {
    let (key, value) = Record::Offset {
        group: GroupId::new("g"),
        at: at(),
        committed: Some(committed()),
    }
    .encode();
    assert_eq!(key, b"\0\x01\0\x01g\0\x06orders\0\0\0\x02"[..]);
    let value = value.unwrap();
    assert_eq!(
        value,
        b"\0\x03\0\0\0\0\0\0\0\x2a\0\0\0\x07\0\x04note\0\0\x01\x8b\xcf\xe5\x68\0"[..]
    );
}

#[test]
fn values_of_older_brokers_are_understood() {
    let (key, _) = Record::Offset {
        group: GroupId::new("g"),
        at: at(),
        committed: None,
    }
    .encode();
    for version in [b"\0\0", b"\0\x02"] {
        let value = [
            &version[..],
            b"\0\0\0\0\0\0\0\x2a\0\x04note\0\0\0\0\0\0\0\x01",
        ]
        .concat()
        .into();
        let expected = CommittedOffset {
            leader_epoch: LeaderEpoch::NONE,
            committed_at: Timestamp(1),
            ..committed()
        };
        let read = Record::decode(&key, Some(&value)).unwrap();
        assert_eq!(
            read,
            Some(Record::Offset {
                group: GroupId::new("g"),
                at: at(),
                committed: Some(expected)
            })
        );
    }
}

#[test]
fn records_of_other_protocols_are_left_alone_and_newer_values_are_refused() {
    assert_eq!(
        Record::decode(&Bytes::from_static(b"\0\x03\0\x01g"), None),
        Ok(None)
    );
    let key = Bytes::from_static(b"\0\x02\0\x01g");
    let newer = Record::decode(&key, Some(&Bytes::from_static(b"\0\x63")));
    assert_eq!(
        newer,
        Err(BadRecord::Version {
            what: "group",
            version: 99
        })
    );
}
