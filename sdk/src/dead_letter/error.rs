//! Errors of writing a dead letter.

use crate::producer::SendError;
use crate::types::{InvalidTopicName, Offset, TopicName, TopicPartition};

/// A dead letter was not written. Its record is not finished: the letter is offered again, unless
/// that is of no [use](Self::refusal).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLetterError {
    /// The name of the source topic leaves no room for the suffix.
    #[error("{source_topic} has no dead-letter topic: name one with `dead_letter = \"...\"`")]
    Destination {
        /// The topic the record came from.
        source_topic: TopicName,
        /// The problem with the name.
        source: InvalidTopicName,
    },
    /// The dead-letter topic is the topic the record came from: it would come round again and
    /// again.
    #[error(
        "{topic} cannot keep its own dead letters: name another topic with `dead_letter = \"...\"`"
    )]
    SameTopic {
        /// The topic.
        topic: TopicName,
    },
    /// The dead-letter topic did not take it.
    #[error("the dead letter of {at}@{offset} was not written")]
    Send {
        /// The partition that the record was read from.
        at: TopicPartition,
        /// The record's offset.
        offset: Offset,
        /// The producer's error.
        source: SendError,
    },
    /// A place other than a topic will not take it, ever. For a
    /// [`DeadLetterSink`](super::DeadLetterSink) of your own.
    #[error("the dead letter was refused for good: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// The file did not take it.
    #[error("the dead letter of {at}@{offset} was not written to {file}")]
    File {
        /// The partition that the record was read from.
        at: TopicPartition,
        /// The record's offset.
        offset: Offset,
        /// The file.
        file: String,
        /// The system's error.
        source: std::io::Error,
    },
}

/// The kinds of refusals, by what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The next offer may be taken: a broker was out of reach, for example.
    ForNow,
    /// Somebody has to act first: the topic is missing, or the rights are. It is offered ten times,
    /// which takes some minutes.
    UntilRepaired,
    /// The same letter will never be taken: it is too large, or the topic's settings refuse it. It
    /// is not offered again.
    ForGood,
}

/// Most offers of a letter that waits for a repair, over two and a half minutes at least.
const MAX_OFFERS: u32 = 10;

impl Refusal {
    /// Whether a letter that was refused like this is not offered again after its offer number
    /// `offer`.
    pub(crate) const fn is_final(self, offer: u32) -> bool {
        match self {
            Self::ForNow => false,
            Self::UntilRepaired => offer >= MAX_OFFERS,
            Self::ForGood => true,
        }
    }
}

impl DeadLetterError {
    /// Returns the kind of the refusal.
    #[must_use]
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::Destination { .. } | Self::SameTopic { .. } | Self::Refused { .. } => {
                Refusal::ForGood
            }
            Self::File { .. } => Refusal::ForNow,
            Self::Send { source, .. } => match source {
                SendError::NotPermitted { .. }
                | SendError::UnknownTopic { .. }
                | SendError::UnknownPartition { .. }
                | SendError::Fatal {
                    is_replaced: false, ..
                } => Refusal::UntilRepaired,
                SendError::Topic { .. }
                | SendError::Encode { .. }
                | SendError::NoPayload { .. }
                | SendError::TooLarge { .. }
                | SendError::Refused {
                    retriable: false, ..
                } => Refusal::ForGood,
                SendError::TimedOut { .. }
                | SendError::QueueFull { .. }
                | SendError::Closed { .. }
                | SendError::Fatal {
                    is_replaced: true, ..
                }
                | SendError::Refused {
                    retriable: true, ..
                } => Refusal::ForNow,
            },
        }
    }
}
