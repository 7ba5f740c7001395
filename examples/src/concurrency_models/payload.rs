//! What a record carries: when it was sent, its key's number, and its place among that key's records.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{BufMut as _, Bytes, BytesMut};

/// The first bytes of a payload; the rest is filling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When it was sent, in nanoseconds since 1970. All processes of a run share the clock.
    pub sent: u64,
    /// The number of its key.
    pub key: u32,
    /// Its place among the records of its key, from 0.
    pub place: u32,
}

/// Bytes of a stamp.
pub const MIN_BYTES: u32 = 16;

impl Stamp {
    /// Returns a payload of `bytes`, at least [`MIN_BYTES`].
    #[must_use]
    pub fn payload(self, bytes: u32) -> Bytes {
        let size = usize::try_from(bytes.max(MIN_BYTES)).unwrap_or(usize::MAX);
        let mut payload = BytesMut::with_capacity(size);
        payload.put_u64(self.sent);
        payload.put_u32(self.key);
        payload.put_u32(self.place);
        payload.put_bytes(b'x', size.saturating_sub(payload.len()));
        payload.freeze()
    }

    /// Reads the stamp of a payload; `None` when it has none.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (sent, rest) = payload.split_first_chunk()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (place, _) = rest.split_first_chunk()?;
        Some(Self {
            sent: u64::from_be_bytes(*sent),
            key: u32::from_be_bytes(*key),
            place: u32::from_be_bytes(*place),
        })
    }
}

/// Nanoseconds from 1970 to `time`.
#[must_use]
pub fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_back_from_a_payload_of_the_size_asked_for() {
        let stamp = Stamp {
            sent: 1_700_000_000_123_456_789,
            key: 99_999,
            place: 7,
        };
        for bytes in [16, 100, 10_240] {
            let payload = stamp.payload(bytes);
            assert_eq!(payload.len(), bytes as usize);
            assert_eq!(Stamp::read(&payload), Some(stamp));
        }
        assert_eq!(Stamp::read(&[0; 15]), None);
    }
}
