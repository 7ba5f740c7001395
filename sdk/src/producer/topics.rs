//! From the text of a topic to its checked name.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::error::SendError;
use crate::BoxError;
use crate::config::Loader;
use crate::types::TopicName;

/// Most topics whose names are remembered. A program has few; one that makes up names all the time
/// must not fill the memory.
const MAX_REMEMBERED: usize = 4096;

/// Replaces the placeholders in a topic's name.
pub type Placeholders = dyn Fn(&str) -> Result<String, BoxError> + Send + Sync;

/// The names of topics that were sent to, by the text they were given as.
pub(super) struct Topics {
    /// Held for one look-up or one insertion.
    known: RwLock<HashMap<Box<str>, TopicName>>,
    placeholders: Option<Arc<Placeholders>>,
}

impl Topics {
    pub(super) fn new(placeholders: Option<Arc<Placeholders>>) -> Self {
        Self {
            known: RwLock::default(),
            placeholders,
        }
    }

    /// Returns the topic that `text` named before.
    pub(super) fn known(&self, text: &str) -> Option<TopicName> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(text).cloned()
    }

    /// Returns the topic that `text` names, its placeholders resolved, and remembers it.
    pub(super) fn named(&self, text: &str) -> Result<TopicName, SendError> {
        let no_topic = |source| SendError::Topic {
            text: text.to_owned(),
            source,
        };
        let name = TopicName::new(self.resolved(text).map_err(no_topic)?)
            .map_err(|error| no_topic(error.into()))?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MAX_REMEMBERED {
            known.insert(text.into(), name.clone());
        }
        Ok(name)
    }

    fn resolved(&self, text: &str) -> Result<String, BoxError> {
        match &self.placeholders {
            Some(resolve) if text.contains("${") => resolve(text),
            // Without a configuration a placeholder is its default.
            None if text.contains("${") => Ok(Loader::new().load()?.resolve(text)?),
            Some(_) | None => Ok(text.to_owned()),
        }
    }
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Topics")
    }
}
