//! Failures of requests.
//!
//! Most failures are an error code in an ordinary answer, and this file is the only place where the
//! errors of other modules become such codes. A [`NoReply`] is the rest: nothing is sent, and most
//! often the connection closes, because there is no layout in which an answer would be understood.

use crate::controller::{StoreError, TopicError};
use crate::group::GroupError;
use crate::log::{AppendError, ReadError};
use crate::replica::PartitionError;
use crate::wire::{ErrorCode, WireError};

/// The reason why a request is not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum NoReply {
    /// The client expects none (acks=0); the connection goes on.
    #[error("no reply is expected")]
    Silence,
    /// A write with acks=0 failed. Only a closed connection tells its producer, which then looks up
    /// the leader again.
    #[error("a write with acks=0 failed")]
    Unacknowledged,
    /// The header cannot be read.
    #[error("request header is malformed")]
    Header(#[source] WireError),
    /// No such API here: the layout of its answer is not known either.
    #[error("api key {key} is not served here (version {version} was asked for)")]
    UnknownKey { key: i16, version: i16 },
    /// The API exists, the version does not. Only ApiVersions can still be answered.
    #[error("{api} version {version} is not served here")]
    UnknownVersion { api: &'static str, version: i16 },
    /// The body is larger than any honest request of its kind.
    #[error("{api} request of {length} bytes: at most {limit} are taken for anything but records")]
    TooLarge {
        api: &'static str,
        length: usize,
        limit: usize,
    },
    /// The body is not what key and version promise.
    #[error("{api} version {version} request is malformed")]
    Malformed {
        api: &'static str,
        version: i16,
        source: WireError,
    },
    /// The answer does not fit its version: a defect of this broker.
    #[error("{api} version {version} response cannot be encoded")]
    Unencodable {
        api: &'static str,
        version: i16,
        source: WireError,
    },
}

impl NoReply {
    /// Whether the connection must be closed.
    pub(crate) fn closes(&self) -> bool {
        !matches!(self, Self::Silence)
    }
}

/// An error of another module, as the protocol numbers it.
pub(crate) trait Coded {
    /// Returns the code that makes a client do the right thing next.
    fn code(&self) -> ErrorCode;
}

impl Coded for AppendError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Corrupt(_) => ErrorCode::CorruptMessage,
            Self::Invalid(_) | Self::Records(_) => ErrorCode::InvalidRecord,
            Self::TooLarge { .. } | Self::Inflated { .. } => ErrorCode::MessageTooLarge,
            Self::UnknownCompression { .. } => ErrorCode::UnsupportedCompressionType,
            Self::Timestamps(_) => ErrorCode::InvalidTimestamp,
            Self::ProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
            Self::OutOfSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
            Self::NoTransaction { .. } => ErrorCode::InvalidTxnState,
            Self::Storage { .. } => ErrorCode::KafkaStorageError,
            Self::Closed => ErrorCode::NotLeaderOrFollower,
        }
    }
}

impl Coded for ReadError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OutOfRange { .. } => ErrorCode::OffsetOutOfRange,
            Self::Storage { .. } => ErrorCode::KafkaStorageError,
            Self::Damaged { .. } => ErrorCode::CorruptMessage,
            Self::Closed => ErrorCode::NotLeaderOrFollower,
        }
    }
}

impl Coded for GroupError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::MemberIdRequired(_) => ErrorCode::MemberIdRequired,
            Self::UnknownMember => ErrorCode::UnknownMemberId,
            Self::FencedInstance => ErrorCode::FencedInstanceId,
            Self::IllegalGeneration => ErrorCode::IllegalGeneration,
            Self::RebalanceInProgress => ErrorCode::RebalanceInProgress,
            Self::InconsistentProtocol => ErrorCode::InconsistentGroupProtocol,
            Self::InvalidSessionTimeout => ErrorCode::InvalidSessionTimeout,
            Self::GroupFull => ErrorCode::GroupMaxSizeReached,
            Self::InvalidGroupId => ErrorCode::InvalidGroupId,
            Self::NameTooLong => ErrorCode::InvalidRequest,
            Self::GroupNotFound => ErrorCode::GroupIdNotFound,
            Self::MetadataTooLarge => ErrorCode::OffsetMetadataTooLarge,
            Self::Unavailable => ErrorCode::CoordinatorNotAvailable,
        }
    }
}

impl Coded for PartitionError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unknown => ErrorCode::UnknownTopicOrPartition,
            Self::NotHosted => ErrorCode::NotLeaderOrFollower,
        }
    }
}

impl Coded for TopicError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Name(_) | Self::Collision { .. } => ErrorCode::InvalidTopicException,
            Self::Exists { .. } => ErrorCode::TopicAlreadyExists,
            Self::Partitions { .. } => ErrorCode::InvalidPartitions,
            Self::Config(_) => ErrorCode::InvalidConfig,
            Self::Unknown => ErrorCode::UnknownTopicOrPartition,
            Self::DeletionDisabled => ErrorCode::TopicDeletionDisabled,
            Self::Replica(_) => ErrorCode::KafkaStorageError,
            Self::Store(error) => error.code(),
        }
    }
}

impl Coded for StoreError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Storage { .. }
            | Self::Damaged { .. }
            | Self::Lost { .. }
            | Self::Settings { .. }
            | Self::OtherNode { .. }
            | Self::Replica(_) => ErrorCode::KafkaStorageError,
        }
    }
}
