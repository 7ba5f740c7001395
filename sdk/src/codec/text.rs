//! Text: payloads that are text, and values that travel as text.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use bytes::Bytes;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fault::Fault;
use super::{Decode, DecodeError, Encode, EncodeError};

/// UTF-8 text, as Kafka's `StringSerializer` writes it: a payload, a key or a header.
///
/// `Text` is a `String`. `Text<T>` is any `T` in words, written by its `Display` and read by its
/// `FromStr`: a number that a `StringSerializer`, a shell or a script has written in digits is a
/// `Text<i64>`, where `i64` alone is eight bytes.
///
/// ```
/// use wellspring::codec::{Text, plain};
///
/// let Text(attempt) = plain::decode::<Text<i32>>(Some(b"7"))?;
/// assert_eq!(attempt, 7);
/// assert!(plain::decode::<i32>(Some(b"7")).is_err());
/// # Ok::<(), wellspring::codec::DecodeError>(())
/// ```
///
/// A byte-order mark is a character of the text, as it is to `StringDeserializer`. Bytes that are
/// no UTF-8 are refused, where Java puts `U+FFFD` in their place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<T = String>(pub T);

impl<T: fmt::Display> Encode for Text<T> {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(self.0.to_string().into()))
    }
}

/// A text slice is sent as [`Text`] is.
impl Encode for str {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(Bytes::copy_from_slice(self.as_bytes())))
    }
}

impl<T: FromStr<Err: fmt::Display>> Decode for Text<T> {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(&payload).map_err(|e| DecodeError::new("utf-8 text", e))?;
        let parsed = text.parse().map(Self);
        parsed.map_err(|error| {
            let fault: Fault = de::Error::custom(error);
            DecodeError::new("text", fault.hiding(Some(&payload)))
        })
    }
}

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words<T>(PhantomData<T>);

        impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Words<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
                text.parse().map(Text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Words(PhantomData))
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<T> Deref for Text<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_or_nothing() {
        assert_eq!(
            Text::from("grüße").encode().unwrap().unwrap(),
            "grüße".as_bytes()
        );
        let text: Text = Text::decode(Bytes::from_static("grüße".as_bytes())).unwrap();
        assert_eq!(text.as_str(), "grüße");
        assert_eq!(
            Text::<String>::decode(Bytes::from_static(b"\xff"))
                .unwrap_err()
                .to_string(),
            "not valid utf-8 text"
        );
    }

    #[test]
    fn a_byte_order_mark_is_a_character_of_the_text() {
        let text: Text = Text::decode(Bytes::from_static(b"\xef\xbb\xbfx")).unwrap();
        assert_eq!(text.as_str(), "\u{feff}x");
    }

    #[test]
    fn a_number_can_travel_as_text() {
        assert_eq!(Text(-7_i64).encode().unwrap().unwrap(), "-7");
        assert_eq!(
            Text::<i64>::decode(Bytes::from_static(b"-7")).unwrap(),
            Text(-7)
        );
        assert_eq!(
            Text::<bool>::decode(Bytes::from_static(b"true")).unwrap(),
            Text(true)
        );
        let error = Text::<i64>::decode(Bytes::from_static(&[0, 0, 0, 7])).unwrap_err();
        let fault = std::error::Error::source(&error)
            .expect("it has a source")
            .to_string();
        assert_eq!(fault, "invalid digit found in string");
    }
}
