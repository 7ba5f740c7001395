//! What goes in comes out, and it is what Kafka's own serializers would have written.

use proptest::prelude::*;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::{decode, encode};
use crate::codec::Json;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CardNo(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    hall: u8,
    seat: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Colour {
    Red,
    Mixed(u8, u8),
}

/// Bytes as serde sees them.
#[derive(Debug, Clone, PartialEq)]
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl Visitor<'_> for Any {
            type Value = Blob;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
        }

        deserializer.deserialize_byte_buf(Any)
    }
}

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, bytes: &[u8]) {
    let written = encode(&value).expect("it has bytes");
    assert_eq!(written.as_deref(), Some(bytes), "bytes of {value:?}");
    assert_eq!(decode::<T>(Some(bytes)).expect("it comes back"), value);
}

#[test]
fn scalars_are_written_as_kafkas_serializers_write_them() {
    check("grün".to_owned(), "grün".as_bytes());
    check(String::new(), b"");
    check('ß', "ß".as_bytes());
    check(258_i32, &[0, 0, 1, 2]);
    check(-2_i64, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    check(258_i16, &[1, 2]);
    check(u64::MAX, &[0xff; 8]);
    check(1.5_f64, &1.5_f64.to_be_bytes());
    check(true, &[1]);
    check(Blob(vec![0, 0xff]), b"\x00\xff");
    check(Uuid::from_u128(7), b"00000000-0000-0000-0000-000000000007");
}

#[test]
fn wrappers_are_seen_through_and_structure_is_json() {
    check(CardNo("2026001".to_owned()), b"2026001");
    check(Some(5_i32), &[0, 0, 0, 5]);
    check(Place { hall: 1, seat: None }, br#"{"hall":1,"seat":null}"#);
    check(vec![1, 2], b"[1,2]");
    check(Colour::Red, b"Red");
    check(Colour::Mixed(1, 2), br#"{"Mixed":[1,2]}"#);
    check(serde_json::json!({"a": 1}), br#"{"a":1}"#);
    check(Json("text".to_owned()), br#""text""#);
    check(Json(7), b"7");
}

#[test]
fn null_is_none() {
    assert_eq!(encode(&None::<i32>).unwrap(), None);
    assert_eq!(encode(&()).unwrap(), None);
    assert_eq!(decode::<Option<i32>>(None).unwrap(), None);
    decode::<()>(None).unwrap();
    assert!(decode::<i32>(None).is_err());
    assert!(decode::<String>(None).is_err());
}

#[test]
fn text_and_bytes_can_be_read_without_a_copy() {
    assert_eq!(decode::<&str>(Some(b"borrowed")).unwrap(), "borrowed");
    assert_eq!(decode::<&[u8]>(Some(b"\xff")).unwrap(), b"\xff");
}

#[test]
fn an_integer_may_be_shorter_or_longer_than_its_type() {
    assert_eq!(decode::<i64>(Some(&[0xff, 0xfe])).unwrap(), -2);
    assert_eq!(decode::<u64>(Some(&[0xff, 0xfe])).unwrap(), 0xfffe);
    assert_eq!(decode::<i32>(Some(&7_i64.to_be_bytes())).unwrap(), 7);
    assert!(decode::<i32>(Some(&i64::MAX.to_be_bytes())).is_err());
    assert!(decode::<i32>(Some(&[])).is_err());
    assert!(decode::<i32>(Some(&[0; 9])).is_err());
}

#[test]
fn a_fault_says_what_was_wrong() {
    let fault = |error: super::super::DecodeError| {
        format!("{error}: {}", std::error::Error::source(&error).expect("it has a source"))
    };
    let not_text = decode::<String>(Some(b"\xff")).unwrap_err();
    assert!(fault(not_text).starts_with("not valid plain value: invalid utf-8 sequence"));
    let not_a_bool = decode::<bool>(Some(&[2])).unwrap_err();
    assert_eq!(fault(not_a_bool), "not valid plain value: a bool is the byte 0 or 1, not 2");
}

proptest! {
    #[test]
    fn every_number_and_text_comes_back(a: i64, b: i32, c: u32, d: String, e: Vec<u8>) {
        prop_assert_eq!(decode::<i64>(encode(&a).unwrap().as_deref()).unwrap(), a);
        prop_assert_eq!(decode::<i32>(encode(&b).unwrap().as_deref()).unwrap(), b);
        prop_assert_eq!(decode::<u32>(encode(&c).unwrap().as_deref()).unwrap(), c);
        prop_assert_eq!(decode::<String>(encode(&d).unwrap().as_deref()).unwrap(), d);
        let e = Blob(e);
        prop_assert_eq!(decode::<Blob>(encode(&e).unwrap().as_deref()).unwrap(), e);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        let bytes = Some(bytes.as_slice());
        drop((decode::<i32>(bytes), decode::<Colour>(bytes), decode::<Place>(bytes), decode::<Uuid>(bytes)));
        drop((decode::<serde_json::Value>(bytes), decode::<Json<CardNo>>(bytes), decode::<f32>(bytes)));
    }
}
