//! Types that know their topic and their key.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{DecodeError, EncodeError};
use super::{json_format, plain};

/// A payload type with a topic of its own: listeners and producers that disagree do not compile.
///
/// `#[derive(Event)]` writes this implementation:
///
/// ```
/// use bytes::Bytes;
/// use serde::{Deserialize, Serialize};
/// use wellspring::codec::{EncodeError, Event};
///
/// #[derive(Serialize, Deserialize)]
/// struct TopUp { card: String, cents: u64 }
///
/// // What `#[derive(Event)] #[event(topic = "card.topups", key = "card")]` writes:
/// impl Event for TopUp {
///     const TOPIC: &'static str = "card.topups";
///
///     fn key(&self) -> Result<Option<Bytes>, EncodeError> {
///         wellspring::codec::key(&self.card)
///     }
/// }
///
/// let topup = TopUp { card: "2026001".into(), cents: 500 };
/// assert_eq!(Event::key(&topup)?.as_deref(), Some(b"2026001".as_slice()));
/// assert_eq!(&Event::encode(&topup)?[..], br#"{"card":"2026001","cents":500}"#);
/// # Ok::<(), EncodeError>(())
/// ```
///
/// The bytes are JSON unless [`encode`](Event::encode) and [`decode`](Event::decode) say otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no topic",
    note = "derive `Event` on it: #[derive(Event)] #[event(topic = \"...\", key = \"...\")]"
)]
pub trait Event: Serialize + DeserializeOwned {
    /// The topic of all events of this type. It may be a placeholder,
    /// `${topups.topic:card.topups}`: then the configuration says which topic that is, for
    /// listeners and producers alike.
    const TOPIC: &'static str;

    /// The record's key; the default is a null key, which any partition may get.
    ///
    /// # Errors
    /// When the key has no bytes in the [`plain`] format.
    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(None)
    }

    /// The payload's bytes. Default: JSON.
    ///
    /// # Errors
    /// When the value has no bytes in this format.
    fn encode(&self) -> Result<Bytes, EncodeError> {
        json_format::encode(self)
    }

    /// Reads a payload. Default: JSON.
    ///
    /// # Errors
    /// When it is not one of this type.
    fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        json_format::decode(payload)
    }
}

/// The bytes of a key in the [`plain`] format: what [`Event::key`] answers.
///
/// # Errors
/// When the value has no bytes in that format.
pub fn key<K: Serialize + ?Sized>(key: &K) -> Result<Option<Bytes>, EncodeError> {
    plain::encode(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decode, Encode};

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Ping {
        n: u32,
    }

    impl Event for Ping {
        const TOPIC: &'static str = "pings";
    }

    #[test]
    fn an_event_is_json_without_a_key_unless_it_says_otherwise() {
        assert_eq!(Encode::key(&Ping { n: 1 }).unwrap(), None);
        let bytes = Encode::encode(&Ping { n: 1 }).unwrap().unwrap();
        assert_eq!(&bytes[..], br#"{"n":1}"#);
        assert_eq!(<Ping as Decode>::decode(bytes).unwrap(), Ping { n: 1 });
        assert_eq!(<Ping as Decode>::TOPIC, Some("pings"));
        assert_eq!(<Option<Ping> as Encode>::TOPIC, Some("pings"));
    }

    #[test]
    fn no_event_is_a_tombstone() {
        assert_eq!(None::<Ping>.encode().unwrap(), None);
    }
}
