//! The seam to Kafka: records as they come from a client, and the traits a client is behind.

mod record;
mod headers;

pub use headers::{HeaderValue, Headers, HeadersRef};
pub use record::{Record, RecordBatch, RecordBatchBuilder, RecordParts};
