//! Settings of the node, and of creating and deleting topics.

use super::key::{Key, int, key, unset};
use crate::config::Rule;

/// By name.
pub(super) const KEYS: &[Key] = &[
    key(
        "auto.create.topics.enable",
        Rule::Bool,
        "true",
        "Whether a topic that a client asks for is created, if the client agrees.",
    ),
    key(
        "default.replication.factor",
        Rule::Int { min: 1, max: 1 },
        "1",
        "Replicas of a topic that is created without saying. There is one broker.",
    ),
    key(
        "delete.topic.enable",
        Rule::Bool,
        "true",
        "Whether topics can be deleted.",
    ),
    unset(
        "log.dirs",
        Rule::Folder,
        "The data folder. Without one everything is kept in memory.",
    ),
    key("node.id", int(0), "1", "The number of this broker."),
    key(
        "num.partitions",
        int(1),
        "1",
        "Partitions of a topic that is created without saying.",
    ),
];
