//! From plain bytes to a value.

use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::ONE_BYTE;
use crate::codec::fault::Fault;
use crate::codec::{DecodeError, json, json_format};

/// Reads a value from plain bytes; `None` is null, which only an `Option` or `()` accepts.
///
/// # Errors
/// When they are not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(bytes: Option<&'de [u8]>) -> Result<T, DecodeError> {
    T::deserialize(Reader { bytes })
        .map_err(|fault| DecodeError::new("plain value", fault.hiding(bytes)))
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    bytes: Option<&'de [u8]>,
}

impl<'de> Reader<'de> {
    fn present(self) -> Result<&'de [u8], Fault> {
        self.bytes.ok_or_else(|| Fault::new("it is null"))
    }

    fn text(self) -> Result<&'de str, Fault> {
        std::str::from_utf8(self.present()?).map_err(|e| Fault::new(e.to_string()))
    }

    /// Exactly as many bytes as a `type_name` has. Fewer or more would be another number.
    fn exactly<const N: usize>(self, type_name: &str) -> Result<[u8; N], Fault> {
        let bytes = self.present()?;
        bytes.try_into().map_err(|_| {
            let sized = format!(
                "`{type_name}` has {N} bytes, and this value has {}",
                bytes.len()
            );
            let hint = if looks_like_text(bytes) {
                format!("; what was written as text is taken as `Text<{type_name}>`")
            } else {
                String::new()
            };
            Fault::new(sized + &hint)
        })
    }

    fn json<V>(
        self,
        read: impl FnOnce(
            &mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>,
        ) -> serde_json::Result<V>,
    ) -> Result<V, Fault> {
        let document = json_format::without_mark(self.present()?);
        let mut json = serde_json::Deserializer::from_slice(document);
        let value = read(&mut json).and_then(|value| json.end().map(|()| value));
        value.map_err(|e| Fault::of_json(&e, document))
    }
}

/// Whether these bytes may be a number or a bool in words: `-7`, `1.5`, `1e3`, `true`.
fn looks_like_text(bytes: &[u8]) -> bool {
    let in_words = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    !bytes.is_empty() && bytes.iter().all(in_words)
}

macro_rules! numbers {
    ($($method:ident => $visit:ident($number:ident)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit($number::from_be_bytes(self.exactly(stringify!($number))?))
        }
    )*};
}

macro_rules! as_they_are {
    ($($method:ident => $visit:ident($read:ident)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.$read()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    numbers! {
        deserialize_i16 => visit_i16(i16), deserialize_u16 => visit_u16(u16),
        deserialize_i32 => visit_i32(i32), deserialize_i64 => visit_i64(i64),
        deserialize_u32 => visit_u32(u32), deserialize_u64 => visit_u64(u64),
        deserialize_f32 => visit_f32(f32), deserialize_f64 => visit_f64(f64),
    }

    as_they_are! {
        deserialize_str => visit_borrowed_str(text), deserialize_string => visit_borrowed_str(text),
        deserialize_char => visit_borrowed_str(text), deserialize_identifier => visit_borrowed_str(text),
        deserialize_bytes => visit_borrowed_bytes(present), deserialize_byte_buf => visit_borrowed_bytes(present),
    }

    fn deserialize_i8<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(Fault::new(ONE_BYTE))
    }

    fn deserialize_u8<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(Fault::new(ONE_BYTE))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.exactly("bool")? {
            [0] => visitor.visit_bool(false),
            [1] => visitor.visit_bool(true),
            [_] => Err(Fault::new("a bool is the byte 0 or 1")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.bytes.is_none() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.bytes {
            None => visitor.visit_unit(),
            Some(_) => Err(Fault::new("it should be null")),
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
        if json_format::without_mark(self.present()?).first() == Some(&b'{') {
            return self.json(|json| json.deserialize_enum(name, variants, visitor));
        }
        let variant: StrDeserializer<'_, Fault> = self.text()?.into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    /// Whatever has structure was written as JSON.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.json(|json| json.deserialize_any(visitor))
    }

    forward_to_deserialize_any! { seq tuple tuple_struct map struct ignored_any }
}
