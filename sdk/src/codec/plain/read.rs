//! From plain bytes to a value.

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserialize, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use crate::codec::error::Fault;
use crate::codec::{DecodeError, json};

/// Reads a value from plain bytes; `None` is null, which only an `Option` or `()` accepts.
///
/// # Errors
/// When they are not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(bytes: Option<&'de [u8]>) -> Result<T, DecodeError> {
    T::deserialize(Reader { bytes }).map_err(|fault| DecodeError::new("plain value", fault))
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    bytes: Option<&'de [u8]>,
}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'de> Reader<'de> {
    fn present(self) -> Result<&'de [u8], Fault> {
        self.bytes.ok_or_else(|| Fault("it is null".to_owned()))
    }

    fn text(self) -> Result<&'de str, Fault> {
        std::str::from_utf8(self.present()?).map_err(|e| Fault(e.to_string()))
    }

    /// The bytes on the right of eight bytes that are full of `fill`.
    fn widened(self, fill: impl FnOnce(u8) -> u8) -> Result<[u8; 8], Fault> {
        let bytes = self.present()?;
        let odd = || Fault(format!("an integer has 1 to 8 bytes, and these are {}", bytes.len()));
        let first = *bytes.first().ok_or_else(odd)?;
        let mut wide = [fill(first); 8];
        let start = wide.len().checked_sub(bytes.len()).ok_or_else(odd)?;
        wide.iter_mut().skip(start).zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(wide)
    }

    fn signed(self) -> Result<i64, Fault> {
        self.widened(|first| if first & 0x80 == 0 { 0 } else { 0xff }).map(i64::from_be_bytes)
    }

    fn unsigned(self) -> Result<u64, Fault> {
        self.widened(|_| 0).map(u64::from_be_bytes)
    }

    fn exactly<const N: usize>(self) -> Result<[u8; N], Fault> {
        let bytes = self.present()?;
        bytes.try_into().map_err(|_| Fault(format!("it should have {N} bytes and has {}", bytes.len())))
    }

    fn json<V>(
        self,
        read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>) -> serde_json::Result<V>,
    ) -> Result<V, Fault> {
        let mut json = serde_json::Deserializer::from_slice(self.present()?);
        let value = read(&mut json).and_then(|value| json.end().map(|()| value));
        value.map_err(|e| Fault(e.to_string()))
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident($read:ident)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.$read()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    numbers! {
        deserialize_i8 => visit_i64(signed), deserialize_i16 => visit_i64(signed),
        deserialize_i32 => visit_i64(signed), deserialize_i64 => visit_i64(signed),
        deserialize_u8 => visit_u64(unsigned), deserialize_u16 => visit_u64(unsigned),
        deserialize_u32 => visit_u64(unsigned), deserialize_u64 => visit_u64(unsigned),
        deserialize_str => visit_borrowed_str(text), deserialize_string => visit_borrowed_str(text),
        deserialize_char => visit_borrowed_str(text), deserialize_identifier => visit_borrowed_str(text),
        deserialize_bytes => visit_borrowed_bytes(present), deserialize_byte_buf => visit_borrowed_bytes(present),
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f32(f32::from_be_bytes(self.exactly()?))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(f64::from_be_bytes(self.exactly()?))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.exactly()? {
            [0] => visitor.visit_bool(false),
            [1] => visitor.visit_bool(true),
            [other] => Err(Fault(format!("a bool is the byte 0 or 1, not {other}"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.bytes.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.bytes {
            None => visitor.visit_unit(),
            Some(_) => Err(Fault("it should be null".to_owned())),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == json::MARK {
            self.json(|json| json.deserialize_newtype_struct(name, visitor))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    /// A bare word is a variant without fields; one with fields was written as JSON.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.present()?.first() == Some(&b'{') {
            return self.json(|json| json.deserialize_enum(name, variants, visitor));
        }
        let variant: StrDeserializer<'_, Fault> = self.text()?.into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    /// Whatever has structure was written as JSON.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.json(|json| json.deserialize_any(visitor))
    }

    forward_to_deserialize_any! { i128 u128 seq tuple tuple_struct map struct ignored_any }
}
