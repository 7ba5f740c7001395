//! Why the cluster's knowledge could not be changed or read.

use std::io;

use crate::config::ConfigError;
use crate::log::LogError;
use crate::types::{InvalidTopicName, TopicName};

/// Why a topic could not be created, deleted or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CatalogueError {
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
    /// The log refused.
    #[error("a partition of topic {topic} cannot be opened or removed")]
    Log { topic: TopicName, source: LogError },
    /// The catalogue could not be read or written.
    #[error("{file} cannot be {doing}")]
    Storage {
        file: &'static str,
        doing: &'static str,
        source: io::Error,
    },
    /// The catalogue is not what we wrote.
    #[error("line {line} of {file} makes no sense: restore the file or take another data folder")]
    Damaged { file: &'static str, line: usize },
    /// There are records and nothing says of what.
    #[error(
        "the catalogue is missing, and {folder} has records of a topic: restore the file or take another data folder"
    )]
    Lost { folder: String },
    /// The data folder belongs to another broker.
    #[error(
        "the data folder belongs to node {found}, and node.id is {wanted}: take another folder or change node.id"
    )]
    OtherNode { found: i32, wanted: i32 },
}
