//! Refusals of group requests.

use thiserror::Error;

use super::ids::MemberId;

/// A refusal, by what the caller does next: join again, look up the coordinator again, or give up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum GroupError {
    /// First join of a member that must come back with the id it is given here (KIP-394).
    #[error("join again as member {0}")]
    MemberIdRequired(MemberId),
    /// The member was never in this group, has left it, or its session has expired. Join as a new
    /// member.
    #[error("no such member in this group; join again without a member id")]
    UnknownMember,
    /// A newer process took over this static member's `group.instance.id`. The caller must stop.
    #[error("another process has taken over this group instance id")]
    FencedInstance,
    /// The request is of an older or a future generation. Join again.
    #[error("the generation is not the group's current one; join again")]
    IllegalGeneration,
    /// Members are joining; this one has to join as well.
    #[error("the group is rebalancing; join again")]
    RebalanceInProgress,
    /// No assignment protocol is common to all members, or the protocol type differs.
    #[error("the member shares no assignment protocol with the group")]
    InconsistentProtocol,
    /// Outside `group.min.session.timeout.ms` to `group.max.session.timeout.ms`.
    #[error("the session timeout is outside the range this broker allows")]
    InvalidSessionTimeout,
    /// The group has `group.max.size` members.
    #[error("the group has reached group.max.size")]
    GroupFull,
    /// A group without a name can't have members or offsets.
    #[error("the group id must not be empty")]
    InvalidGroupId,
    /// A protocol or an instance has a name that `__consumer_offsets` can't hold.
    #[error("a name is longer than 32767 bytes")]
    NameTooLong,
    /// Only from OffsetCommit v9 on; older clients get [`GroupError::IllegalGeneration`].
    #[error("no such group")]
    GroupNotFound,
    /// The text that came with an offset exceeds `offset.metadata.max.bytes`.
    #[error("the offset's metadata is longer than offset.metadata.max.bytes")]
    MetadataTooLarge,
    /// The coordinator is stopping or could not save its decision. Ask again.
    #[error("the group coordinator can't answer now; ask again")]
    Unavailable,
}
