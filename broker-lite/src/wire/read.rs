//! Fields of the hand-written messages, read from a slice of the frame.
//!
//! Each function takes its field from the front or says what is missing; none allocates from a
//! length.

use bytes::{Buf, Bytes};

use super::{KafkaString, KafkaUuid, WireError};

/// The most elements that a vector is allocated for before they are read; longer arrays grow.
const PREPARED: usize = 1024;

pub(super) fn bytes(
    buf: &mut Bytes,
    count: usize,
    field: &'static str,
) -> Result<Bytes, WireError> {
    need(buf, count, field)?;
    Ok(buf.split_to(count))
}

pub(super) fn i8(buf: &mut Bytes, field: &'static str) -> Result<i8, WireError> {
    need(buf, 1, field)?;
    Ok(buf.get_i8())
}

pub(super) fn i16(buf: &mut Bytes, field: &'static str) -> Result<i16, WireError> {
    need(buf, 2, field)?;
    Ok(buf.get_i16())
}

pub(super) fn i32(buf: &mut Bytes, field: &'static str) -> Result<i32, WireError> {
    need(buf, 4, field)?;
    Ok(buf.get_i32())
}

pub(super) fn i64(buf: &mut Bytes, field: &'static str) -> Result<i64, WireError> {
    need(buf, 8, field)?;
    Ok(buf.get_i64())
}

pub(super) fn uuid(buf: &mut Bytes, field: &'static str) -> Result<KafkaUuid, WireError> {
    need(buf, 16, field)?;
    let high = buf.get_u64();
    let low = buf.get_u64();
    Ok(KafkaUuid::from_parts(high, low))
}

/// An unsigned LEB128 number of at most 32 bits.
pub(super) fn varint(buf: &mut Bytes, field: &'static str) -> Result<u32, WireError> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        need(buf, 1, field)?;
        let byte = buf.get_u8();
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).map_err(|_| WireError::Impossible {
                field,
                value: i64::try_from(value).unwrap_or(i64::MAX),
            });
        }
    }
    Err(WireError::Impossible {
        field,
        value: i64::try_from(value).unwrap_or(i64::MAX),
    })
}

/// A string that must be there; `compact` from the first flexible version on.
pub(super) fn string(
    buf: &mut Bytes,
    compact: bool,
    field: &'static str,
) -> Result<KafkaString, WireError> {
    nullable_string(buf, compact, field)?.ok_or(WireError::Impossible { field, value: -1 })
}

pub(super) fn nullable_string(
    buf: &mut Bytes,
    compact: bool,
    field: &'static str,
) -> Result<Option<KafkaString>, WireError> {
    let length = if compact {
        compact_len(buf, field)?
    } else {
        len(i64::from(i16(buf, field)?), field)?
    };
    let Some(length) = length else {
        return Ok(None);
    };
    let text = KafkaString::new(bytes(buf, length, field)?)
        .map_err(kacrab_protocol::ProtocolError::from)?;
    Ok(Some(text))
}

pub(super) fn nullable_bytes(
    buf: &mut Bytes,
    compact: bool,
    field: &'static str,
) -> Result<Option<Bytes>, WireError> {
    let length = if compact {
        compact_len(buf, field)?
    } else {
        len(i64::from(i32(buf, field)?), field)?
    };
    length.map(|length| bytes(buf, length, field)).transpose()
}

/// An array that must be there, each element read by `element`.
pub(super) fn array<T>(
    buf: &mut Bytes,
    compact: bool,
    field: &'static str,
    mut element: impl FnMut(&mut Bytes) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let count = if compact {
        compact_len(buf, field)?
    } else {
        len(i64::from(i32(buf, field)?), field)?
    };
    // A null array means an empty one to every hot message: Kafka's own reader is as lenient for
    // forgotten topics.
    let count = count.unwrap_or(0);
    // No element is shorter than a byte, so the count cannot exceed the bytes left.
    need(buf, count, field)?;
    let mut elements = Vec::with_capacity(count.min(PREPARED));
    for _ in 0..count {
        elements.push(element(buf)?);
    }
    Ok(elements)
}

/// Skips tagged fields (KIP-482): none that clients send is used here.
pub(super) fn skip_tags(buf: &mut Bytes) -> Result<(), WireError> {
    for _ in 0..varint(buf, "tag count")? {
        varint(buf, "tag")?;
        let size = usize::try_from(varint(buf, "tag size")?).unwrap_or(usize::MAX);
        bytes(buf, size, "tagged field")?;
    }
    Ok(())
}

fn compact_len(buf: &mut Bytes, field: &'static str) -> Result<Option<usize>, WireError> {
    len(i64::from(varint(buf, field)?) - 1, field)
}

fn len(raw: i64, field: &'static str) -> Result<Option<usize>, WireError> {
    match raw {
        -1 => Ok(None),
        _ => usize::try_from(raw)
            .map(Some)
            .map_err(|_| WireError::Impossible { field, value: raw }),
    }
}

fn need(buf: &Bytes, needed: usize, field: &'static str) -> Result<(), WireError> {
    if buf.len() < needed {
        return Err(WireError::Truncated {
            field,
            needed,
            left: buf.len(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varint_ends_within_five_bytes_and_32_bits() {
        let read = |bytes: &'static [u8]| varint(&mut Bytes::from_static(bytes), "n");
        assert_eq!(read(&[0x00]).unwrap(), 0);
        assert_eq!(read(&[0xac, 0x02]).unwrap(), 300);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]).unwrap(), u32::MAX);
        assert!(read(&[0xff, 0xff, 0xff, 0xff, 0x1f]).is_err(), "33 bits");
        assert!(
            read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]).is_err(),
            "six bytes"
        );
        assert!(read(&[0x80]).is_err(), "cut short");
    }

    #[test]
    fn an_array_longer_than_its_bytes_is_refused_at_once() {
        let mut buf = Bytes::from_static(&[0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
        let error = array(&mut buf, false, "topics", |buf| i8(buf, "x")).unwrap_err();
        assert!(
            matches!(
                error,
                WireError::Truncated {
                    field: "topics",
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_length_below_minus_one_is_impossible() {
        let mut buf = Bytes::from_static(&[0xff, 0xfe, 0, 0]);
        assert!(matches!(
            string(&mut buf, false, "name"),
            Err(WireError::Impossible { value: -2, .. })
        ));
    }
}
