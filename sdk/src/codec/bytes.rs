//! Payloads as they are.

use bytes::Bytes;

use super::{Decode, DecodeError, Encode, EncodeError};

impl Encode for Bytes {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(self.clone()))
    }
}

/// A byte slice is copied.
impl Encode for [u8] {
    fn encode(&self) -> Result<Option<Bytes>, EncodeError> {
        Ok(Some(Bytes::copy_from_slice(self)))
    }
}

/// Shares the record's batch without a copy: keeping it keeps the whole batch in memory.
impl Decode for Bytes {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        Ok(payload)
    }
}
