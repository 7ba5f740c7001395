//! The format of keys and header values: what Kafka's own serializers write, in both directions.
//!
//! | value | bytes | as Java's | why |
//! | --- | --- | --- | --- |
//! | `i16`, `i32`, `i64` | 2, 4, 8, big-endian | `Short-`, `Integer-`, `LongSerializer` | exactly as many, as their deserializers ask for: read as a number of another width, the text `12345` would be another number |
//! | `u16`, `u32`, `u64` | 2, 4, 8, big-endian | | Java has no such serializers; the width tells here, too |
//! | `i8`, `u8` | refused | | Java has no such serializers, and every digit that was written as text would be one |
//! | `f32`, `f64` | 4, 8, big-endian | `Float-`, `DoubleSerializer` | |
//! | `bool` | one byte, 0 or 1 | `BooleanSerializer` | other bytes are refused, as there |
//! | text, `char`, the name of an enum's variant | UTF-8 | `StringSerializer` | a byte-order mark is kept, as there; what is no UTF-8 is refused, where Java replaces it |
//! | [`Text<T>`](super::Text): `Text<i64>`, `Text<bool>` | its text | `StringSerializer` | numbers as shells, scripts and consoles send them |
//! | `Uuid` | its 36 characters | `UUIDSerializer` | |
//! | [`Bytes`](::bytes::Bytes); `&[u8]` when read | as they are | `ByteArraySerializer` | |
//! | `None`, `()` | null | `VoidSerializer` | |
//! | [`BigInteger`](super::BigInteger) | as few as it needs | `BigInteger.toByteArray` | Spring's times in the headers of retry topics |
//! | a newtype, `Some` | as what is inside | | |
//! | [`Json`](super::Json), and whatever has structure: structs, maps, lists | JSON | Spring's header mapper | it writes a Java number in a header as JSON: read `Json<i32>` or `Text<i32>` |
//!
//! So a key type needs nothing but serde's derives: `struct CardNo(String)` is the text inside.
//!
//! A record does not say which of these its producer chose, and no reader can tell: the text `1234`
//! has four bytes, as an `i32` has. The types on both sides have to agree, as the serializers in
//! Java have; whatever has another length is refused and never read as another number.
//!
//! `Vec<u8>` is a list to serde. It is refused when it is written, as it would be JSON: `Bytes` are
//! bytes. (An array `[u8; N]` is a tuple to serde, and JSON.)

mod read;
mod write;
mod payload;

/// The reason why a number of one byte is refused, in both directions.
const ONE_BYTE: &str = "a number of one byte cannot be told from a digit: use `Text<u8>` for text, or `i16` or wider for binary";

pub use payload::Plain;
pub use read::decode;
pub use write::encode;

#[cfg(test)]
mod tests;
