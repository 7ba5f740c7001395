//! `__consumer_offsets`: the internal topic that holds the state of all groups.

use std::sync::Arc;

use super::replayed::ReplayedGroups;
use crate::controller::Controller;
use crate::replica::ReplicaManager;
use crate::runtime::Clock;
use crate::state_log::{InternalTopic, TopicSpec};

pub(super) const NAME: &str = "__consumer_offsets";

/// The groups' state log.
pub(crate) type OffsetsTopic = InternalTopic<ReplayedGroups>;

/// Returns the topic, which gets this many partitions if it has to be created.
pub(crate) fn offsets_topic(
    controller: Arc<Controller>,
    replicas: Arc<ReplicaManager>,
    clock: Clock,
    partitions: i32,
) -> OffsetsTopic {
    let spec = TopicSpec {
        name: NAME,
        partitions,
    };
    InternalTopic::new(spec, controller, replicas, clock)
}
