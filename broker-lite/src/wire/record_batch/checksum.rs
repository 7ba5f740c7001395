//! The checksum of a batch.

/// Position of the attributes in a batch, where what the checksum covers begins.
pub(super) const ATTRIBUTES: usize = 21;

/// CRC-32C of what the checksum field covers. Zero bytes give zero.
#[must_use]
pub(crate) fn checksum(batch: &[u8]) -> u32 {
    crc32c::crc32c(batch.get(ATTRIBUTES..).unwrap_or_default())
}
