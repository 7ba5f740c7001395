//! Faults of a message.

use kacrab_protocol::ProtocolError;

/// A message that is not what its header says it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WireError {
    /// The bytes end inside a field.
    #[error("message ends inside {field}: {needed} bytes needed, {left} left")]
    Truncated {
        field: &'static str,
        needed: usize,
        left: usize,
    },
    /// A length, a count or a marker has a value that its field cannot have.
    #[error("{field} has the impossible value {value}")]
    Impossible { field: &'static str, value: i64 },
    /// There is more of something than a message may have.
    #[error("{what} take over {limit} bytes: send several requests")]
    TooMuch { what: &'static str, limit: usize },
    /// The codec crate refused the message.
    #[error("malformed message")]
    Malformed(#[from] ProtocolError),
}
