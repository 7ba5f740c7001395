//! The format of keys and header values: what Kafka's own serializers write.
//!
//! | value | bytes | as written by |
//! | --- | --- | --- |
//! | text, `char`, the name of an enum's variant | UTF-8 | `StringSerializer` |
//! | `Uuid` | its 36 characters | `UUIDSerializer` |
//! | integers and floats | big-endian, as wide as the type | `IntegerSerializer`, `LongSerializer`, … |
//! | `bool` | one byte, 0 or 1 | `BooleanSerializer` |
//! | what is bytes to serde: `&[u8]` when read, `Bytes` with that crate's feature `serde` | as they are | `ByteArraySerializer` |
//! | `None`, `()` | null | |
//! | a newtype, `Some` | as what is inside | |
//! | [`Json`](super::Json), and whatever has structure: structs, maps, lists | JSON | |
//!
//! So a key type needs nothing but serde's derives: `struct CardNo(String)` is the text inside.
//! `Vec<u8>` is a list to serde, hence JSON; so is `&[u8]` when it is written.
//!
//! Reading is more tolerant than writing: an integer may have 1 to 8 bytes, as Spring's headers do.

mod read;
mod write;

pub use read::decode;
pub use write::encode;

#[cfg(test)]
mod tests;
