//! A place to die, for tests: after a commit of the database and before the offset's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Aborts the process after a number of credits, or never. Cloning shares the count.
#[derive(Debug, Clone)]
pub struct CrashPoint(Option<Arc<AtomicU64>>);

impl CrashPoint {
    /// Aborts after this many credits; `None` never does.
    #[must_use]
    pub fn after(credits: Option<u64>) -> Self {
        Self(credits.map(|credits| Arc::new(AtomicU64::new(credits))))
    }

    /// Call it between the two commits.
    pub fn pass(&self) {
        if let Some(left) = &self.0
            && left.fetch_sub(1, Ordering::Relaxed) <= 1
        {
            std::process::abort();
        }
    }
}
