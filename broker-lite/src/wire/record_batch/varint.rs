//! Zigzag varints, the numbers inside records.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Reads a number of up to 64 bits, or `None` if the bytes end or the number is too long.
pub(super) fn read_long(bytes: &mut Bytes) -> Option<i64> {
    let mut raw = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        raw |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed());
        }
    }
    None
}

/// Reads a number of up to 32 bits.
pub(super) fn read(bytes: &mut Bytes) -> Option<i32> {
    i32::try_from(read_long(bytes)?).ok()
}

/// Reads bytes behind their length. The outer `None` is an error, the inner one a null.
pub(super) fn read_bytes(bytes: &mut Bytes) -> Option<Option<Bytes>> {
    match read(bytes)? {
        -1 => Some(None),
        length => {
            let length = usize::try_from(length).ok()?;
            (length <= bytes.len()).then(|| Some(bytes.split_to(length)))
        }
    }
}

/// Writes a number.
pub(super) fn write(out: &mut BytesMut, number: i64) {
    let mut raw = ((number << 1) ^ (number >> 63)).cast_unsigned();
    loop {
        let [low, ..] = raw.to_le_bytes();
        raw >>= 7;
        if raw == 0 {
            return out.put_u8(low & 0x7f);
        }
        out.put_u8(low | 0x80);
    }
}

/// Writes bytes behind their length, or a null.
pub(super) fn write_bytes(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        None => write(out, -1),
        Some(bytes) => {
            write(out, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
            out.extend_from_slice(bytes);
        }
    }
}
