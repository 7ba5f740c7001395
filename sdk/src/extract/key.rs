//! The key as an argument.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::rejection::KEY;
use super::{FromRecord, RecordContext, Rejection};
use crate::codec::plain;

/// The record's key, read in the [`plain`] format: `Key<String>`, `Key<i64>`, `Key<Uuid>`,
/// `Key<Json<T>>`, or a newtype around one of them. The bytes themselves, without a copy, are
/// [`Record::key_bytes`](crate::client::Record).
///
/// A null key is missing: take `Option<Key<K>>` to see it as `None`. (`Key<Option<K>>` reads a key
/// that is there, and refuses a null one as any `Key` does.)
///
/// ```
/// use wellspring::extract::Key;
///
/// async fn credit(Key(card): Key<String>) {
///     println!("{card}");
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<K>(pub K);

impl<K: DeserializeOwned> FromRecord for Key<K> {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let key = cx.record().key().ok_or_else(|| Rejection::missing(KEY))?;
        plain::decode(Some(key))
            .map(Key)
            .map_err(|error| Rejection::undecodable::<K>(KEY, error))
    }
}

impl<K> Deref for Key<K> {
    type Target = K;

    fn deref(&self) -> &K {
        &self.0
    }
}
