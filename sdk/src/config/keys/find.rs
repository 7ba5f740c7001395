//! A key by any of its spellings.

use super::key::Key;
use super::table::KEYS;
use crate::config::entry::canonical;
use crate::config::librdkafka;

/// The first words that are Wellspring's own; all others are free for placeholders.
pub(crate) fn is_reserved(key: &str) -> bool {
    let canonical = canonical(key);
    KEYS.iter()
        .filter_map(|key| key.name.split('.').next())
        .any(|root| {
            canonical
                .strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
}

/// A written key that is in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) key: &'static Key,
    /// The part that stands for `<id>`.
    pub(crate) id: Option<String>,
    /// The part that stands for `*`, as librdkafka spells it.
    pub(crate) property: Option<String>,
}

impl Found {
    /// The name of the key, with what stands for `<id>` and `*` put in.
    pub(crate) fn name(&self) -> String {
        let name = self
            .key
            .name
            .replace("<id>", self.id.as_deref().unwrap_or_default());
        name.replace('*', self.property.as_deref().unwrap_or_default())
    }
}

/// Finds a key by any of its spellings.
pub(crate) fn find(written: &str) -> Option<Found> {
    KEYS.iter().find_map(|key| match_key(key, written))
}

fn match_key(key: &'static Key, written: &str) -> Option<Found> {
    let spelled = canonical(written);
    let pattern = key.name.strip_suffix('*').unwrap_or(key.name);
    let (head, tail) = pattern.split_once("<id>").unwrap_or((pattern, ""));
    let (head, tail) = (canonical(head), canonical(tail));
    let rest = spelled.strip_prefix(&head)?;
    let (id, property) = match (tail.is_empty(), key.name.ends_with('*')) {
        (true, false) => {
            return rest.is_empty().then_some(Found {
                key,
                id: None,
                property: None,
            });
        }
        (true, true) => ("", rest),
        (false, false) => (rest.strip_suffix(&tail)?, ""),
        (false, true) => rest.split_once(&tail)?,
    };
    if id.is_empty() != tail.is_empty() || property.is_empty() == key.name.ends_with('*') {
        return None;
    }
    // The canonical form is as long as the written one, character by character.
    let count = |text: &str| text.chars().count();
    let as_written =
        |from: usize, length: usize| written.chars().skip(from).take(length).collect::<String>();
    let id = (!id.is_empty()).then(|| as_written(count(&head), count(id)));
    let property = (!property.is_empty()).then(|| {
        property_name(&as_written(
            count(written) - count(property),
            count(property),
        ))
    });
    Some(Found { key, id, property })
}

/// The property as librdkafka spells it. One that is not known keeps its spelling if it has dots.
fn property_name(written: &str) -> String {
    match librdkafka::find(written) {
        Some((name, _)) => name.to_owned(),
        None if written.contains('.') => written.to_owned(),
        None => written.replace('_', "."),
    }
}
