//! From a value to plain bytes.

use bytes::Bytes;
use serde::ser::{self, Impossible};
use serde::{Serialize, Serializer};

use super::ONE_BYTE;
use crate::codec::fault::Fault;
use crate::codec::{EncodeError, json, json_format};

/// The plain bytes of `value`; `None` is null.
///
/// # Errors
/// When it has structure that JSON cannot express.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Option<Bytes>, EncodeError> {
    match value.serialize(Writer { element: false }) {
        Ok(bytes) => Ok(bytes),
        Err(NotPlain::Structured) => json_format::encode(value).map(Some),
        Err(refused) => Err(EncodeError::new(
            "a plain value",
            Fault::new(refused.to_string()),
        )),
    }
}

struct Writer {
    /// Whether the value is an element of a list.
    element: bool,
}

/// A list, which is JSON unless its elements are bytes.
struct List;

/// The reason why the writer gave up.
#[derive(Debug, thiserror::Error)]
enum NotPlain {
    /// The value has structure, so it is JSON.
    #[error("it has structure")]
    Structured,
    /// The value is bytes, which serde does not tell from a list of numbers.
    #[error(
        "to serde `Vec<u8>` and `&[u8]` are lists of numbers: write `Bytes` for the bytes, `Json` for the list"
    )]
    ListOfBytes,
    /// The value is a number of one byte.
    #[error("{ONE_BYTE}")]
    OneByte,
    /// The value refused to be serialized.
    #[error("{0}")]
    Refused(String),
}

impl ser::Error for NotPlain {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Refused(message.to_string())
    }
}

type Written = Result<Option<Bytes>, NotPlain>;
type Never = Impossible<Option<Bytes>, NotPlain>;

fn copied(bytes: &[u8]) -> Written {
    Ok(Some(Bytes::copy_from_slice(bytes)))
}

macro_rules! big_endian {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, number: $type) -> Written {
            copied(&number.to_be_bytes())
        }
    )*};
}

impl Serializer for Writer {
    type Ok = Option<Bytes>;
    type Error = NotPlain;
    type SerializeSeq = List;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    big_endian! {
        serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    }

    fn serialize_i8(self, _number: i8) -> Written {
        Err(NotPlain::OneByte)
    }

    fn serialize_u8(self, _number: u8) -> Written {
        Err(if self.element {
            NotPlain::ListOfBytes
        } else {
            NotPlain::OneByte
        })
    }

    fn serialize_bool(self, value: bool) -> Written {
        copied(&[u8::from(value)])
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Written {
        copied(text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        copied(bytes)
    }

    fn serialize_none(self) -> Written {
        Ok(None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        Ok(None)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        if name == json::MARK {
            Err(NotPlain::Structured)
        } else {
            value.serialize(Self { element: false })
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Written {
        Err(NotPlain::Structured)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List, NotPlain> {
        Ok(List)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Never, NotPlain> {
        Err(NotPlain::Structured)
    }
}

impl ser::SerializeSeq for List {
    type Ok = Option<Bytes>;
    type Error = NotPlain;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), NotPlain> {
        match element.serialize(Writer { element: true }) {
            Err(NotPlain::ListOfBytes) => Err(NotPlain::ListOfBytes),
            Ok(_) | Err(_) => Err(NotPlain::Structured),
        }
    }

    fn end(self) -> Written {
        Err(NotPlain::Structured)
    }
}
