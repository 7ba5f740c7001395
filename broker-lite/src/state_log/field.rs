//! The fields that the records of internal topics are made of.
//!
//! Reading takes a field from the front of the bytes or returns which one is wrong. A length is
//! checked against the bytes that are there before anything is allocated.

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::error::BadRecord;

pub(crate) fn i16(buf: &mut Bytes, field: &'static str) -> Result<i16, BadRecord> {
    buf.try_get_i16().map_err(|_| BadRecord::Short { field })
}

pub(crate) fn i32(buf: &mut Bytes, field: &'static str) -> Result<i32, BadRecord> {
    buf.try_get_i32().map_err(|_| BadRecord::Short { field })
}

pub(crate) fn i64(buf: &mut Bytes, field: &'static str) -> Result<i64, BadRecord> {
    buf.try_get_i64().map_err(|_| BadRecord::Short { field })
}

pub(crate) fn text(buf: &mut Bytes, field: &'static str) -> Result<Arc<str>, BadRecord> {
    nullable_text(buf, field)?.ok_or(BadRecord::Malformed { field })
}

pub(crate) fn nullable_text(
    buf: &mut Bytes,
    field: &'static str,
) -> Result<Option<Arc<str>>, BadRecord> {
    match i16(buf, field)? {
        -1 => Ok(None),
        length => utf8(take(buf, length, field)?, field).map(Some),
    }
}

pub(crate) fn bytes(buf: &mut Bytes, field: &'static str) -> Result<Bytes, BadRecord> {
    let length = i32(buf, field)?;
    // A copy, so that what is kept for long does not hold on to the segment it was read from.
    Ok(Bytes::copy_from_slice(&take(buf, length, field)?))
}

/// A text of a flexible version, whose length is a varint and one too many.
pub(crate) fn compact_text(buf: &mut Bytes, field: &'static str) -> Result<Arc<str>, BadRecord> {
    let length = varint(buf, field)?
        .checked_sub(1)
        .ok_or(BadRecord::Malformed { field })?;
    utf8(take(buf, length, field)?, field)
}

pub(crate) fn take<N>(buf: &mut Bytes, length: N, field: &'static str) -> Result<Bytes, BadRecord>
where
    usize: TryFrom<N>,
{
    let length = usize::try_from(length).map_err(|_| BadRecord::Malformed { field })?;
    if buf.len() < length {
        Err(BadRecord::Short { field })
    } else {
        Ok(buf.split_to(length))
    }
}

/// An unsigned LEB128 number of at most 32 bits.
pub(crate) fn varint(buf: &mut Bytes, field: &'static str) -> Result<u32, BadRecord> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let byte = buf.try_get_u8().map_err(|_| BadRecord::Short { field })?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).map_err(|_| BadRecord::Malformed { field });
        }
    }
    Err(BadRecord::Malformed { field })
}

fn utf8(bytes: Bytes, field: &'static str) -> Result<Arc<str>, BadRecord> {
    std::str::from_utf8(&bytes)
        .map(Arc::from)
        .map_err(|_| BadRecord::Malformed { field })
}

/// A text too long for its 16 bits of length is cut. Names that must not be are refused when they
/// come in; a client's own id, which is never looked up, may be.
pub(crate) fn put_text(buf: &mut BytesMut, text: &str) {
    let (text, _) = text.split_at(text.floor_char_boundary(i16::MAX.unsigned_abs().into()));
    buf.put_i16(i16::try_from(text.len()).unwrap_or(i16::MAX));
    buf.put_slice(text.as_bytes());
}

pub(crate) fn put_nullable_text(buf: &mut BytesMut, text: Option<&str>) {
    match text {
        None => buf.put_i16(-1),
        Some(text) => put_text(buf, text),
    }
}

pub(crate) fn put_bytes(buf: &mut BytesMut, bytes: &[u8]) {
    put_count(buf, bytes.len());
    buf.put_slice(bytes);
}

/// Counts and sizes are those of parts of one request, which is far smaller than this limit.
pub(crate) fn put_count(buf: &mut BytesMut, count: usize) {
    buf.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
}

pub(crate) fn put_compact_text(buf: &mut BytesMut, text: &str) {
    put_varint(buf, u32::try_from(text.len()).unwrap_or(u32::MAX - 1) + 1);
    buf.put_slice(text.as_bytes());
}

pub(crate) fn put_varint(buf: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        buf.put_u8(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    buf.put_u8(value.to_le_bytes()[0]);
}
