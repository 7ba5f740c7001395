//! JSON as the bytes of a payload, a key or a header.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{DecodeError, EncodeError};
use super::fault::Fault;

/// Bytes that a document is given room for at first: most records fit without growing.
const INITIAL_CAPACITY: usize = 128;

/// The JSON document of a value.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, EncodeError> {
    let mut bytes = Vec::with_capacity(INITIAL_CAPACITY);
    serde_json::to_writer(&mut bytes, value).map_err(|e| EncodeError::new("json", e))?;
    Ok(bytes.into())
}

/// The value of a JSON document.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let document = without_mark(bytes);
    serde_json::from_slice(document)
        .map_err(|e| DecodeError::new("json", Fault::of_json(&e, document)))
}

/// A document without the byte-order mark that editors and .NET put in front of it.
pub(super) fn without_mark(document: &[u8]) -> &[u8] {
    document
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(document)
}
