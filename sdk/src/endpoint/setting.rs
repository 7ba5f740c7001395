//! A value that is known now, or a text that the configuration makes one of.

use std::time::Duration;

/// A literal, or a text with placeholders to be resolved and parsed at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// Known now.
    Value(T),
    /// To be resolved: `"${key}"`, `"${key:default}"`, or any text that parses as a `T`.
    Text(String),
}

impl<T> From<&str> for Setting<T> {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T> From<String> for Setting<T> {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

macro_rules! from_value {
    ($($type:ty),*) => {$(
        impl From<$type> for Setting<$type> {
            fn from(value: $type) -> Self {
                Self::Value(value)
            }
        }
    )*};
}

from_value!(
    bool,
    usize,
    Duration,
    super::Ordering,
    crate::retry::RetryPolicy,
    crate::retry::OnExhausted
);
