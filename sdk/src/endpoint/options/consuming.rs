//! The options for reading a listener's topics.

use std::num::NonZeroUsize;

use crate::endpoint::Setting;
use crate::endpoint::merge::Merge;

/// The options for reading a listener's topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consuming {
    /// Consumers, each with its own connections. Default: 1.
    pub concurrency: NonZeroUsize,
    /// Whether the listener starts with the application. Default: true.
    pub auto_startup: bool,
}

/// The options as code sets them.
#[derive(Debug, Clone, Default)]
pub(in crate::endpoint) struct ConsumingSettings {
    pub(in crate::endpoint) concurrency: Option<Setting<usize>>,
    pub(in crate::endpoint) auto_startup: Option<Setting<bool>>,
}

impl ConsumingSettings {
    pub(in crate::endpoint) fn resolve(self, merge: &mut Merge<'_>) -> Consuming {
        Consuming {
            concurrency: merge.count("concurrency", self.concurrency),
            auto_startup: merge
                .flag("auto_startup", self.auto_startup)
                .unwrap_or(true),
        }
    }
}

impl Default for Consuming {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN,
            auto_startup: true,
        }
    }
}
