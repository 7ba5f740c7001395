//! Headers as arguments: one by name, or all of them.

use bytes::Bytes;
use serde::Deserialize;

use super::{FromRecord, RecordContext, Rejection};
use crate::client::Headers;
use crate::codec::plain;

impl RecordContext {
    /// The last header of this name, read in the [`plain`] format: text, numbers, `Uuid`, `&[u8]`,
    /// [`Json`](crate::codec::Json), or a newtype around one of them. What `#[header("name")]` asks
    /// for.
    ///
    /// A header whose value is null is there; only an `Option` or `()` can be read from it.
    ///
    /// # Errors
    /// [`Rejection::Missing`] when there is no such header, [`Rejection::Undecodable`] when its
    /// value is not a `T`.
    ///
    /// ```
    /// use wellspring::extract::{RecordContext, Rejection};
    ///
    /// fn source(cx: &RecordContext) -> Result<&str, Rejection> {
    ///     cx.header("source")
    /// }
    /// ```
    pub fn header<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<T, Rejection> {
        let value = self
            .record()
            .headers()
            .last(name)
            .ok_or_else(|| Rejection::missing(format!("header {name:?}")))?;
        plain::decode(value)
            .map_err(|error| Rejection::undecodable::<T>(format!("header {name:?}"), error))
    }

    /// As [`header`](RecordContext::header), but no such header and a null value are `None`.
    ///
    /// # Errors
    /// [`Rejection::Undecodable`] when there is a value and it is not a `T`.
    pub fn header_if_present<'a, T: Deserialize<'a>>(
        &'a self,
        name: &str,
    ) -> Result<Option<T>, Rejection> {
        match self.record().headers().last(name) {
            None | Some(None) => Ok(None),
            Some(Some(_)) => self.header(name).map(Some),
        }
    }
}

/// All headers in order, repeated names and null values included.
///
/// A name that is not UTF-8 cannot be shown here and rejects the record; `cx.record().headers()`
/// has its bytes.
impl FromRecord for Headers {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let mut headers = Self::new();
        for (name, value) in cx.record().headers().iter() {
            let name = std::str::from_utf8(name)
                .map_err(|error| Rejection::undecodable::<String>("header name", error))?;
            headers.push(name, value.map(Bytes::copy_from_slice));
        }
        Ok(headers)
    }
}
