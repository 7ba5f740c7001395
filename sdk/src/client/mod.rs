//! The seam to Kafka: records as they come from a client, and the traits a client is behind.

mod record;
mod headers;
mod admin;
mod check;

pub use admin::{Admin, AdminError, Refusal, TopicSpec, TopicState};
pub(crate) use check::{client_config, refused_properties};
pub use headers::{HeaderValue, Headers, HeadersRef};
pub use record::{Record, RecordBatch, RecordBatchBuilder, RecordParts};
