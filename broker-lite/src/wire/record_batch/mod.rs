//! Record batches, version 2: what Produce brings, what a segment stores, what Fetch sends.
//!
//! A batch is a header of 61 bytes and then records, compressed as one block. The hot path parses
//! the header ([`BatchHeader`]), walks once over the records without taking any out
//! ([`outline`](fn@outline)), patches the two fields that are the broker's to set ([`patch`]) and
//! leaves the rest alone. Records are taken out ([`Records`]) only where somebody needs what is
//! inside. [`BatchBuilder`] writes batches of the broker's own.
//!
//! The checksum covers everything from the attributes on. Base offset and leader epoch stand before
//! it, so patching them costs nothing.

mod header;
pub(crate) mod patch;
mod records;
mod outline;
mod builder;
mod source;
mod inflate;
mod snappy;
mod varint;
mod checksum;
mod error;
mod compression;

pub(crate) use builder::BatchBuilder;
pub(crate) use compression::Compression;
pub(crate) use error::BatchError;
pub(crate) use header::{BatchHeader, TimestampType, next_sequence};
pub(crate) use outline::{Outline, outline};
pub(crate) use records::Records;

#[cfg(test)]
mod tests;
