//! A record: as it was consumed, one of a batch, and the headers of one to be sent.

mod batch;
mod headers;
mod layout;

pub use batch::{Record, RecordBatch, RecordBatchBuilder, RecordParts};
pub use headers::{HeaderValue, Headers, HeadersRef};
