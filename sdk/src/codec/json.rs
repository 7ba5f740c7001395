//! JSON payloads.

use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Decode, DecodeError, Encode, EncodeError};

/// Any serde type as JSON: a payload, a key or a header.
///
/// As a payload of a type that is no [`Event`](super::Event); as a key or header where the
/// [`plain`](super::plain) format would not be JSON (a bare text, a bare number).
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

/// How the plain format knows a [`Json`] when serde shows it one; every other format sees through it.
pub(super) const MARK: &str = "$wellspring::Json";

/// Records are small: most fit without growing.
const USUAL_BYTES: usize = 128;

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, EncodeError> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, value).map_err(|e| EncodeError::new("json", e))?;
    Ok(bytes.into())
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(|e| DecodeError::new("json", e))
}

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

            fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Json<T>, D::Error> {
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
