//! Whether a log is created or must exist.

use crate::types::LeaderEpoch;

/// Whether a partition is being created or was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// The topic is being created: the folder of the partition is made.
    Create,
    /// The partition was there before, so its folder must exist. Its leader is a new one: this
    /// broker, since its start.
    Existing {
        /// An epoch that no leader of this partition had before.
        min_epoch: LeaderEpoch,
    },
}
