//! The records of a batch as far as a broker has to know them, without taking any out.

use super::source::{Inflating, Limited, Source};
use super::{BatchError, BatchHeader, Compression};
use crate::types::Timestamp;

/// One record, by what the rules of a topic are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The index in the batch, from 0.
    pub(crate) index: i32,
    /// The producer's time.
    pub(crate) timestamp: Timestamp,
    /// Whether it has a key.
    pub(crate) has_key: bool,
}

/// Walks over all records of the batch at the front of `bytes`, whose header is `header`, and sees
/// to it that they are what the header promises: so many, numbered from 0, each whole, and nothing
/// behind them.
///
/// # Errors
///
/// [`BatchError`] for the first record that is none, if the block can't be decompressed, or if that
/// takes more than `limit` bytes.
pub(crate) fn outline(
    bytes: &[u8],
    header: &BatchHeader,
    limit: usize,
    see: impl FnMut(Outline),
) -> Result<(), BatchError> {
    let block = bytes
        .get(BatchHeader::SIZE..header.size)
        .unwrap_or_default();
    let codec = header.compression()?;
    if codec == Compression::None {
        return walk(block, header, see);
    }
    walk(
        Inflating::new(codec.reader(block, limit)?, codec, limit),
        header,
        see,
    )
}

fn walk(
    mut source: impl Source,
    header: &BatchHeader,
    mut see: impl FnMut(Outline),
) -> Result<(), BatchError> {
    for index in 0..header.record_count {
        let Some(record) = read(&mut source, index, header) else {
            return Err(source.trouble().unwrap_or(BatchError::Record { index }));
        };
        see(record);
    }
    let bytes = source.rest();
    match source.trouble() {
        Some(trouble) => Err(trouble),
        None if bytes > 0 => Err(BatchError::Trailing { bytes }),
        None => Ok(()),
    }
}

fn read(source: &mut impl Source, index: i32, header: &BatchHeader) -> Option<Outline> {
    let left = usize::try_from(source.short()?).ok()?;
    let mut record = Limited { source, left };
    // Attributes: none are defined.
    (record.byte()? == 0).then_some(())?;
    let timestamp = Timestamp(header.base_timestamp.0.checked_add(record.number()?)?);
    (record.short()? == i64::from(index)).then_some(())?;
    let has_key = record.nullable()?;
    record.nullable()?;
    let headers = record.short()?;
    // The count is a claim; a header takes two bytes at least.
    for _ in 0..u32::try_from(headers).ok()? {
        record.nullable()?.then_some(())?;
        record.nullable()?;
    }
    (record.left == 0).then_some(Outline {
        index,
        timestamp,
        has_key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::record_batch::{BatchBuilder, patch};

    fn seen(batch: &[u8]) -> Result<Vec<(i64, bool)>, BatchError> {
        let mut seen = Vec::new();
        let header = BatchHeader::parse(batch)?;
        outline(batch, &header, usize::MAX, |record| {
            seen.push((record.timestamp.0, record.has_key))
        })?;
        Ok(seen)
    }

    fn batch(compression: Compression) -> Vec<u8> {
        let builder = BatchBuilder::new().compression(compression);
        let headers: [(&[u8], Option<&[u8]>); 2] = [(b"h", Some(b"1")), (b"", None)];
        let builder = builder.record_with_headers(Timestamp(10), Some(b""), None, &headers);
        builder
            .record(Timestamp(7), None, Some(&[b'v'; 300]))
            .build()
            .unwrap()
            .to_vec()
    }

    #[test]
    fn good_records_are_seen_under_every_codec() {
        for codec in [
            Compression::None,
            Compression::Gzip,
            Compression::Snappy,
            Compression::Lz4,
            Compression::Zstd,
        ] {
            assert_eq!(
                seen(&batch(codec)),
                Ok(vec![(10, true), (7, false)]),
                "{codec:?}"
            );
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
        assert!(
            matches!(change(60, 1), Err(BatchError::Trailing { bytes: 309 })),
            "a record too many"
        );
        assert_eq!(
            change(60, 3),
            Err(BatchError::Record { index: 2 }),
            "a record too few"
        );
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
            assert_eq!(
                change(at, byte),
                Err(BatchError::Record { index: 0 }),
                "{what}"
            );
        }
    }

    #[test]
    fn a_block_that_is_not_its_codecs_is_refused() {
        let mut bad = batch(Compression::None);
        bad[22] |= 4;
        patch::seal(&mut bad);
        assert_eq!(
            seen(&bad),
            Err(BatchError::Inflate {
                compression: Compression::Zstd
            })
        );
    }

    #[test]
    fn a_block_that_is_cut_or_grows_beyond_the_limit_is_refused() {
        let whole = batch(Compression::None).len() - BatchHeader::SIZE;
        for codec in [
            Compression::Gzip,
            Compression::Snappy,
            Compression::Lz4,
            Compression::Zstd,
        ] {
            let good = batch(codec);
            let header = BatchHeader::parse(&good).unwrap();
            for limit in [0, 1, 100, whole - 1] {
                let refused = outline(&good, &header, limit, |_| ());
                assert_eq!(refused, Err(BatchError::Inflated { limit }), "{codec:?}");
            }
            assert_eq!(outline(&good, &header, whole, |_| ()), Ok(()), "{codec:?}");
            let cut = BatchHeader {
                size: header.size - 5,
                ..header
            };
            assert!(
                outline(&good, &cut, usize::MAX, |_| ()).is_err(),
                "{codec:?}"
            );
        }
    }
}
