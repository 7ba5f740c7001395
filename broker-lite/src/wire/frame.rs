//! Frames: a four-byte length, then that many bytes.
//!
//! The length is untrusted. It is compared with the limit before anything is allocated, and memory
//! then grows with the bytes that really arrive.

use bytes::{Buf, Bytes, BytesMut};

const PREFIX: usize = 4;
/// The most bytes that are allocated for one read, whatever length a frame claims.
const STEP: usize = 256 * 1024;
/// The least capacity that a read is offered, in bytes.
const SMALL: usize = 4 * 1024;

/// The reason why a stream of frames cannot be continued. The connection closes: there is no frame
/// to answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum FrameError {
    /// The length is negative.
    #[error("frame of {claimed} bytes: a length cannot be negative")]
    Negative { claimed: i32 },
    /// The length is over `socket.request.max.bytes`.
    #[error("frame of {claimed} bytes is over socket.request.max.bytes ({limit}){}", hint(*.claimed))]
    TooLarge { claimed: i32, limit: usize },
}

/// Cuts frames out of the bytes that a socket delivers.
#[derive(Debug)]
pub(crate) struct FrameReader {
    buffer: BytesMut,
    limit: usize,
}

impl FrameReader {
    /// A reader that refuses frames over `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            limit,
        }
    }

    /// Removes and returns the next whole frame without its length; `None` until all of it is
    /// there.
    pub(crate) fn frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(length) = self.claimed()? else {
            return Ok(None);
        };
        if self.buffer.len() < PREFIX + length {
            return Ok(None);
        }
        self.buffer.advance(PREFIX);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Returns the buffer for the socket's next bytes; it has spare capacity.
    pub(crate) fn spare(&mut self) -> &mut BytesMut {
        let missing = match self.claimed() {
            Ok(Some(length)) => (PREFIX + length).saturating_sub(self.buffer.len()),
            Ok(None) | Err(_) => 0,
        };
        self.buffer.reserve(missing.clamp(SMALL, STEP));
        &mut self.buffer
    }

    /// Returns the number of bytes that are not yet part of a whole frame.
    pub(crate) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    fn claimed(&self) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = self.buffer.first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let claimed = i32::from_be_bytes(*prefix);
        let length = usize::try_from(claimed).map_err(|_| FrameError::Negative { claimed })?;
        if length > self.limit {
            return Err(FrameError::TooLarge {
                claimed,
                limit: self.limit,
            });
        }
        Ok(Some(length))
    }
}

/// Recognises browsers and TLS clients, so that the error names them instead of a huge length.
fn hint(claimed: i32) -> &'static str {
    match claimed.to_be_bytes() {
        [0x16, 0x03, ..] => "; this looks like a TLS hello, and the port speaks plain Kafka",
        [b'G', b'E', b'T', b' ']
        | [b'P', b'O', b'S', b'T']
        | [b'P', b'U', b'T', b' ']
        | [b'H', b'E', b'A', b'D'] => "; this looks like HTTP, and the port speaks Kafka",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(bytes: &[u8]) -> FrameReader {
        let mut frames = FrameReader::new(1024);
        frames.spare().extend_from_slice(bytes);
        frames
    }

    #[test]
    fn frames_come_out_whole_however_the_bytes_arrive() {
        let stream = [
            &[0, 0, 0, 3][..],
            b"abc",
            &[0, 0, 0, 0],
            &[0, 0, 0, 1],
            b"d",
        ]
        .concat();
        for split in 0..=stream.len() {
            let (early, late) = stream.split_at(split);
            let mut frames = reader(early);
            let mut seen = Vec::new();
            while let Some(frame) = frames.frame().unwrap() {
                seen.push(frame);
            }
            frames.spare().extend_from_slice(late);
            while let Some(frame) = frames.frame().unwrap() {
                seen.push(frame);
            }
            assert_eq!(seen, ["abc", "", "d"], "split at {split}");
        }
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_its_bytes_come() {
        let error = reader(&i32::MAX.to_be_bytes()).frame().unwrap_err();
        assert_eq!(
            error,
            FrameError::TooLarge {
                claimed: i32::MAX,
                limit: 1024
            }
        );
    }

    #[test]
    fn a_negative_length_is_refused() {
        assert_eq!(
            reader(&[0xff; 4]).frame().unwrap_err(),
            FrameError::Negative { claimed: -1 }
        );
    }

    #[test]
    fn a_claimed_length_does_not_reserve_memory() {
        let mut frames = FrameReader::new(100 * 1024 * 1024);
        frames
            .spare()
            .extend_from_slice(&(100 * 1024 * 1024_i32).to_be_bytes());
        assert!(frames.spare().capacity() <= 2 * STEP);
    }

    #[test]
    fn http_and_tls_are_called_by_their_names() {
        let http = reader(b"GET / HTTP/1.1\r\n")
            .frame()
            .unwrap_err()
            .to_string();
        assert!(http.contains("looks like HTTP"), "{http}");
        let tls = reader(&[0x16, 0x03, 0x01, 0x02, 0x00])
            .frame()
            .unwrap_err()
            .to_string();
        assert!(tls.contains("TLS hello"), "{tls}");
    }
}
