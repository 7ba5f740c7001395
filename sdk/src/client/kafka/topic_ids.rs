//! Asking a broker which topic a name stands for (KIP-516).

use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::RDKafkaErrorCode;

use super::raw::{Described, RecordQueue};
use crate::client::topic_identity::{TopicAnswer, TopicId, TopicIdentities, TopicIdentity};
use crate::types::TopicName;

/// Longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks what these topics are; the answer comes to the queue. Answers whether it could be asked.
pub(super) fn ask<C: ConsumerContext>(
    client: &Client<C>,
    queue: &RecordQueue,
    topics: &[TopicName],
) -> bool {
    queue.describe_topics(client, topics, ANSWER_TIMEOUT)
}

/// The answer to the last question, if it comes within the time.
pub(super) fn answer(queue: &RecordQueue, within: Duration) -> Option<TopicAnswer> {
    Some(match queue.described_topics(within)? {
        Ok(described) => {
            let named =
                |Described { name, answer }| Some((TopicName::new(name).ok()?, identity(answer)));
            TopicAnswer::Told(described.into_iter().filter_map(named).collect())
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

fn identity(answer: Result<TopicId, RDKafkaErrorCode>) -> TopicIdentity {
    match answer {
        Ok(TopicId::NONE) => TopicIdentity::Unknown,
        Ok(id) => TopicIdentity::Id(id),
        Err(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            TopicIdentity::Missing
        }
        Err(_) => TopicIdentity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_without_ids_and_a_topic_that_is_not_shown_tell_nothing() {
        assert_eq!(identity(Ok(TopicId::NONE)), TopicIdentity::Unknown);
        let refused = Err(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert_eq!(identity(refused), TopicIdentity::Unknown);
        let missing = Err(RDKafkaErrorCode::UnknownTopicOrPartition);
        assert_eq!(identity(missing), TopicIdentity::Missing);
        let id = TopicId::new(1, 2);
        assert_eq!(identity(Ok(id)).id(), Some(id));
    }
}
