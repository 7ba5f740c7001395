//! Errors of requests that change topics, and of the files that the controller keeps.

use std::io;

use crate::config::ConfigError;
use crate::replica::ReplicaError;
use crate::types::{InvalidTopicName, TopicName};

/// The reason why a topic is not created or deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TopicError {
    /// The text is not a topic name.
    #[error(transparent)]
    Name(#[from] InvalidTopicName),
    /// There is such a topic.
    #[error("topic {topic} exists")]
    Exists { topic: TopicName },
    /// There is a topic whose name differs in dots and underscores only.
    #[error(
        "topic {topic} collides with {other}: names that differ in '.' and '_' only are alike in metrics"
    )]
    Collision { topic: TopicName, other: TopicName },
    /// A topic cannot have so many partitions.
    #[error("a topic has 1 to {most} partitions, not {wanted}")]
    Partitions { wanted: i32, most: i32 },
    /// A setting is unknown or out of range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no such topic.
    #[error("there is no such topic")]
    Unknown,
    /// `delete.topic.enable` is false.
    #[error("topics cannot be deleted here: delete.topic.enable is false")]
    DeletionDisabled,
    /// A partition could not be opened or removed.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The change could not be written to the disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a file of the controller cannot be read or written, or a stored topic cannot be
/// opened. Most of these end a start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StoreError {
    /// A file could not be read or written.
    #[error("{file} cannot be {doing}")]
    Storage {
        file: &'static str,
        doing: &'static str,
        source: io::Error,
    },
    /// A file does not say what this broker writes.
    #[error("line {line} of {file} makes no sense: restore the file or take another data folder")]
    Damaged { file: &'static str, line: usize },
    /// There are records, and nothing says of which topic.
    #[error(
        "the catalogue is missing, and {folder} has records of a topic: restore the file or take another data folder"
    )]
    Lost { folder: String },
    /// A topic has settings that this broker does not take. To go on with others might delete its
    /// records.
    #[error(
        "the settings of topic {topic} cannot be used: start the broker that created it, or restore the catalogue"
    )]
    Settings {
        topic: TopicName,
        source: ConfigError,
    },
    /// The data folder belongs to another broker.
    #[error(
        "the data folder belongs to node {found}, and node.id is {wanted}: take another folder or change node.id"
    )]
    OtherNode { found: i32, wanted: i32 },
    /// A partition of a known topic could not be opened.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
}
