//! Errors of encoding and decoding values.

use crate::BoxError;

/// A value has no bytes in this format. Sending it again cannot help.
#[derive(Debug, thiserror::Error)]
#[error("the value cannot be encoded as {format}")]
pub struct EncodeError {
    format: &'static str,
    source: BoxError,
}

/// Bytes are not a value of the type that was asked for.
///
/// For the formats of this module, neither this nor its source holds any part of the value, and
/// both are short.
#[derive(Debug, thiserror::Error)]
#[error("not valid {format}")]
pub struct DecodeError {
    format: &'static str,
    source: BoxError,
}

impl EncodeError {
    /// `format` names what the bytes should have been: "json", "avro".
    pub fn new(format: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            format,
            source: source.into(),
        }
    }
}

impl DecodeError {
    /// `format` names what the bytes should have been: "json", "avro".
    pub fn new(format: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            format,
            source: source.into(),
        }
    }
}
