//! How a request can fail.
//!
//! Most failures are an error code in an ordinary answer, and this file is the only place where the errors of other
//! rooms become such codes. A [`NoReply`] is the rest: nothing is sent, and most often the connection closes, because
//! there is no layout in which an answer would be understood.

use crate::wire::WireError;

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum NoReply {
    /// The client expects none (acks=0); the connection goes on.
    #[error("no reply is expected")]
    Silence,
    /// A write with acks=0 failed. Its producer hears of that only by a closed connection, and then looks for the
    /// leader anew.
    #[error("a write with acks=0 failed")]
    Unacknowledged,
    /// The header cannot be read.
    #[error("request header is malformed")]
    Header(#[source] WireError),
    /// No such API here: the layout of its answer is not known either.
    #[error("api key {key} is not served here (version {version} was asked for)")]
    UnknownKey { key: i16, version: i16 },
    /// The API exists, the version does not. Only ApiVersions can be answered all the same.
    #[error("{api} version {version} is not served here")]
    UnknownVersion { api: &'static str, version: i16 },
    /// The body is larger than any honest request of its kind.
    #[error("{api} request of {length} bytes: at most {limit} are taken for anything but records")]
    TooLarge { api: &'static str, length: usize, limit: usize },
    /// The body is not what key and version promise.
    #[error("{api} version {version} request is malformed")]
    Malformed { api: &'static str, version: i16, source: WireError },
    /// The answer does not fit its version: our defect.
    #[error("{api} version {version} response cannot be encoded")]
    Unencodable { api: &'static str, version: i16, source: WireError },
}

impl NoReply {
    /// Whether the connection must be closed.
    pub(crate) fn closes(&self) -> bool {
        !matches!(self, Self::Silence)
    }
}
