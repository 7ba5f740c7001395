//! The applications that somebody watches from outside, such as a test.

use std::sync::{Arc, Mutex, PoisonError};

use super::HealthSource;

/// Handles to the health of several applications. Cloning shares them. The lock guards the list
/// alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct HealthSources(Arc<Mutex<Vec<HealthSource>>>);

impl HealthSources {
    /// One more application.
    pub(crate) fn add(&self, source: HealthSource) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(source);
    }

    /// All of them, in the order they were started.
    #[cfg(feature = "testing")]
    pub(crate) fn all(&self) -> Vec<HealthSource> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
