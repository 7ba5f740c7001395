//! Record headers: names that may repeat, values that may be absent.

use std::fmt;

use bytes::Bytes;

use super::layout::HeaderSpan;

/// The headers of a record to be sent, in order. Names may repeat; a value may be absent.
///
/// ```
/// use wellspring::client::Headers;
///
/// let headers = Headers::new().with("source", "web").with("source", "retry");
/// assert_eq!(headers.last("source"), Some(Some(b"retry".as_slice())));
/// assert_eq!(headers.iter().count(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Option<Bytes>)>);

/// The headers of a consumed record, read where they lie. Names are the bytes on the wire.
#[derive(Clone, Copy)]
pub struct HeadersRef<'a> {
    pub(super) arena: &'a Bytes,
    pub(super) spans: &'a [HeaderSpan],
}

impl Headers {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header behind those that are there.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<HeaderValue>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a header behind those that are there.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<HeaderValue>) {
        self.0.push((name.into(), value.into().0));
    }

    /// Adds all of `more` behind those that are there.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Removes every header of this name, and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.0.len();
        self.0.retain(|(n, _)| n != name);
        before - self.0.len()
    }

    /// The value of the last header of this name: `None` when there is no such header,
    /// `Some(None)` when it has no value.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<Option<&[u8]>> {
        self.iter().rev().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Names and values in order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, Option<&[u8]>)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_deref()))
    }

    /// Returns the number of headers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The value of a header: bytes, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue(Option<Bytes>);

impl HeaderValue {
    /// A header without a value.
    pub const NONE: Self = Self(None);
}

impl From<Option<Bytes>> for HeaderValue {
    fn from(value: Option<Bytes>) -> Self {
        Self(value)
    }
}

impl From<Bytes> for HeaderValue {
    fn from(value: Bytes) -> Self {
        Self(Some(value))
    }
}

impl From<&str> for HeaderValue {
    fn from(value: &str) -> Self {
        Self(Some(Bytes::copy_from_slice(value.as_bytes())))
    }
}

impl From<String> for HeaderValue {
    fn from(value: String) -> Self {
        Self(Some(value.into()))
    }
}

impl From<&[u8]> for HeaderValue {
    fn from(value: &[u8]) -> Self {
        Self(Some(Bytes::copy_from_slice(value)))
    }
}

impl<'a> HeadersRef<'a> {
    /// Names and values in order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn iter(self) -> impl DoubleEndedIterator<Item = (&'a [u8], Option<&'a [u8]>)> {
        self.spans.iter().map(move |span| {
            (
                span.name.slice(self.arena),
                span.value.map(|v| v.slice(self.arena)),
            )
        })
    }

    /// The value of the last header of this name: `None` when there is no such header,
    /// `Some(None)` when it has no value.
    #[must_use]
    pub fn last(self, name: &str) -> Option<Option<&'a [u8]>> {
        self.iter()
            .rev()
            .find(|(n, _)| *n == name.as_bytes())
            .map(|(_, v)| v)
    }

    /// Returns the number of headers.
    #[must_use]
    pub const fn len(self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.spans.is_empty()
    }
}

/// Shows the names and the lengths of the values, never what they carry.
impl fmt::Debug for HeadersRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| {
            let length = value.map_or_else(
                || "none".to_owned(),
                |value| format!("{} bytes", value.len()),
            );
            format!("{}: {length}", String::from_utf8_lossy(name))
        });
        f.debug_list().entries(shown).finish()
    }
}
