//! The broker's rules for groups, from its settings of the same names.

use std::time::Duration;

use super::classic;

/// Everything about groups that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupSettings {
    /// Who may join, and how long the first one waits.
    pub(crate) classic: classic::Settings,
    /// How long offsets outlive their last use. Default: 7 days. From `offsets.retention.minutes`.
    pub(crate) retention: Duration,
    /// How often outlived offsets are looked for. Default: 10 min. From `offsets.retention.check.interval.ms`.
    pub(crate) sweep_every: Duration,
    /// Longest note that a client may leave with an offset, in bytes. Default: 4096. From `offset.metadata.max.bytes`.
    pub(crate) max_metadata: usize,
    /// Partitions of `__consumer_offsets`. Default: 50. From `offsets.topic.num.partitions`.
    pub(crate) partitions: i32,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self {
            classic: classic::Settings::default(),
            retention: Duration::from_hours(7 * 24),
            sweep_every: Duration::from_mins(10),
            max_metadata: 4096,
            partitions: 50,
        }
    }
}
