//! What handlers get from records.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ContextMaker, FromRecord, Key, ListenerId, Metadata, RecordContext, Rejection, StateMap,
};
use crate::client::{Headers, Record, RecordBatch, RecordParts};
use crate::codec::{Event, Json, Plain, Text};
use crate::types::{
    GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition,
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Ping {
    n: u32,
}

impl Event for Ping {
    const TOPIC: &'static str = "pings";
}

#[derive(Debug, PartialEq, Deserialize)]
struct CardNo(String);

type Header<'a> = (&'a [u8], Option<&'a [u8]>);

fn delivery(key: Option<&[u8]>, payload: Option<&[u8]>, headers: &[Header<'_>]) -> RecordContext {
    let source = TopicPartition::new(TopicName::new("pings").unwrap(), PartitionId(2));
    let timestamp = (Timestamp(5), TimestampType::LogAppendTime);
    let mut batch = RecordBatch::builder();
    assert!(batch.push(
        &source,
        RecordParts {
            offset: Offset(9),
            timestamp,
            key,
            payload
        }
    ));
    for (name, value) in headers {
        assert!(batch.header(name, *value));
    }
    let maker = ContextMaker::new(
        ListenerId::new("l"),
        GroupId::new("g").unwrap(),
        StateMap::new(),
    );
    maker.context(batch.build().record(0).unwrap(), 3)
}

fn take<T: FromRecord>(cx: &RecordContext) -> Result<T, String> {
    T::from_record(cx).map_err(|rejection| rejection.to_string())
}

#[test]
fn a_payload_is_what_its_type_says() {
    let cx = delivery(None, Some(br#"{"n":1}"#), &[]);
    assert_eq!(take::<Ping>(&cx), Ok(Ping { n: 1 }));
    assert_eq!(take::<Json<Ping>>(&cx), Ok(Json(Ping { n: 1 })));
    assert_eq!(
        take::<Text>(&cx).map(|text| text.0),
        Ok(r#"{"n":1}"#.to_owned())
    );
    assert_eq!(take::<Bytes>(&cx), Ok(Bytes::from_static(br#"{"n":1}"#)));
    assert_eq!(<Ping as FromRecord>::TOPIC, Some("pings"));
    assert_eq!(<Option<Ping> as FromRecord>::TOPIC, Some("pings"));
    assert_eq!(<Json<Ping> as FromRecord>::TOPIC, None);
}

#[test]
fn a_tombstone_is_missing_and_garbage_is_not() {
    let tombstone = delivery(None, None, &[]);
    assert_eq!(
        take::<Ping>(&tombstone),
        Err("the record has no payload".to_owned())
    );
    assert_eq!(take::<Option<Ping>>(&tombstone), Ok(None));
    let garbage = delivery(None, Some(b"{"), &[]);
    let said = "the record's payload is not a valid wellspring::extract::tests::Ping".to_owned();
    assert_eq!(take::<Option<Ping>>(&garbage), Err(said));
    assert!(matches!(
        take::<Result<Ping, Rejection>>(&garbage),
        Ok(Err(Rejection::Undecodable { .. }))
    ));
}

#[test]
fn a_key_is_read_as_kafkas_deserializers_read_it() {
    let key = |bytes: &[u8]| delivery(Some(bytes), None, &[]);
    assert_eq!(
        take::<Key<String>>(&key(b"2026001")),
        Ok(Key("2026001".to_owned()))
    );
    assert_eq!(
        take::<Key<CardNo>>(&key(b"2026001")),
        Ok(Key(CardNo("2026001".to_owned())))
    );
    assert_eq!(
        take::<Key<i64>>(&key(&[0, 0, 0, 0, 0, 0, 1, 2])),
        Ok(Key(258))
    );
    assert_eq!(take::<Key<i32>>(&key(&[0xff; 4])), Ok(Key(-1)));
    let id = Uuid::from_u128(7);
    assert_eq!(
        take::<Key<Uuid>>(&key(id.to_string().as_bytes())),
        Ok(Key(id))
    );
    assert_eq!(
        take::<Key<Json<Ping>>>(&key(br#"{"n":1}"#)),
        Ok(Key(Json(Ping { n: 1 })))
    );
    let odd = take::<Key<String>>(&key(b"\xff"));
    assert_eq!(
        odd,
        Err("the record's key is not a valid alloc::string::String".to_owned())
    );
}

#[test]
fn a_null_key_is_missing_and_an_empty_one_is_not() {
    assert_eq!(
        take::<Key<String>>(&delivery(None, None, &[])),
        Err("the record has no key".to_owned())
    );
    assert_eq!(
        take::<Option<Key<String>>>(&delivery(None, None, &[])),
        Ok(None)
    );
    assert_eq!(
        take::<Key<String>>(&delivery(Some(b""), None, &[])),
        Ok(Key(String::new()))
    );
}

#[test]
fn a_header_is_read_by_name_and_the_last_one_counts() {
    let cx = delivery(
        None,
        None,
        &[
            (b"source", Some(b"web")),
            (b"n", Some(&[0, 0, 0, 7])),
            (b"source", Some(b"app")),
            (b"null", None),
        ],
    );
    assert_eq!(cx.header::<&str>("source").unwrap(), "app");
    assert_eq!(cx.header::<i32>("n").unwrap(), 7);
    assert_eq!(cx.header::<Option<String>>("null").unwrap(), None);
    assert_eq!(cx.header_if_present::<String>("null").unwrap(), None);
    assert_eq!(cx.header_if_present::<String>("absent").unwrap(), None);
    let said = |rejection: Rejection| rejection.to_string();
    assert_eq!(
        cx.header::<String>("absent").map_err(said),
        Err("the record has no header \"absent\"".to_owned())
    );
    assert_eq!(
        cx.header::<i32>("null").map_err(said),
        Err("the record's header \"null\" is not a valid i32".to_owned())
    );
    assert!(
        cx.header_if_present::<i32>("source").is_err(),
        "three bytes are no i32"
    );
    assert!(cx.header_if_present::<Uuid>("source").is_err());
}

#[test]
fn a_number_in_words_is_no_number_unless_it_is_taken_as_text() {
    let cx = delivery(Some(b"12345"), Some(b"12345"), &[(b"attempt", Some(b"7"))]);
    assert!(cx.header::<i32>("attempt").is_err());
    assert!(cx.header_if_present::<i64>("attempt").is_err());
    assert!(matches!(
        cx.header::<u8>("attempt"),
        Err(Rejection::Undecodable { .. })
    ));
    assert!(take::<Key<i64>>(&cx).is_err() && take::<Plain<i64>>(&cx).is_err());
    assert_eq!(cx.header::<Text<i32>>("attempt").unwrap(), Text(7));
    assert_eq!(take::<Key<Text<i64>>>(&cx), Ok(Key(Text(12345))));
    assert_eq!(take::<Text<i64>>(&cx), Ok(Text(12345)));
}

#[test]
fn all_headers_come_in_order_unless_a_name_is_no_text() {
    let cx = delivery(
        None,
        None,
        &[(b"a", Some(b"1")), (b"b", None), (b"a", Some(b"2"))],
    );
    let headers = take::<Headers>(&cx).unwrap();
    let listed: Vec<_> = headers.iter().collect();
    assert_eq!(
        listed,
        [
            ("a", Some(b"1".as_slice())),
            ("b", None),
            ("a", Some(b"2".as_slice()))
        ]
    );
    let odd = delivery(None, None, &[(b"\xff", None)]);
    assert!(take::<Headers>(&odd).is_err());
    assert_eq!(take::<Record>(&odd).unwrap().headers().len(), 1);
}

#[test]
fn metadata_is_everything_but_the_contents() {
    let metadata = take::<Metadata>(&delivery(Some(b"k"), None, &[])).unwrap();
    assert_eq!(
        (metadata.topic.as_str(), metadata.partition, metadata.offset),
        ("pings", PartitionId(2), Offset(9))
    );
    assert_eq!(
        (metadata.timestamp, metadata.timestamp_type),
        (Timestamp(5), TimestampType::LogAppendTime)
    );
    assert_eq!((metadata.key_size, metadata.payload_size), (Some(1), None));
    assert_eq!(
        (
            metadata.attempt,
            metadata.listener.as_str(),
            metadata.group.as_str()
        ),
        (3, "l", "g")
    );
}
