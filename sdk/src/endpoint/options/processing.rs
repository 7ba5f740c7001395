//! The options for handling a consumer's records.

use std::num::NonZeroUsize;

use crate::endpoint::merge::Merge;
use crate::endpoint::{Ordering, Setting};

/// The options for handling a consumer's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// Records each consumer handles at the same time. Default: 1.
    pub workers: NonZeroUsize,
    /// The order that is kept. Default: by partition, and by key once `workers` is above 1.
    pub ordering: Ordering,
}

/// The options as code sets them.
#[derive(Debug, Clone, Default)]
pub(in crate::endpoint) struct ProcessingSettings {
    pub(in crate::endpoint) workers: Option<Setting<usize>>,
    pub(in crate::endpoint) ordering: Option<Setting<Ordering>>,
}

impl ProcessingSettings {
    pub(in crate::endpoint) fn resolve(self, merge: &mut Merge<'_>) -> Processing {
        let workers = merge.count("workers", self.workers);
        let by_default = if workers.get() > 1 {
            Ordering::Key
        } else {
            Ordering::Partition
        };
        let ordering = merge.parsed("ordering", self.ordering);
        Processing {
            workers,
            ordering: ordering.unwrap_or(by_default),
        }
    }
}

impl Default for Processing {
    fn default() -> Self {
        Self {
            workers: NonZeroUsize::MIN,
            ordering: Ordering::Partition,
        }
    }
}
