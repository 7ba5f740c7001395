//! JSON payloads.

use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{DecodeError, EncodeError};
use super::json_format::{decode, encode};
use super::payload::{Decode, Encode};

/// Any serde type as JSON: a payload, a key or a header.
///
/// As a payload of a type that is no [`Event`](super::Event); as a key or header where the
/// [`plain`](super::plain) format would not be JSON (a bare text, a bare number): a header that
/// Spring wrote from a Java number is read as `Json<i32>`, and so is a number that was sent as
/// text, as with [`Text<i32>`](super::Text).
///
/// A byte-order mark in front of a document is skipped (RFC 8259, section 8.1), and none is
/// written.
///
/// ```
/// use wellspring::codec::{Decode, Encode, Json};
///
/// let bytes = Json(vec![1, 2, 3]).encode()?.expect("not a tombstone");
/// assert_eq!(&bytes[..], b"[1,2,3]");
/// assert_eq!(Json::<Vec<i32>>::decode(bytes)?.0, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Json<T>(pub T);

/// The mark by which the plain format recognizes a [`Json`]; every other format sees through it.
pub(super) const MARK: &str = "$wellspring::Json";

impl<T: Serialize> Encode for Json<T> {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        encode(&self.0).map(Some)
    }
}

impl<T: DeserializeOwned> Decode for Json<T> {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        decode(&payload).map(Json)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(MARK, &self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Inner<T> {
            type Value = Json<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                inner: D,
            ) -> Result<Json<T>, D::Error> {
                T::deserialize(inner).map(Json)
            }
        }

        deserializer.deserialize_newtype_struct(MARK, Inner(std::marker::PhantomData))
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct TopUp {
        cents: u64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(try_from = "String")]
    struct CardNo(String);

    impl TryFrom<String> for CardNo {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            match text.len() {
                7 => Ok(Self(text)),
                0..7 => Err("a card number has seven digits".to_owned()),
                _ => Err(format!("{text} is no card number")),
            }
        }
    }

    fn fault<T: DeserializeOwned + std::fmt::Debug>(document: &str) -> String {
        let error = decode::<T>(document.as_bytes()).unwrap_err();
        std::error::Error::source(&error)
            .expect("it has a source")
            .to_string()
    }

    #[test]
    fn a_byte_order_mark_in_front_of_a_document_is_skipped() {
        let marked = |text: &str| format!("\u{feff}{text}").into_bytes();
        assert_eq!(
            decode::<TopUp>(&marked(r#"{"cents":5}"#)).unwrap(),
            TopUp { cents: 5 }
        );
        assert_eq!(
            Json::<Vec<i32>>::decode(marked("[1]").into()).unwrap().0,
            [1]
        );
        decode::<TopUp>(&marked("\u{feff}{}")).unwrap_err();
        decode::<String>(&marked("\"\u{feff}\"")).expect("inside of a text it is text");
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_where_without_the_value() {
        assert_eq!(
            fault::<TopUp>(r#"{"cents":"4711"}"#),
            "invalid type: string, expected u64 at line 1 column 15"
        );
        assert_eq!(
            fault::<TopUp>(r#"{"cents":-4711}"#),
            "invalid value: integer, expected u64 at line 1 column 14"
        );
        assert_eq!(
            fault::<TopUp>(r#"{"pin":4711}"#),
            "unknown field, expected `cents` at line 1 column 6"
        );
        assert_eq!(
            fault::<TopUp>("{}"),
            "missing field `cents` at line 1 column 2"
        );
        assert_eq!(
            fault::<TopUp>("{"),
            "EOF while parsing an object at line 1 column 1"
        );
    }

    #[test]
    fn the_words_of_a_type_are_kept_unless_they_quote_the_value() {
        assert!(fault::<CardNo>("\"4711\"").starts_with("a card number has seven digits"));
        let quoting = fault::<CardNo>("\"47114711\"");
        assert!(
            quoting.starts_with("the type refuses it, in words that quote it"),
            "{quoting}"
        );
    }

    #[test]
    fn the_fault_of_a_large_value_is_short() {
        let large = "secret, expected nothing ".repeat(24_000);
        for fault in [
            fault::<TopUp>(&format!("{{\"cents\":\"{large}\"}}")),
            fault::<TopUp>(&format!("{{\"{large}\":1}}")),
            fault::<CardNo>(&format!("\"{large}\"")),
        ] {
            assert!(
                fault.len() < 500 && !fault.contains("secret"),
                "{} bytes: {fault:.200}",
                fault.len()
            );
        }
    }
}
