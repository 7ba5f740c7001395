//! Which topic a name stands for: a topic that is deleted and made again has the name of the old
//! one and another id (KIP-516).

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::RDKafkaErrorCode;

use super::raw::RecordQueue;
use crate::types::TopicName;

/// How long a question waits for its answer before it is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The id of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TopicId {
    pub(super) high: i64,
    pub(super) low: i64,
}

/// What a name stands for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopicIdentity {
    Id(TopicId),
    /// There is no topic of this name.
    Missing,
    /// The broker has no ids, or does not show this topic.
    Unknown,
}

/// What the names of some topics stand for now.
pub(crate) type TopicIdentities = BTreeMap<TopicName, TopicIdentity>;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TopicAnswer {
    Told(TopicIdentities),
    /// Nobody answered: ask again.
    Failed,
    /// The brokers cannot be asked that.
    Unsupported,
}

/// A topic as librdkafka describes it.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) answer: Result<TopicId, RDKafkaErrorCode>,
}

impl TopicId {
    /// What brokers say that know no ids.
    const NONE: Self = Self { high: 0, low: 0 };
}

impl TopicIdentity {
    fn of(answer: Result<TopicId, RDKafkaErrorCode>) -> Self {
        match answer {
            Ok(TopicId::NONE) => Self::Unknown,
            Ok(id) => Self::Id(id),
            Err(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
                Self::Missing
            }
            Err(_) => Self::Unknown,
        }
    }

    /// The id, if it is known.
    pub(crate) const fn id(self) -> Option<TopicId> {
        match self {
            Self::Id(id) => Some(id),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// Asks what these topics are; the answer comes to the queue. Answers whether it could be asked.
pub(super) fn ask<C: ConsumerContext>(
    client: &Client<C>,
    queue: &RecordQueue,
    topics: &[TopicName],
) -> bool {
    queue.describe_topics(client, topics, ANSWER_WITHIN)
}

/// The answer to the last question, if it comes within the time.
pub(super) fn answer(queue: &RecordQueue, within: Duration) -> Option<TopicAnswer> {
    Some(match queue.described_topics(within)? {
        Ok(described) => {
            let identity = |Described { name, answer }| {
                Some((TopicName::new(name).ok()?, TopicIdentity::of(answer)))
            };
            TopicAnswer::Told(described.into_iter().filter_map(identity).collect())
        }
        Err(RDKafkaErrorCode::UnsupportedFeature | RDKafkaErrorCode::UnsupportedVersion) => {
            TopicAnswer::Unsupported
        }
        Err(_) => TopicAnswer::Failed,
    })
}

/// Asks what these topics are, and waits for the answer. What is not told in time is left out.
pub(super) fn ask_within<C: ConsumerContext>(
    client: &Client<C>,
    topics: &[TopicName],
    within: Duration,
) -> TopicIdentities {
    let queue = RecordQueue::of_this_thread(client);
    let answered = queue
        .filter(|queue| ask(client, queue, topics))
        .and_then(|queue| answer(&queue, within));
    match answered {
        Some(TopicAnswer::Told(identities)) => identities,
        Some(TopicAnswer::Failed | TopicAnswer::Unsupported) | None => TopicIdentities::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_without_ids_and_a_topic_that_is_not_shown_tell_nothing() {
        assert_eq!(TopicIdentity::of(Ok(TopicId::NONE)), TopicIdentity::Unknown);
        let refused = Err(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert_eq!(TopicIdentity::of(refused), TopicIdentity::Unknown);
        let missing = Err(RDKafkaErrorCode::UnknownTopicOrPartition);
        assert_eq!(TopicIdentity::of(missing), TopicIdentity::Missing);
        let id = TopicId { high: 1, low: 2 };
        assert_eq!(TopicIdentity::of(Ok(id)).id(), Some(id));
    }
}
