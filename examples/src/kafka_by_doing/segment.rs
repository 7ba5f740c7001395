//! A segment file, byte by byte: record batches of format version 2, one behind the other.
//!
//! A batch is 61 bytes of header and then its records, whose numbers are zigzag varints. This
//! decodes what is not compressed.

use std::ops::Range;

/// The fields of a batch's header, in their order, with their sizes in bytes.
const FIELDS: [(&str, usize); 13] = [
    ("base offset", 8),
    ("batch length", 4),
    ("partition leader epoch", 4),
    ("magic", 1),
    ("crc", 4),
    ("attributes", 2),
    ("last offset delta", 4),
    ("base timestamp", 8),
    ("max timestamp", 8),
    ("producer id", 8),
    ("producer epoch", 2),
    ("base sequence", 4),
    ("records count", 4),
];

/// The length field counts what stands behind it.
const BEFORE_LENGTH: usize = 12;
/// The checksum covers everything from the attributes on.
const CHECKED_FROM: usize = 21;

/// One field of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in Kafka's documentation.
    pub name: &'static str,
    /// Where in the file it stands.
    pub at: Range<usize>,
    /// Its value as a signed number.
    pub value: i64,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Where in the file it stands.
    pub at: Range<usize>,
    /// Its offset: the batch's base offset and its own delta.
    pub offset: i64,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

/// A batch as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBatch {
    /// Where in the file it stands.
    pub at: Range<usize>,
    /// Its header.
    pub fields: Vec<Field>,
    /// The CRC-32C of its bytes, computed here.
    pub computed_crc: u32,
    /// Its records.
    pub records: Vec<StoredRecord>,
}

impl StoredBatch {
    /// Returns the value of a field, 0 for one that there is not.
    #[must_use]
    pub fn field(&self, name: &str) -> i64 {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map_or(0, |field| field.value)
    }
}

/// Returns the batches of a file. Bytes that are no whole batch end it.
#[must_use]
pub fn batches(file: &[u8]) -> Vec<StoredBatch> {
    let mut batches = Vec::new();
    let mut from = 0;
    while let Some(batch) = batch(file, from) {
        from = batch.at.end;
        batches.push(batch);
    }
    batches
}

fn batch(file: &[u8], from: usize) -> Option<StoredBatch> {
    let mut fields = Vec::new();
    let mut at = from;
    for (name, size) in FIELDS {
        let bytes = file.get(at..at + size)?;
        let value = number(bytes);
        fields.push(Field {
            name,
            at: at..at + size,
            value,
        });
        at += size;
    }
    let mut batch = StoredBatch {
        at: from..at,
        fields,
        computed_crc: 0,
        records: Vec::new(),
    };
    let length = usize::try_from(batch.field("batch length")).ok()?;
    batch.at.end = from + BEFORE_LENGTH + length;
    let mut reader = Reader {
        bytes: file.get(..batch.at.end)?,
        at,
    };
    batch.computed_crc = crc32c::crc32c(file.get(from + CHECKED_FROM..batch.at.end)?);
    for _ in 0..batch.field("records count") {
        batch
            .records
            .push(reader.record(batch.field("base offset"))?);
    }
    Some(batch)
}

/// A big-endian signed number of one to eight bytes.
fn number(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |value, byte| value << 8 | i64::from(*byte))
}

/// Reads records.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn record(&mut self, base_offset: i64) -> Option<StoredRecord> {
        let begin = self.at;
        let length = usize::try_from(self.varint()?).ok()?;
        let end = self.at.checked_add(length)?;
        self.take(1)?; // attributes, which have no meaning yet
        self.varint()?; // the timestamp, from the batch's base timestamp on
        let offset = base_offset + self.varint()?;
        let (key, value) = (self.nullable()?, self.nullable()?);
        self.at = end; // behind the headers
        Some(StoredRecord {
            at: begin..end,
            offset,
            key,
            value,
        })
    }

    /// Bytes behind their length; a length of -1 is null.
    fn nullable(&mut self) -> Option<Option<Vec<u8>>> {
        match usize::try_from(self.varint()?) {
            Ok(length) => Some(Some(self.take(length)?.to_vec())),
            Err(_negative) => Some(None),
        }
    }

    fn varint(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                // Zigzag: 0, -1, 1, -2, … are written as 0, 1, 2, 3, …
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch at offset 7 with one record, key `k` and value `v1`.
    fn one_record() -> Vec<u8> {
        let record = [0, 0, 0, 2, b'k', 4, b'v', b'1', 0];
        let mut checked = Vec::new();
        checked.extend(0_i16.to_be_bytes()); // attributes
        checked.extend(0_i32.to_be_bytes()); // last offset delta
        checked.extend(1_000_i64.to_be_bytes());
        checked.extend(1_000_i64.to_be_bytes());
        checked.extend((-1_i64).to_be_bytes());
        checked.extend((-1_i16).to_be_bytes());
        checked.extend((-1_i32).to_be_bytes());
        checked.extend(1_i32.to_be_bytes());
        checked.push(18); // nine bytes
        checked.extend(record);
        let mut batch = Vec::new();
        batch.extend(7_i64.to_be_bytes());
        batch.extend(i32::try_from(9 + checked.len()).unwrap().to_be_bytes());
        batch.extend(0_i32.to_be_bytes());
        batch.push(2);
        batch.extend(crc32c::crc32c(&checked).to_be_bytes());
        batch.extend(checked);
        batch
    }

    #[test]
    fn a_batch_is_read_with_its_record() {
        let mut file = one_record();
        let size = file.len();
        file.extend(one_record());
        let batches = batches(&file);
        assert_eq!(batches.len(), 2);
        let second = &batches[1];
        assert_eq!(second.at, size..2 * size);
        assert_eq!(second.field("base offset"), 7);
        assert_eq!(second.field("producer id"), -1);
        assert_eq!(second.field("magic"), 2);
        let stored = u32::try_from(second.field("crc") & 0xffff_ffff).unwrap();
        assert_eq!(stored, second.computed_crc);
        let [record] = &*second.records else {
            panic!("{second:?}")
        };
        assert_eq!((record.offset, record.at.end), (7, 2 * size));
        assert_eq!(record.key.as_deref(), Some(&b"k"[..]));
        assert_eq!(record.value.as_deref(), Some(&b"v1"[..]));
    }

    #[test]
    fn a_file_may_end_anywhere() {
        let file = one_record();
        for end in 0..file.len() {
            assert_eq!(batches(&file[..end]), [], "{end}");
        }
    }
}
