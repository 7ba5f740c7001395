//! Callbacks of librdkafka, passed to the hooks: assignments, commits, errors.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use super::initial_offsets::{InitialOffsets, Unplaced, begin_at};
use super::lists::{list_of_positions, partitions};
use super::notices::{commit_refused, fatal, notice};
use super::raw::{self, RecordQueue};
use super::start_positions::{self, ResetPolicy};
use super::{logs, topic_ids};
use crate::client::consumer::{ConsumerHooks, FinalCommit, StartPosition};
use crate::client::error::ClientError;
use crate::client::notice::{AfterFatal, Notice};
use crate::client::problem::{Problem, ProblemKind, ProblemSubject};
use crate::client::topic_identity::TopicIdentities;
use crate::config::ClientProperties;
use crate::types::{Offset, Position, TopicName, TopicPartition};

/// Longest wait for the ids of topics when partitions come and go.
const TOPICS_TIMEOUT: Duration = Duration::from_secs(2);

/// Shared with the callbacks, which forward partitions to it. The lock guards the queue against its
/// end.
pub(super) type SharedQueue = Arc<Mutex<Option<RecordQueue>>>;

/// Passes librdkafka's callbacks to the hooks.
pub(super) struct Callbacks {
    pub(super) hooks: Arc<dyn ConsumerHooks>,
    pub(super) queue: SharedQueue,
    /// The client's properties, to name the one that a broker refuses.
    pub(super) properties: ClientProperties,
    /// The client cannot go on; only it can say why.
    pub(super) is_fatal: AtomicBool,
    pub(super) reset: ResetPolicy,
    /// The positions at which consumers of the listener begin without a commit.
    pub(super) initial: Arc<InitialOffsets>,
    /// The consumer is being dropped.
    pub(super) is_closing: AtomicBool,
}

impl ConsumerContext for Callbacks {
    fn pre_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            // A group that is rebalancing may still give partitions to a member that is about to
            // leave it. They are revoked at once, and nobody would read them: their positions are
            // not looked up, which fails for as long as the group is being left.
            Rebalance::Assign(_) if self.is_closing() => {}
            Rebalance::Assign(list) => {
                if let Some(queue) = &*lock(&self.queue) {
                    for TopicPartition { topic, partition } in &partitions(list) {
                        // Before they are assigned, so that no record goes to the other queue.
                        if !queue.forward(client.client(), topic.as_str(), partition.0) {
                            tracing::error!(%topic, %partition, "the partition's records cannot be forwarded");
                        }
                    }
                }
                self.hooks.assigned(&self.starts(client, list));
            }
            Rebalance::Revoke(list) if client.assignment_lost() => {
                self.hooks.lost(&partitions(list))
            }
            Rebalance::Revoke(list) => self.hooks.revoked(&partitions(list), client),
            Rebalance::Error(error) => self.hooks.notice(Notice::Warning {
                reason: error.to_string(),
            }),
        }
    }

    fn post_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance
            && !self.is_closing()
        {
            start_positions::validate(client, list);
            // Also those that were paused before the rebalance, which librdkafka remembers: we
            // begin anew.
            if let Err(error) = client.resume(list) {
                self.hooks.notice(Notice::Warning {
                    reason: format!("resuming new partitions: {error}"),
                });
            }
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        self.hooks.notice(match result {
            // There was nothing to commit.
            Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {
                Notice::Committed
            }
            Err(error) => commit_refused(&error, &self.properties),
        });
    }
}

impl ClientContext for Callbacks {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        logs::forward(level, facility, line);
    }

    fn stats(&self, _statistics: Statistics) {}

    fn stats_raw(&self, _statistics: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        if code == RDKafkaErrorCode::Fatal {
            self.is_fatal.store(true, Ordering::Release);
            return;
        }
        let notice = notice(code, reason, &self.properties);
        if let Notice::Problem(Problem {
            kind: ProblemKind::MissingTopic,
            subject: ProblemSubject::Topic(topic),
            ..
        }) = &notice
        {
            self.initial.note_missing(topic);
        }
        self.hooks.notice(notice);
    }
}

impl Callbacks {
    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Finds out where the partitions of an assignment begin, and puts it in.
    fn starts(&self, client: &BaseConsumer<Self>, list: &TopicPartitionList) -> Vec<StartPosition> {
        // What the topics are comes first: should one be made again in between, that is noticed
        // later.
        let topics: BTreeSet<TopicName> = partitions(list).into_iter().map(|at| at.topic).collect();
        let topics: Vec<TopicName> = topics.into_iter().collect();
        let identities = if topics.is_empty() {
            TopicIdentities::new()
        } else {
            client.topic_identities(&topics)
        };
        let initial = self.place(client, list);
        let mut starts = start_positions::look_up(client, list, self.reset);
        begin_at(list, &initial);
        for start in &mut starts {
            start.topic_id = identities
                .get(&start.at.topic)
                .and_then(|identity| identity.id());
        }
        starts
    }

    /// Finds and commits the places of partitions that nothing is committed for; answers with those
    /// that could not be.
    fn place(
        &self,
        client: &BaseConsumer<Self>,
        list: &TopicPartitionList,
    ) -> Vec<(TopicPartition, Offset)> {
        let notice = match self.initial.place(client, list) {
            Ok(places) => return places,
            Err(refused @ Unplaced::Refused { .. }) => Notice::Fatal {
                reason: refused.to_string(),
                then: AfterFatal::Stay,
            },
            Err(unknown @ Unplaced::Unknown(_)) => Notice::Warning {
                reason: unknown.to_string(),
            },
        };
        self.hooks.notice(notice);
        Vec::new()
    }

    /// The event of a fatal error does not carry its code.
    pub(super) fn tell_fatal(&self, client: &BaseConsumer<Self>) {
        if self.is_fatal.swap(false, Ordering::AcqRel) {
            let (code, reason) = client
                .client()
                .fatal_error()
                .unwrap_or((RDKafkaErrorCode::Fatal, String::new()));
            self.hooks.notice(fatal(code, &reason, &self.properties));
        }
    }
}

impl FinalCommit for BaseConsumer<Callbacks> {
    fn topic_identities(&self, topics: &[TopicName]) -> TopicIdentities {
        let identities = topic_ids::ask_within(self.client(), topics, TOPICS_TIMEOUT);
        self.context().initial.note(&identities);
        identities
    }

    fn commit_within(
        &self,
        positions: &[(TopicPartition, Position)],
        within: Duration,
    ) -> Result<(), ClientError> {
        const REQUEST: &str = "a commit";
        let positions = list_of_positions(positions).map_err(|error| refused(REQUEST, &error))?;
        match raw::commit_within(self.client(), &positions, within) {
            Some(Ok(()) | Err(RDKafkaErrorCode::NoOffset)) => Ok(()),
            Some(Err(code)) => Err(refused(REQUEST, &KafkaError::ConsumerCommit(code))),
            None => Err(ClientError::TimedOut {
                request: REQUEST,
                within,
            }),
        }
    }
}

/// Returns the error for a refused request.
pub(super) fn refused(request: &'static str, error: &KafkaError) -> ClientError {
    ClientError::Request {
        request,
        reason: error.to_string(),
    }
}

pub(super) fn lock(queue: &Mutex<Option<RecordQueue>>) -> MutexGuard<'_, Option<RecordQueue>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
