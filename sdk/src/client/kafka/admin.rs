//! The administrative client: which topics there are, and making new ones.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::sync::oneshot;

use super::logs::Asking;
use super::properties::{client_config, words};
use crate::config::ClientProperties;
use crate::types::TopicName;

/// A connection for administration. Cloning shares it.
#[derive(Clone)]
pub struct Admin {
    client: Arc<Handle>,
    brokers: String,
}

/// A topic to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicSpec {
    /// The topic's name.
    pub name: TopicName,
    /// The number of partitions.
    pub partitions: u16,
    /// Copies of each partition; `None` is the broker's `default.replication.factor`.
    pub replication: Option<u16>,
    /// Topic settings (`retention.ms`, …); the broker's defaults for all others.
    pub settings: BTreeMap<String, String>,
}

/// A topic as the cluster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicState {
    /// The number of partitions.
    pub partitions: usize,
    /// The number of partitions that have a leader.
    pub led: usize,
    /// Copies of its first partition.
    pub replication: usize,
}

/// A broker's refusal to make or change a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The topic exists.
    Exists,
    /// This client may not.
    NotPermitted,
    /// Another reason, in the client's words.
    Other(String),
}

/// The administrative client could not be made, or did not get an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// librdkafka made no client of these properties.
    #[error("librdkafka makes no client of these properties: {reason}")]
    Properties {
        /// The broker's reason.
        reason: String,
    },
    /// No broker answered in time.
    #[error(
        "no broker answered at {brokers} within {within:?} ({reason}): is Kafka running there? The address is kafka.bootstrap-servers, or WELLSPRING_BOOTSTRAP_SERVERS in the environment"
    )]
    Unreachable {
        /// The addresses that were asked.
        brokers: String,
        /// The time that was waited.
        within: Duration,
        /// The client's reason.
        reason: String,
    },
    /// The cluster answered with an error.
    #[error("the cluster at {brokers} refuses to {what}: {reason}")]
    Refused {
        /// The addresses that were asked.
        brokers: String,
        /// The request.
        what: &'static str,
        /// The broker's reason.
        reason: String,
    },
}

/// Dropping librdkafka's client joins a thread, which takes up to 100 ms: not on a runtime's
/// thread.
struct Handle(Option<AdminClient<Asking>>);

