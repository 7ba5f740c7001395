//! Fetch (key 1), hand-written: record batches go out as the slices the log handed over.
//!
//! Versions 4 to 18. Sessions from 7 (KIP-227), leader epochs from 9 (KIP-320), flexible from 12,
//! topics by id from 13 (KIP-516).

mod request;
mod response;
#[cfg(test)]
mod tests;

pub(crate) use request::{FetchPartition, FetchRequest};
pub(crate) use response::{FetchResponse, FetchedPartition, FetchedTopic};
