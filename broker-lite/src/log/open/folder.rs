//! The folder of a log and the mode in which it is opened.

use std::sync::Arc;

use crate::storage::Fs;
use crate::types::{LeaderEpoch, TopicId};

/// The folder of a log.
#[derive(Debug)]
pub(crate) struct LogFolder {
    /// Memory or a data folder.
    pub(crate) fs: Arc<dyn Fs>,
    /// The folder's path in it.
    pub(crate) dir: String,
    /// The topic that the folder must belong to.
    pub(crate) topic: TopicId,
    /// Whether the folder is created or must exist.
    pub(crate) mode: OpenMode,
}

/// The mode in which a log is opened: its partition is being created, or was there before.
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
