//! Between values and bytes: payloads, keys and headers.
//!
//! A payload is anything that is [`Encode`] or [`Decode`]: a type that is an [`Event`] (JSON by
//! default), [`Json`] around any other serde type, [`Text`], [`Plain`] numbers, or
//! [`Bytes`](::bytes::Bytes) as they are. Keys and header values have the [`plain`] format: what
//! Kafka's own serializers write.

mod payload;
mod event;
mod any_topic;
mod json;
mod json_format;
mod text;
mod bytes;
pub mod plain;
mod big_integer;
mod fault;
mod error;

pub use any_topic::AnyTopic;
pub use big_integer::BigInteger;
pub use error::{DecodeError, EncodeError};
pub use event::{Event, key};
pub use json::Json;
pub use payload::{Decode, Encode};
pub use plain::Plain;
pub use text::Text;
