//! Record batches, version 2: what Produce brings, what a segment stores, what Fetch sends.
//!
//! A batch is a header of 61 bytes and then records, compressed as one block. The hot path parses the header
//! ([`BatchHeader`]), patches the two fields that are the broker's to set ([`patch`]) and leaves the rest alone.
//! The records are opened ([`records`](mod@records)) only where somebody needs to look inside.
//!
//! The checksum covers everything from the attributes on. Base offset and leader epoch stand before it, so
//! patching them costs nothing.

mod header;
pub(crate) mod patch;
mod compression;

pub(crate) use compression::Compression;
pub(crate) use header::{BatchError, BatchHeader, TimestampType, next_sequence};
