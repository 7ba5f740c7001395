//! Fields of the hand-written messages, appended to a reply.

use bytes::{BufMut, BytesMut};

use super::{KafkaString, KafkaUuid, WireError};

pub(super) fn varint(buf: &mut BytesMut, mut value: u32) {
    while let Some(low @ 0x80..) = Some(value) {
        buf.put_u8(low.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    buf.put_u8(value.to_le_bytes()[0]);
}

pub(super) fn uuid(buf: &mut BytesMut, id: KafkaUuid) {
    buf.put_slice(&id.to_bytes());
}

pub(super) fn string(
    buf: &mut BytesMut,
    compact: bool,
    text: &KafkaString,
    field: &'static str,
) -> Result<(), WireError> {
    nullable_string(buf, compact, Some(text), field)
}

pub(super) fn nullable_string(
    buf: &mut BytesMut,
    compact: bool,
    text: Option<&KafkaString>,
    field: &'static str,
) -> Result<(), WireError> {
    let length = text.map(KafkaString::len);
    if compact {
        compact_len(buf, length, field)?;
    } else {
        match length {
            None => buf.put_i16(-1),
            Some(length) => {
                buf.put_i16(i16::try_from(length).map_err(|_| too_long(field, length))?)
            }
        }
    }
    if let Some(text) = text {
        buf.put_slice(text.as_bytes());
    }
    Ok(())
}

/// The length of an array or of bytes that are there.
pub(super) fn len(
    buf: &mut BytesMut,
    compact: bool,
    length: usize,
    field: &'static str,
) -> Result<(), WireError> {
    if compact {
        return compact_len(buf, Some(length), field);
    }
    buf.put_i32(i32::try_from(length).map_err(|_| too_long(field, length))?);
    Ok(())
}

pub(super) fn no_tags(buf: &mut BytesMut) {
    buf.put_u8(0);
}

fn compact_len(
    buf: &mut BytesMut,
    length: Option<usize>,
    field: &'static str,
) -> Result<(), WireError> {
    let Some(length) = length else {
        varint(buf, 0);
        return Ok(());
    };
    let stored = u32::try_from(length)
        .ok()
        .and_then(|length| length.checked_add(1))
        .ok_or(too_long(field, length))?;
    varint(buf, stored);
    Ok(())
}

fn too_long(field: &'static str, length: usize) -> WireError {
    WireError::Impossible {
        field,
        value: i64::try_from(length).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn a_varint_reads_back_as_it_was_written() {
        for value in [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX] {
            let mut buf = BytesMut::new();
            varint(&mut buf, value);
            assert_eq!(read::varint(&mut buf.freeze(), "n").unwrap(), value);
        }
    }
}
