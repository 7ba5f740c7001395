//! The settings of all layers as written, before anything is checked.

use std::collections::BTreeMap;

use super::entry::{Entry, canonical};
use super::error::{Complaint, Problem};

/// All settings of all layers, by the canonical form of their keys. The last entry of a key wins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Raw {
    entries: BTreeMap<String, Vec<Entry>>,
}

impl Raw {
    /// Puts an entry over those that are there. Layers must be added from the lowest up.
    ///
    /// One layer that says two things under two spellings of a key is a problem: nobody can tell
    /// which one is meant.
    pub(crate) fn push(&mut self, entry: Entry) -> Result<(), Box<Problem>> {
        let same = self.entries.entry(canonical(&entry.key)).or_default();
        let twin = same.last().filter(|last| {
            let same_place = last.origin.layer() == entry.origin.layer();
            same_place && last.origin.layer() != super::Layer::Code && last.value != entry.value
        });
        if let Some(twin) = twin {
            let complaint = Complaint::WrittenTwice {
                other: twin.key.clone(),
                at: twin.origin.to_string(),
            };
            return Err(Box::new(Problem::of(&entry, complaint)));
        }
        same.push(entry);
        Ok(())
    }

    /// The entry that wins under this key, in any spelling.
    pub(crate) fn effective(&self, key: &str) -> Option<&Entry> {
        self.entries
            .get(&canonical(key))
            .and_then(|entries| entries.last())
    }

    /// The winning entry of every key, with its canonical key.
    pub(crate) fn winners(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .filter_map(|(key, entries)| Some((key.as_str(), entries.last()?)))
    }

    /// The keys in their written spelling, for suggestions.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.winners().map(|(_, entry)| entry.key.as_str())
    }
}
