//! Whole numbers of no fixed width.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A whole number as Java's `BigInteger.toByteArray` writes it: two's complement, big-endian, as
/// short as it can be.
///
/// So Spring writes the times in its headers `retry_topic-backoff-timestamp` and
/// `retry_topic-original-timestamp`. From 1 to 8 bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BigInteger(pub i64);

impl Serialize for BigInteger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wide = self.0.to_be_bytes();
        let fill = if self.0 < 0 { 0xff } else { 0 };
        let mut short = wide.as_slice();
        // A byte of the sign can go when the one behind it has the same sign.
        while let [first, rest @ ..] = short
            && let [second, ..] = rest
            && *first == fill
            && (second ^ fill) & 0x80 == 0
        {
            short = rest;
        }
        serializer.serialize_bytes(short)
    }
}

impl<'de> Deserialize<'de> for BigInteger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Short;

        impl Visitor<'_> for Short {
            type Value = BigInteger;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of 1 to 8 bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<BigInteger, E> {
                let (Some(first), 1..=8) = (bytes.first(), bytes.len()) else {
                    return Err(E::invalid_length(bytes.len(), &self));
                };
                let sign = if first & 0x80 == 0 { 0 } else { -1 };
                Ok(BigInteger(bytes.iter().fold(sign, |number, byte| {
                    (number << 8) | i64::from(*byte)
                })))
            }
        }

        deserializer.deserialize_bytes(Short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::plain;

    #[test]
    fn it_has_the_bytes_of_javas_big_integer() {
        let golden: [(i64, &[u8]); 8] = [
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0, 0x80]),
            (-1, &[0xff]),
            (-128, &[0x80]),
            (-129, &[0xff, 0x7f]),
            (1_700_000_000_000, &[0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00]),
            (i64::MIN, &[0x80, 0, 0, 0, 0, 0, 0, 0]),
        ];
        for (number, bytes) in golden {
            assert_eq!(
                plain::encode(&BigInteger(number)).unwrap().as_deref(),
                Some(bytes),
                "{number}"
            );
            assert_eq!(
                plain::decode::<BigInteger>(Some(bytes)).unwrap(),
                BigInteger(number)
            );
        }
        for bytes in [[].as_slice(), &[0; 9]] {
            plain::decode::<BigInteger>(Some(bytes)).unwrap_err();
        }
    }
}
