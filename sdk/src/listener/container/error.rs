//! Why a listener does not run.

use crate::client::ClientError;
use crate::extract::ListenerId;

/// A listener could not start, or has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// Its Kafka client refused.
    #[error("listener {id}: {source}")]
    Client {
        /// The listener.
        id: ListenerId,
        /// What the client says.
        source: ClientError,
    },
    /// The operating system gave it no thread.
    #[error("listener {id}: no thread for its consumer: {reason}")]
    NoThread {
        /// The listener.
        id: ListenerId,
        /// What the system says.
        reason: String,
    },
    /// It could not go on.
    #[error("listener {id} has failed: {reason}")]
    Failed {
        /// The listener.
        id: ListenerId,
        /// Why, and what to do.
        reason: String,
    },
    /// It was stopped.
    #[error("listener {id} was stopped")]
    Stopped {
        /// The listener.
        id: ListenerId,
    },
}
