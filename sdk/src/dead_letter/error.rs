//! Why a dead letter was not written.

use crate::producer::SendError;
use crate::types::{InvalidTopicName, Offset, TopicName, TopicPartition};

/// A dead letter was not written. Its record is not finished, and the letter is offered again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLetterError {
    /// The name of the source topic leaves no room for the suffix.
    #[error("{source_topic} has no dead-letter topic: name one with `dead_letter = \"...\"`")]
    Destination {
        /// The topic the record came from.
        source_topic: TopicName,
        /// What is wrong with the name.
        source: InvalidTopicName,
    },
    /// The dead-letter topic is the topic the record came from: it would come round again and again.
    #[error("{topic} cannot keep its own dead letters: name another topic with `dead_letter = \"...\"`")]
    SameTopic {
        /// The topic.
        topic: TopicName,
    },
    /// The dead-letter topic did not take it.
    #[error("the dead letter of {at}@{offset} was not written")]
    Send {
        /// Where the record came from.
        at: TopicPartition,
        /// Its place there.
        offset: Offset,
        /// What the producer said.
        source: SendError,
    },
}
