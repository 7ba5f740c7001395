//! Faults in the bytes of a value, in words that hold none of it.
//!
//! Such words end up in logs, in health and in the headers of dead letters, so they are short, and
//! name the kind of what was found and what was expected. `serde_json`'s own words quote the value,
//! whatever its size.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use serde_json::Value;
use serde_json::error::Category;

/// A fault in a value; the source of an [`EncodeError`](super::EncodeError) or
/// [`DecodeError`](super::DecodeError).
#[derive(Debug)]
pub(super) struct Fault {
    text: String,
    /// Whether these are the words of a type's own `Deserialize`, which may quote what it refuses.
    of_the_type: bool,
}

/// The most characters of a fault.
const MAX_CHARS: usize = 400;

/// The text in the place of words that quote a value.
const QUOTING: &str = "the type refuses it, in words that quote it";

impl Fault {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: bounded(text.into()),
            of_the_type: false,
        }
    }

    /// The fault that `serde_json` found in `document`.
    pub(super) fn of_json(error: &serde_json::Error, document: &[u8]) -> Self {
        let said = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let said = said.strip_suffix(&place).unwrap_or(&said);
        let said = match error.classify() {
            Category::Data => without_values(said, document),
            Category::Syntax | Category::Eof | Category::Io => said.to_owned(),
        };
        let place = if error.line() == 0 { "" } else { &place };
        Self::new(format!("{}{place}", bounded(said)))
    }

    /// The same without the words of a type that quote `value`.
    pub(super) fn hiding(self, value: Option<&[u8]>) -> Self {
        let value = value.and_then(|value| std::str::from_utf8(value).ok());
        if self.of_the_type && value.is_some_and(|value| quotes(&self.text, value)) {
            return Self::new(QUOTING);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            text: bounded(message.to_string()),
            of_the_type: true,
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!(
            "invalid type: {}, expected {expected}",
            kind(&found.to_string())
        ))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!(
            "invalid value: {}, expected {expected}",
            kind(&found.to_string())
        ))
    }

    fn unknown_variant(_name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!(
            "unknown variant, expected one of {}",
            expected.join(", ")
        ))
    }

    fn unknown_field(_name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!(
            "unknown field, expected one of {}",
            expected.join(", ")
        ))
    }
}

/// serde's names for the kinds of values; what follows such a name in its messages is the value.
const KINDS: [&str; 15] = [
    "string",
    "integer",
    "floating point",
    "boolean",
    "character",
    "byte array",
    "null",
    "unit value",
    "Option value",
    "newtype struct",
    "sequence",
    "map",
    "enum",
    "unit variant",
    "tuple variant",
];

fn kind(found: &str) -> &'static str {
    KINDS
        .into_iter()
        .find(|kind| found.starts_with(kind))
        .unwrap_or("a value")
}

/// The sentences of `serde::de::Error`, which are the same in every format, without what they
/// quote.
fn without_values(said: &str, document: &[u8]) -> String {
    for start in ["invalid type: ", "invalid value: "] {
        let parts = said
            .strip_prefix(start)
            .and_then(|rest| rest.rsplit_once(", expected "));
        if let Some((found, expected)) = parts {
            return format!("{start}{}, expected {expected}", kind(found));
        }
    }
    for start in ["unknown field", "unknown variant"] {
        if said.starts_with(start) {
            let expected = said
                .rsplit_once("`, expected ")
                .map(|(_, expected)| expected);
            return expected.map_or_else(
                || start.to_owned(),
                |expected| format!("{start}, expected {expected}"),
            );
        }
    }
    let of_serde = ["missing field `", "duplicate field `", "invalid length "];
    if of_serde.iter().any(|start| said.starts_with(start)) {
        return said.to_owned();
    }
    let quoted =
        serde_json::from_slice(document).map_or(true, |document| quotes_any(said, &document));
    if quoted {
        QUOTING.to_owned()
    } else {
        said.to_owned()
    }
}

/// Whether `said` holds one of the document's texts or numbers. `serde_json` bounds the depth of a
/// document.
fn quotes_any(said: &str, document: &Value) -> bool {
    match document {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => quotes(said, &number.to_string()),
        Value::String(text) => quotes(said, text),
        Value::Array(items) => items.iter().any(|item| quotes_any(said, item)),
        Value::Object(fields) => fields.values().any(|field| quotes_any(said, field)),
    }
}

/// Whether `value` stands in `said`, as it is or escaped, and is no part of a longer word there.
fn quotes(said: &str, value: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let stands = |value: &str| {
        said.match_indices(value).any(|(at, found)| {
            let (before, after) = (said.get(..at), said.get(at + found.len()..));
            !inside(before.and_then(|text| text.chars().next_back()))
                && !inside(after.and_then(|text| text.chars().next()))
        })
    };
    // What is longer than the words cannot stand in them, unless they were cut.
    let cut = said.ends_with('…');
    if value.is_empty() {
        return false;
    }
    if cut && value.chars().count() >= MAX_CHARS {
        return true;
    }
    stands(value) || stands(&value.escape_debug().to_string())
}

fn bounded(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        None => text,
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}
