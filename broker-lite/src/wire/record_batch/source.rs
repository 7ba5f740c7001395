//! Bytes one after the other, from a slice or out of a decompressor.

use std::io::{BufRead, BufReader, Read};

use super::{BatchError, Compression};

/// The source of the bytes of records.
pub(super) trait Source {
    /// The next byte; `None` at the end, or if there is [trouble](Self::trouble).
    fn byte(&mut self) -> Option<u8>;

    /// Passes over so many bytes, which must be there.
    fn skip(&mut self, count: usize) -> Option<()>;

    /// Returns the reason why nothing more comes, if that is not the end.
    fn trouble(&mut self) -> Option<BatchError>;

    /// Bytes that are left.
    fn rest(&mut self) -> usize;

    /// A zigzag varint of 64 bits.
    fn number(&mut self) -> Option<i64> {
        self.varint(64)
    }

    /// A zigzag varint of 32 bits: clients read no more than five bytes of one.
    fn short(&mut self) -> Option<i64> {
        self.varint(32)
            .filter(|number| i32::try_from(*number).is_ok())
    }

    /// Passes over bytes behind their length, and says whether they are there: -1 is a null.
    fn nullable(&mut self) -> Option<bool> {
        let length = self.short()?;
        if length == -1 {
            return Some(false);
        }
        self.skip(usize::try_from(length).ok()?)?;
        Some(true)
    }

    fn varint(&mut self, bits: u32) -> Option<i64> {
        let mut raw = 0_u64;
        for shift in (0..bits).step_by(7) {
            let byte = self.byte()?;
            raw |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed());
            }
        }
        None
    }
}

impl Source for &[u8] {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.split_first()?;
        *self = rest;
        Some(*first)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        *self = self.get(count..)?;
        Some(())
    }

    fn trouble(&mut self) -> Option<BatchError> {
        None
    }

    fn rest(&mut self) -> usize {
        self.len()
    }
}

/// The first so many bytes of another source.
pub(super) struct Limited<'a, S> {
    pub(super) source: &'a mut S,
    pub(super) left: usize,
}

impl<S: Source> Source for Limited<'_, S> {
    fn byte(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        self.source.byte()
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.left = self.left.checked_sub(count)?;
        self.source.skip(count)
    }

    fn trouble(&mut self) -> Option<BatchError> {
        self.source.trouble()
    }

    fn rest(&mut self) -> usize {
        self.left
    }
}

/// The output of a decompressor, up to a limit.
pub(super) struct Inflating<R> {
    reader: BufReader<R>,
    compression: Compression,
    limit: usize,
    taken: usize,
    trouble: Option<BatchError>,
}

impl<R: Read> Inflating<R> {
    pub(super) fn new(reader: R, compression: Compression, limit: usize) -> Self {
        Self {
            reader: BufReader::new(reader),
            compression,
            limit,
            taken: 0,
            trouble: None,
        }
    }

    /// Takes up to `most` bytes of what lies ready, and says how many and the first; `None` at the
    /// end.
    fn take(&mut self, most: usize) -> Option<(usize, u8)> {
        let Ok(ready) = self.reader.fill_buf() else {
            self.trouble = Some(BatchError::Inflate {
                compression: self.compression,
            });
            return None;
        };
        let first = *ready.first()?;
        let count = ready.len().min(most);
        if self.limit - self.taken < count {
            self.trouble = Some(BatchError::Inflated { limit: self.limit });
            return None;
        }
        self.reader.consume(count);
        self.taken += count;
        Some((count, first))
    }
}

impl<R: Read> Source for Inflating<R> {
    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|(_, byte)| byte)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            count -= self.take(count)?.0;
        }
        Some(())
    }

    fn trouble(&mut self) -> Option<BatchError> {
        self.trouble.take()
    }

    fn rest(&mut self) -> usize {
        let mut rest = 0;
        while let Some((count, _)) = self.take(usize::MAX) {
            rest += count;
        }
        rest
    }
}
