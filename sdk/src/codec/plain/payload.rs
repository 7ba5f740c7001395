//! Payloads in the format of keys and headers.

use std::ops::Deref;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{decode, encode};
use crate::codec::{Decode, DecodeError, Encode, EncodeError};

/// A payload in the [`plain`](super) format: `Plain<i64>` is what Kafka's `LongSerializer` writes,
/// such as the counts of Kafka Streams.
///
/// ```
/// use wellspring::codec::{Decode, Encode, Plain};
///
/// let bytes = Plain(258_i64).encode()?.expect("not a tombstone");
/// assert_eq!(&bytes[..], [0, 0, 0, 0, 0, 0, 1, 2]);
/// assert_eq!(Plain::<i64>::decode(bytes)?.0, 258);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (A bare `i64` is no payload: an argument that was meant to be the partition would be read from
/// it.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plain<T>(pub T);

impl<T: Serialize> Encode for Plain<T> {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        encode(&self.0)
    }
}

impl<T: DeserializeOwned> Decode for Plain<T> {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        decode(Some(&payload)).map(Self)
    }
}

impl<T> Deref for Plain<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
