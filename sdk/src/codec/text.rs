//! Text payloads.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use super::{Decode, DecodeError, Encode, EncodeError};

/// A payload that is UTF-8 text, as Kafka's `StringSerializer` writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(pub String);

impl Encode for Text {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(Bytes::copy_from_slice(self.0.as_bytes())))
    }
}

/// A text slice is sent as [`Text`] is.
impl Encode for str {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(Bytes::copy_from_slice(self.as_bytes())))
    }
}

impl Decode for Text {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        match std::str::from_utf8(&payload) {
            Ok(text) => Ok(Self(text.to_owned())),
            Err(e) => Err(DecodeError::new("utf-8 text", e)),
        }
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_or_nothing() {
        assert_eq!(Text::from("grüße").encode().unwrap().unwrap(), "grüße".as_bytes());
        assert_eq!(&*Text::decode(Bytes::from_static("grüße".as_bytes())).unwrap(), "grüße");
        assert_eq!(
            Text::decode(Bytes::from_static(b"\xff")).unwrap_err().to_string(),
            "not valid utf-8 text"
        );
    }
}
