//! Consumer groups: finding the coordinator, membership, and committed offsets.
//!
//! These files translate requests and responses; the rules are in the module `group`.

mod find_coordinator;
mod join_group;
mod sync_group;
mod heartbeat;
mod leave_group;
mod offset_commit;
mod offset_fetch;

pub(crate) use find_coordinator::FindCoordinator;
pub(crate) use heartbeat::Heartbeat;
pub(crate) use join_group::JoinGroup;
pub(crate) use leave_group::LeaveGroup;
pub(crate) use offset_commit::OffsetCommit;
pub(crate) use offset_fetch::OffsetFetch;
pub(crate) use sync_group::SyncGroup;

use crate::group::{Caller, GroupError, InstanceId, MemberId};
use crate::types::GroupId;
use crate::wire::KafkaString;

/// Longest name of a group, a protocol or an instance, in bytes: older versions and
/// `__consumer_offsets` write lengths with 15 bits.
const MAX_NAME_BYTES: usize = 32_767;

/// Returns the group of a member, which must have a name: only offsets may belong to the group
/// without one.
///
/// # Errors
/// [`GroupError::InvalidGroupId`] if the name is empty or too long.
fn named_group(text: &KafkaString) -> Result<GroupId, GroupError> {
    if text.is_empty() {
        Err(GroupError::InvalidGroupId)
    } else {
        any_group(text)
    }
}

/// Returns a group that may be the one without a name.
///
/// # Errors
/// [`GroupError::InvalidGroupId`] if the name is too long.
fn any_group(text: &KafkaString) -> Result<GroupId, GroupError> {
    if text.len() > MAX_NAME_BYTES {
        Err(GroupError::InvalidGroupId)
    } else {
        Ok(GroupId::new(text.as_str()))
    }
}

fn caller(member: &KafkaString, instance: Option<&KafkaString>) -> Caller {
    Caller {
        member: MemberId::from(member.as_str()),
        instance: instance.map(|instance| InstanceId::from(instance.as_str())),
    }
}