impl Admin {
    /// Makes a client. It connects when it is first asked something.
    ///
    /// # Errors
    /// [`AdminError::Properties`] when librdkafka refuses the properties.
    pub fn new(properties: &ClientProperties) -> Result<Self, AdminError> {
        let client = client_config(properties)
            .create_with_context(Asking::client("admin"))
            .map_err(|error: KafkaError| AdminError::Properties {
                reason: words(&error),
            })?;
        let brokers = properties
            .get("bootstrap.servers")
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            client: Arc::new(Handle(Some(client))),
            brokers,
        })
    }

    /// All topics of the cluster. Asking for one by name could make it.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] when no broker answers within `within`.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn topics(
        &self,
        within: Duration,
    ) -> Result<BTreeMap<String, TopicState>, AdminError> {
        let handle = Arc::clone(&self.client);
        let (asking, still_wanted) = oneshot::channel::<Infallible>();
        let asked = tokio::task::spawn_blocking(move || {
            let Some(client) = &handle.0 else {
                return Ok(BTreeMap::new());
            };
            let question = client.inner().context().question();
            let metadata = patiently(within, &asking, |slice| {
                client.inner().fetch_metadata(None, slice)
            })?;
            question.answered();
            let describe = |topic: &rdkafka::metadata::MetadataTopic| {
                let partitions = topic.partitions();
                let state = TopicState {
                    partitions: partitions.len(),
                    led: partitions
                        .iter()
                        .filter(|partition| partition.leader() >= 0)
                        .count(),
                    replication: partitions
                        .first()
                        .map_or(0, |partition| partition.replicas().len()),
                };
                (topic.name().to_owned(), state)
            };
            Ok(metadata.topics().iter().map(describe).collect())
        })
        .await;
        drop(still_wanted);
        match asked {
            Ok(Ok(topics)) => Ok(topics),
            Ok(Err(error)) => Err(self.error("describe its topics", within, &error)),
            Err(panicked) => Err(self.unreachable(within, panicked.to_string())),
        }
    }

    /// Makes these topics; the answer has what became of each.
    ///
    /// # Errors
    /// When the request as a whole failed.
    ///
    /// # Cancel safety
    /// The topics may still be made.
    pub async fn create(
        &self,
        topics: &[TopicSpec],
        within: Duration,
    ) -> Result<Vec<(String, Result<(), Refusal>)>, AdminError> {
        let new = topics.iter().map(|topic| {
            let replication = TopicReplication::Fixed(topic.replication.map_or(-1, i32::from));
            let new = NewTopic::new(
                topic.name.as_str(),
                i32::from(topic.partitions),
                replication,
            );
            topic
                .settings
                .iter()
                .fold(new, |new, (name, value)| new.set(name, value))
        });
        let new: Vec<NewTopic<'_>> = new.collect();
        let Some(client) = &self.client.0 else {
            return Ok(Vec::new());
        };
        let question = client.inner().context().question();
        let answers = client.create_topics(&new, &options(within)).await;
        let answers = answers.map_err(|error| self.error("create topics", within, &error))?;
        question.answered();
        Ok(answers.into_iter().map(answer).collect())
    }

    /// Raises the number of partitions of these topics; the answer has what became of each.
    ///
    /// # Errors
    /// When the request as a whole failed.
    ///
    /// # Cancel safety
    /// The partitions may still be added.
    pub async fn add_partitions(
        &self,
        topics: &[(TopicName, u16)],
        within: Duration,
    ) -> Result<Vec<(String, Result<(), Refusal>)>, AdminError> {
        let new = topics
            .iter()
            .map(|(name, total)| NewPartitions::new(name.as_str(), usize::from(*total)));
        let new: Vec<NewPartitions<'_>> = new.collect();
        let Some(client) = &self.client.0 else {
            return Ok(Vec::new());
        };
        let question = client.inner().context().question();
        let answers = client.create_partitions(&new, &options(within)).await;
        let answers = answers.map_err(|error| self.error("add partitions", within, &error))?;
        question.answered();
        Ok(answers.into_iter().map(answer).collect())
    }

    /// The settings of a topic, by name.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn settings(
        &self,
        topic: &TopicName,
        within: Duration,
    ) -> Result<BTreeMap<String, String>, AdminError> {
        let Some(client) = &self.client.0 else {
            return Ok(BTreeMap::new());
        };
        let asked = [ResourceSpecifier::Topic(topic.as_str())];
        let what = "describe the settings of a topic";
        let question = client.inner().context().question();
        let mut answers = client
            .describe_configs(&asked, &options(within))
            .await
            .map_err(|error| self.error(what, within, &error))?;
        question.answered();
        let refused = |reason: String| AdminError::Refused {
            brokers: self.brokers.clone(),
            what,
            reason,
        };
        let described = answers
            .pop()
            .unwrap_or(Err(RDKafkaErrorCode::UnknownTopic))
            .map_err(|code| refused(code.to_string()))?;
        // rdkafka drops the error of the one topic that was asked for, and hands out an answer
        // without settings. Every topic has some.
        if described.entries.is_empty() {
            return Err(refused(
                "it tells none: this client needs DESCRIBE_CONFIGS on the topic".to_owned(),
            ));
        }
        Ok(described
            .entries
            .into_iter()
            .filter_map(|entry| Some((entry.name, entry.value?)))
            .collect())
    }

    fn error(&self, what: &'static str, within: Duration, error: &KafkaError) -> AdminError {
        use RDKafkaErrorCode as Code;
        // `AdminOp` is the one variant whose code rdkafka does not tell.
        let code = if let KafkaError::AdminOp(code) = error {
            Some(*code)
        } else {
            error.rdkafka_error_code()
        };
        match code {
            Some(
                Code::BrokerTransportFailure
                | Code::AllBrokersDown
                | Code::OperationTimedOut
                | Code::MessageTimedOut
                | Code::RequestTimedOut
                | Code::Resolve,
            )
            | None => self.unreachable(within, error.to_string()),
            Some(code) => AdminError::Refused {
                brokers: self.brokers.clone(),
                what,
                reason: code.to_string(),
            },
        }
    }

    fn unreachable(&self, within: Duration, reason: String) -> AdminError {
        // That time ran out says less than what became of the connections meanwhile.
        let known = self
            .client
            .0
            .as_ref()
            .and_then(|client| client.inner().context().reason());
        AdminError::Unreachable {
            brokers: self.brokers.clone(),
            within,
            reason: known.unwrap_or(reason),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("it is there already"),
            Self::NotPermitted => f.write_str("this client may not"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl TopicSpec {
    /// A topic with this many partitions, the broker's replication and the broker's settings.
    #[must_use]
    pub const fn new(name: TopicName, partitions: u16) -> Self {
        Self {
            name,
            partitions,
            replication: None,
            settings: BTreeMap::new(),
        }
    }
}

/// The first slice of time that a blocking question gets, and the longest.
const SLICES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Asks a question that blocks until it is answered or `within` is over, in slices of time. The end
/// of a runtime waits for its blocking threads: one whose answer is not wanted any more must not
/// hold that up for all of `within`.
fn patiently<T, E>(
    within: Duration,
    asking: &oneshot::Sender<Infallible>,
    ask: impl Fn(Duration) -> Result<T, E>,
) -> Result<T, E> {
    let (mut left, (mut slice, longest)) = (within, SLICES);
    loop {
        let now = slice.min(left);
        left -= now;
        match ask(now) {
            Err(_) if !left.is_zero() && !asking.is_closed() => {}
            answer => return answer,
        }
        // A far or busy broker may need longer than that.
        slice = (slice * 2).min(longest);
    }
}

fn options(within: Duration) -> AdminOptions {
    AdminOptions::new()
        .request_timeout(Some(within))
        .operation_timeout(Some(within))
}

fn answer(answer: Result<String, (String, RDKafkaErrorCode)>) -> (String, Result<(), Refusal>) {
    use RDKafkaErrorCode as Code;
    match answer {
        Ok(name) => (name, Ok(())),
        Err((name, Code::TopicAlreadyExists)) => (name, Err(Refusal::Exists)),
        Err((name, Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed)) => {
            (name, Err(Refusal::NotPermitted))
        }
        Err((name, code)) => (name, Err(Refusal::Other(code.to_string()))),
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let client = self.0.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(client));
        }
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("brokers", &self.brokers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_until_it_is_answered_or_nobody_wants_to_know() {
        let millis = Duration::from_millis;
        let slices = std::cell::RefCell::new(Vec::new());
        let ask = |slice| {
            slices.borrow_mut().push(slice);
            if slices.borrow().len() == 3 {
                Ok(())
            } else {
                Err(())
            }
        };
        let (asking, still_wanted) = oneshot::channel();
        assert_eq!(patiently(millis(10_000), &asking, ask), Ok(()));
        assert_eq!(slices.take(), [millis(250), millis(500), millis(1000)]);
        let never = |slice| {
            slices.borrow_mut().push(slice);
            Err::<(), ()>(())
        };
        assert_eq!(patiently(millis(20_000), &asking, never), Err(()));
        assert_eq!(
            slices.take(),
            [250, 500, 1000, 2000, 4000, 5000, 5000, 2250].map(millis)
        );
        assert_eq!(patiently(millis(600), &asking, ask), Err(()));
        assert_eq!(slices.take(), [millis(250), millis(350)]);
        drop(still_wanted);
        assert_eq!(patiently(millis(10_000), &asking, ask), Err(()));
        assert_eq!(slices.take(), [millis(250)]);
    }

    #[tokio::test]
    async fn a_feature_that_brokers_lack_is_not_taken_for_their_silence() {
        let admin = Admin::new(&ClientProperties::new()).unwrap();
        let lacking = KafkaError::AdminOp(RDKafkaErrorCode::UnsupportedFeature);
        let error = admin.error("add partitions", Duration::from_secs(60), &lacking);
        assert!(
            matches!(
                error,
                AdminError::Refused {
                    what: "add partitions",
                    ..
                }
            ),
            "{error}"
        );
    }
}
