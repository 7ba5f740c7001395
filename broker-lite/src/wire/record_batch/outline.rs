//! The records of a batch as far as a broker has to know them, without taking any out.

use std::borrow::Cow;

use bytes::Bytes;

use super::{BatchError, BatchHeader, Compression};
use crate::types::Timestamp;

/// One record, by what the rules of a topic are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Its place in the batch, from 0.
    pub(crate) index: i32,
    /// The producer's time.
    pub(crate) timestamp: Timestamp,
    /// Whether it has a key.
    pub(crate) has_key: bool,
}

/// Walks over all records of the batch at the front of `bytes`, whose header is `header`, and sees to it that they are
/// what the header promises: so many, numbered from 0, each whole, and nothing behind them.
///
/// # Errors
///
/// [`BatchError`] for the first record that is none, or if the block can't be decompressed.
pub(crate) fn outline(
    bytes: &[u8],
    header: &BatchHeader,
    mut see: impl FnMut(Outline),
) -> Result<(), BatchError> {
    let block = bytes.get(BatchHeader::SIZE..header.size).unwrap_or_default();
    let codec = header.compression()?;
    let block: Cow<'_, [u8]> = if codec == Compression::None {
        block.into()
    } else {
        Cow::Owned(codec.inflate(Bytes::copy_from_slice(block))?.into())
    };
    let mut rest = Cursor(&block);
    for index in 0..header.record_count {
        let record = rest.sized().and_then(|record| read(record, index, header));
        see(record.ok_or(BatchError::Record { index })?);
    }
    if rest.0.is_empty() { Ok(()) } else { Err(BatchError::Trailing { bytes: rest.0.len() }) }
}

fn read(record: &[u8], index: i32, header: &BatchHeader) -> Option<Outline> {
    let mut record = Cursor(record);
    // Attributes: none are defined.
    (record.byte()? == 0).then_some(())?;
    let timestamp = Timestamp(header.base_timestamp.0.checked_add(record.number()?)?);
    (record.short()? == i64::from(index)).then_some(())?;
    let has_key = record.nullable()?.is_some();
    record.nullable()?;
    let headers = record.short()?;
    // The count is a claim; a header takes two bytes at least.
    for _ in 0..u32::try_from(headers).ok()? {
        record.sized()?;
        record.nullable()?;
    }
    record.0.is_empty().then_some(Outline { index, timestamp, has_key })
}

/// The part that is still to be read.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A zigzag varint of 64 bits.
    fn number(&mut self) -> Option<i64> {
        self.varint(64)
    }

    /// A zigzag varint of 32 bits: clients read no more than five bytes of one.
    fn short(&mut self) -> Option<i64> {
        self.varint(32).filter(|number| i32::try_from(*number).is_ok())
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

    /// Bytes behind their length. The outer `None` is an error, the inner one a null.
    fn nullable(&mut self) -> Option<Option<&'a [u8]>> {
        let length = self.short()?;
        if length == -1 {
            return Some(None);
        }
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(Some(bytes))
    }

    /// Bytes behind their length, which must be there.
    fn sized(&mut self) -> Option<&'a [u8]> {
        self.nullable()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::record_batch::{BatchBuilder, patch};

    fn seen(batch: &[u8]) -> Result<Vec<(i64, bool)>, BatchError> {
        let mut seen = Vec::new();
        let header = BatchHeader::parse(batch)?;
        outline(batch, &header, |record| seen.push((record.timestamp.0, record.has_key)))?;
        Ok(seen)
    }

    fn batch(compression: Compression) -> Vec<u8> {
        let builder = BatchBuilder::new().compression(compression);
        let headers: [(&[u8], Option<&[u8]>); 2] = [(b"h", Some(b"1")), (b"", None)];
        let builder = builder.record_with_headers(Timestamp(10), Some(b""), None, &headers);
        builder.record(Timestamp(7), None, Some(&[b'v'; 300])).build().unwrap().to_vec()
    }

    #[test]
    fn good_records_are_seen_under_every_codec() {
        for codec in
            [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd]
        {
            assert_eq!(seen(&batch(codec)), Ok(vec![(10, true), (7, false)]), "{codec:?}");
        }
    }

    #[test]
    fn what_contradicts_the_header_or_itself_is_refused() {
        let good = batch(Compression::None);
        let change = |at: usize, byte: u8| {
            let mut bad = good.clone();
            bad[at] = byte;
            patch::seal(&mut bad);
            seen(&bad)
        };
        let first = BatchHeader::SIZE;
        assert!(matches!(change(60, 1), Err(BatchError::Trailing { bytes: 309 })), "a record too many");
        assert_eq!(change(60, 3), Err(BatchError::Record { index: 2 }), "a record too few");
        for (what, at, byte) in [
            ("a record's length", first, 7),
            ("attributes", first + 1, 1),
            ("an offset that is not next", first + 3, 2),
            ("a key beyond the record", first + 4, 40),
            ("a negative length", first + 4, 3),
            ("more headers than there are", first + 6, 40),
            ("a negative number of headers", first + 6, 1),
            ("a header without a name", first + 7, 1),
            ("a number of six bytes", first + 3, 0x80),
        ] {
            assert_eq!(change(at, byte), Err(BatchError::Record { index: 0 }), "{what}");
        }
    }

    #[test]
    fn a_block_that_is_not_its_codecs_is_refused() {
        let mut bad = batch(Compression::None);
        bad[22] |= 4;
        patch::seal(&mut bad);
        assert_eq!(seen(&bad), Err(BatchError::Inflate { compression: Compression::Zstd }));
    }
}
