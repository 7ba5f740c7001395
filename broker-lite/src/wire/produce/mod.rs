//! Produce (key 0), hand-written: record batches stay slices of the frame they came in.
//!
//! Versions 3 to 13; 0 to 2 are read so that they can be refused in their own layout. Flexible from
//! 9 on; 13 names topics by id (KIP-516); 8 adds errors per record (KIP-467).

mod request;
mod response;
#[cfg(test)]
mod tests;

pub(crate) use request::{PartitionBatch, ProduceRequest, TopicBatches};
pub(crate) use response::{PartitionAppended, ProduceResponse, RecordError, TopicAppended};
