//! Errors of a listener.

use crate::client::ClientError;
use crate::extract::ListenerId;

/// A listener could not start, or has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// The listener's Kafka client refused.
    #[error("listener {id}: {source}")]
    Client {
        /// The listener.
        id: ListenerId,
        /// The client's error.
        source: ClientError,
    },
    /// The operating system gave it no thread.
    #[error("listener {id}: no thread for its consumer: {reason}")]
    NoThread {
        /// The listener.
        id: ListenerId,
        /// The system's reason.
        reason: String,
    },
    /// The listener could not go on.
    #[error("listener {id} has failed: {reason}")]
    Failed {
        /// The listener.
        id: ListenerId,
        /// Why, and what to do.
        reason: String,
    },
    /// The listener was stopped.
    #[error("listener {id} was stopped")]
    Stopped {
        /// The listener.
        id: ListenerId,
    },
}
