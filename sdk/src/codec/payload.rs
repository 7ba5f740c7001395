//! Types that can be a record's payload.

use bytes::Bytes;
use serde::Deserialize;

use super::fault::Fault;
use super::{DecodeError, EncodeError, Event, plain};
use crate::client::Record;

/// A value that can be sent as a payload.
///
/// Every [`Event`] is one, and so are [`Json`](super::Json), [`Text`](super::Text) and [`Bytes`]. A
/// format of your own is a type around the value:
///
/// ```
/// use bytes::Bytes;
/// use wellspring::codec::{Decode, DecodeError, Encode, EncodeError};
///
/// /// A number in decimal digits.
/// struct Digits(u64);
///
/// impl Encode for Digits {
///     fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
///         Ok(Some(self.0.to_string().into()))
///     }
/// }
///
/// impl Decode for Digits {
///     fn decode(payload: Bytes) -> Result<Self, DecodeError> {
///         let text = std::str::from_utf8(&payload).map_err(|e| DecodeError::new("digits", e))?;
///         text.parse().map(Digits).map_err(|e| DecodeError::new("digits", e))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a payload",
    note = "derive `Event` on it if it has a topic of its own",
    note = "or send it as `Json(value)`, `Text`, or `bytes::Bytes`"
)]
pub trait Encode {
    /// The topic that this type names; `None` for types that name none.
    const TOPIC: Option<&'static str> = None;

    /// The payload's bytes; `None` is a tombstone.
    ///
    /// # Errors
    /// When the value has no bytes in this format: a map whose keys are not text has none in JSON.
    fn encode(&self) -> Result<Option<Bytes>, EncodeError>;

    /// The key that the value names for itself; `None` for a null key.
    ///
    /// # Errors
    /// When the key has no bytes in the [`plain`](super::plain) format.
    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(None)
    }
}

/// A value that can be read from a payload. What can be decoded is a handler's argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a payload",
    note = "derive `Event` on it if it has a topic of its own",
    note = "or take it as `Json<{Self}>`"
)]
pub trait Decode: Sized {
    /// The topic that this type names; `None` for types that name none.
    const TOPIC: Option<&'static str> = None;

    /// Reads a payload. The bytes are shared with the record's batch; keeping them keeps the batch.
    ///
    /// # Errors
    /// When they are not a value of this type. The record then counts as failed.
    fn decode(payload: Bytes) -> Result<Self, DecodeError>;
}

impl<E: Event> Encode for E {
    const TOPIC: Option<&'static str> = Some(E::TOPIC);

    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Event::encode(self).map(Some)
    }

    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        Event::key(self)
    }
}

impl<E: Event> Decode for E {
    const TOPIC: Option<&'static str> = Some(E::TOPIC);

    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        Event::decode(&payload)
    }
}

impl Record {
    /// The payload as a value: an [`Event`], [`Json`](super::Json), [`Text`](super::Text), or
    /// whatever else decodes.
    ///
    /// # Errors
    /// When it is not one, and for a tombstone.
    pub fn decode<T: Decode>(&self) -> Result<T, DecodeError> {
        let payload = self
            .payload_bytes()
            .ok_or_else(|| DecodeError::new("payload", Fault::new(NULL)))?;
        T::decode(payload)
    }

    /// The key as a value, in the [`plain`] format.
    ///
    /// # Errors
    /// When it is not one; a null key is only `None` or `()`.
    pub fn decode_key<'a, K: Deserialize<'a>>(&'a self) -> Result<K, DecodeError> {
        plain::decode(self.key())
    }
}

/// The fault of a tombstone.
const NULL: &str = "it is null, a tombstone";

/// `None` is a tombstone.
impl<P: Encode> Encode for Option<P> {
    const TOPIC: Option<&'static str> = P::TOPIC;

    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        self.as_ref().map_or(Ok(None), Encode::encode)
    }

    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        self.as_ref().map_or(Ok(None), Encode::key)
    }
}
