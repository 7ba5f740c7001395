//! What goes in comes out, and it is what Kafka's own serializers would have written.

use proptest::prelude::*;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::{decode, encode};
use crate::codec::{Decode as _, Encode as _, Json, Plain, Text};

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

/// The bytes are those of the serializers of kafka-clients 4.3.1.
#[test]
fn scalars_have_the_bytes_of_kafkas_serializers() {
    check(-2_i16, b"\xff\xfe");
    check(258_i32, b"\x00\x00\x01\x02");
    check(-7_i32, b"\xff\xff\xff\xf9");
    check(12345_i64, b"\x00\x00\x00\x00\x00\x00\x30\x39");
    check(i64::MIN, b"\x80\x00\x00\x00\x00\x00\x00\x00");
    check(1.5_f32, b"\x3f\xc0\x00\x00");
    check(-0.1_f64, b"\xbf\xb9\x99\x99\x99\x99\x99\x9a");
    check(true, b"\x01");
    check(false, b"\x00");
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    check(uuid.parse::<Uuid>().unwrap(), uuid.as_bytes());
    check("grün 𝄞".to_owned(), b"gr\xc3\xbcn \xf0\x9d\x84\x9e");
    check(String::new(), b"");
    check("\u{feff}x".to_owned(), b"\xef\xbb\xbfx");
    check(Blob(vec![0, 0xff]), b"\x00\xff");
    check(bytes::Bytes::from_static(b"\x00\xff"), b"\x00\xff");
}

#[test]
fn what_java_has_no_serializer_for_is_as_near_as_can_be() {
    check('ß', "ß".as_bytes());
    check(258_u16, &[1, 2]);
    check(u64::MAX, &[0xff; 8]);
}

#[test]
fn a_payload_can_be_what_kafkas_serializers_write() {
    let bytes = Plain(12345_i64).encode().unwrap().unwrap();
    assert_eq!(&bytes[..], b"\x00\x00\x00\x00\x00\x00\x30\x39");
    assert_eq!(Plain::<i64>::decode(bytes).unwrap(), Plain(12345));
    assert_eq!(Plain(None::<i64>).encode().unwrap(), None);
    assert!(Plain::<i64>::decode("12345".into()).is_err());
    check(Plain(258_i32), b"\x00\x00\x01\x02");
}

#[test]
fn wrappers_are_seen_through_and_structure_is_json() {
    check(CardNo("2026001".to_owned()), b"2026001");
    check(Some(5_i32), &[0, 0, 0, 5]);
    check(
        Place {
            hall: 1,
            seat: None,
        },
        br#"{"hall":1,"seat":null}"#,
    );
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

fn refused<T: DeserializeOwned + std::fmt::Debug>(bytes: &[u8]) -> String {
    let error = decode::<T>(Some(bytes)).unwrap_err();
    std::error::Error::source(&error)
        .expect("it has a source")
        .to_string()
}

/// `IntegerDeserializer` and its like refuse the same.
#[test]
fn a_number_of_another_width_is_refused() {
    for bytes in [
        b"".as_slice(),
        b"7",
        b"12345",
        b"\xff\xfe\xfd",
        &7_i64.to_be_bytes(),
        &[0; 9],
    ] {
        refused::<i32>(bytes);
        refused::<u32>(bytes);
        refused::<f32>(bytes);
        refused::<i16>(bytes);
    }
    for bytes in [
        b"".as_slice(),
        b"7",
        b"12345",
        &7_i32.to_be_bytes(),
        &[0; 9],
    ] {
        refused::<i64>(bytes);
        refused::<u64>(bytes);
        refused::<f64>(bytes);
        refused::<Option<i64>>(bytes);
    }
    for bytes in [b"".as_slice(), b"7", b"true", &[2], &[0, 1]] {
        refused::<bool>(bytes);
    }
    refused::<Uuid>(b"7");
    refused::<Uuid>(&[7; 16]);
}

#[test]
fn a_digit_is_no_number_of_one_byte() {
    assert!(refused::<u8>(b"7").contains("`Text<u8>`"));
    assert!(refused::<i8>(b"7").contains("`Text<u8>`"));
    assert!(encode(&7_u8).is_err() && encode(&7_i8).is_err());
    check(Text(7_u8), b"7");
}

#[test]
fn a_number_that_was_written_as_text_is_read_as_text() {
    assert_eq!(
        refused::<i32>(b"7"),
        "`i32` has 4 bytes, and this value has 1; what was written as text is taken as `Text<i32>`"
    );
    assert_eq!(
        refused::<i32>(&[0xff; 3]),
        "`i32` has 4 bytes, and this value has 3"
    );
    check(Text(7_i32), b"7");
    check(Text(12345_i64), b"12345");
    check(Text(-1.5_f64), b"-1.5");
    check(Text(true), b"true");
    check(Text("7".to_owned()), b"7");
    check(Some(Text(7_i32)), b"7");
    // Spring writes a number in a header as JSON.
    assert_eq!(decode::<Json<i32>>(Some(b"7")).unwrap(), Json(7));
    refused::<Text<i32>>(b"seven");
    refused::<Text<i32>>(b"");
    refused::<Text<i32>>(b"99999999999");
    refused::<Text<i32>>(&7_i32.to_be_bytes());
}

#[test]
fn bytes_are_not_written_as_a_list_of_numbers() {
    for error in [
        encode(&vec![0_u8, 1]),
        encode(b"01".as_slice()),
        encode(&Some(vec![7_u8])),
    ] {
        let error = error.unwrap_err();
        let fault = std::error::Error::source(&error)
            .expect("it has a source")
            .to_string();
        assert!(fault.contains("write `Bytes`"), "{fault}");
    }
    check(Json(vec![0_u8, 1]), b"[0,1]");
    check(vec![0_i8, 1], b"[0,1]");
    check((1_u8, 'x'), br#"[1,"x"]"#);
}

#[test]
fn a_byte_order_mark_in_front_of_json_is_skipped() {
    let marked = |json: &str| format!("\u{feff}{json}").into_bytes();
    assert_eq!(decode::<Json<i32>>(Some(&marked("7"))).unwrap(), Json(7));
    assert_eq!(
        decode::<Colour>(Some(&marked(r#"{"Mixed":[1,2]}"#))).unwrap(),
        Colour::Mixed(1, 2)
    );
    assert_eq!(decode::<Vec<i32>>(Some(&marked("[1]"))).unwrap(), [1]);
}

#[test]
fn a_fault_holds_nothing_of_the_value() {
    assert!(refused::<Colour>(b"4711").starts_with("unknown variant, expected one of Red"));
    assert!(refused::<Json<i32>>(br#""4711""#).starts_with("invalid type: string, expected i32"));
    assert!(refused::<char>(b"4711").starts_with("invalid value: string, expected a character"));
    let long = "4711".repeat(100_000);
    for fault in [
        refused::<Colour>(long.as_bytes()),
        refused::<Uuid>(long.as_bytes()),
        refused::<Place>(long.as_bytes()),
    ] {
        assert!(!fault.contains("4711") && fault.len() < 500, "{fault:.100}");
    }
}

#[test]
fn a_fault_says_what_was_wrong() {
    let fault = |error: super::super::DecodeError| {
        format!(
            "{error}: {}",
            std::error::Error::source(&error).expect("it has a source")
        )
    };
    let not_text = decode::<String>(Some(b"\xff")).unwrap_err();
    assert!(fault(not_text).starts_with("not valid plain value: invalid utf-8 sequence"));
    let not_a_bool = decode::<bool>(Some(&[2])).unwrap_err();
    assert_eq!(
        fault(not_a_bool),
        "not valid plain value: a bool is the byte 0 or 1"
    );
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
