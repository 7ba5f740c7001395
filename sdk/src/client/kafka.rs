//! The consumer over librdkafka.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::bindings::rd_kafka_timestamp_type_t as NativeTimestampType;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::statistics::Statistics;
use rdkafka::{Offset as NativeOffset, TopicPartitionList};

use super::check::{client_config, words};
use super::consumer::{
    AfterFatal, Consumer, ConsumerHooks, Ends, FinalCommit, Intake, KnownEnd, Notice, RecordSink,
    TopicsSeen,
};
use super::fetch_errors::fetch_failed;
use super::group_size::{GroupSize, group_size};
use super::initial_offsets::{InitialOffsets, Unplaced, begin_at};
use super::notices::{commit_refused, fatal, notice};
use super::raw::{self, Message, MessageBuffer, RecordQueue};
use super::start_positions::{self, ResetPolicy};
use super::topic_ids::{self, TopicAnswer, TopicIdentities};
use super::{ClientError, RecordParts, StartPosition};
use crate::config::ClientProperties;
use crate::types::{
    GroupId, Offset, PartitionId, Position, Timestamp, TimestampType, TopicName, TopicPartition,
};

/// Most records that one drain hands over.
///
/// From 200 on, what is paid per batch no longer shows.
pub(crate) const DRAIN: usize = 500;

/// How long the end of a consumer is waited for at a time, and how often that is looked at.
const CLOSING: (Duration, Duration) = (Duration::from_millis(50), Duration::from_micros(300));

/// How long it is waited for what topics are, when partitions come and go.
const TOPICS_TIMEOUT: Duration = Duration::from_secs(2);

/// Most events that one call serves, so that records have their turn in a storm of errors.
const EVENTS: usize = 64;

/// A member of a consumer group, over librdkafka. It belongs to the thread that made it.
pub(crate) struct KafkaConsumer {
    client: Option<BaseConsumer<Hooked>>,
    queue: SharedQueue,
    /// Where answers about topics come. It ends before the client.
    topics: Option<RecordQueue>,
    buffer: MessageBuffer,
}

/// Shared with the callbacks, which forward partitions to it. The lock guards the queue against its
/// end.
type SharedQueue = Arc<Mutex<Option<RecordQueue>>>;

/// Passes librdkafka's callbacks to the hooks.
struct Hooked {
    hooks: Arc<dyn ConsumerHooks>,
    queue: SharedQueue,
    /// What the client was made of, to say which of it a broker refuses.
    properties: ClientProperties,
    /// The client cannot go on; only it can say why.
    is_fatal: AtomicBool,
    reset: ResetPolicy,
    /// Where the consumers of the listener begin without a commit.
    initial: Arc<InitialOffsets>,
    /// The consumer is being dropped.
    is_closing: AtomicBool,
}

impl KafkaConsumer {
    /// Makes the calling thread's consumer. It connects in the background.
    ///
    /// # Errors
    /// When librdkafka does not take a property.
    pub(crate) fn new(
        properties: &ClientProperties,
        hooks: Arc<dyn ConsumerHooks>,
        initial: Arc<InitialOffsets>,
    ) -> Result<Self, ClientError> {
        let created = |error: KafkaError| ClientError::Create {
            reason: words(&error),
        };
        let queue = SharedQueue::default();
        let mut wanted = properties.clone();
        let reset = ResetPolicy::take_from(&mut wanted);
        let context = Hooked {
            hooks,
            queue: queue.clone(),
            properties: properties.clone(),
            reset,
            initial,
            is_fatal: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
        };
        let mut client: BaseConsumer<Hooked> = client_config(&wanted)
            .create_with_context(context)
            .map_err(created)?;
        let thread = std::thread::current();
        client.set_nonempty_callback(move || thread.unpark());
        *lock(&queue) = RecordQueue::of_this_thread(client.client());
        let topics = RecordQueue::of_this_thread(client.client());
        Ok(Self {
            client: Some(client),
            queue,
            topics,
            buffer: MessageBuffer::with_room_for(DRAIN),
        })
    }

    fn request(
        &self,
        request: &'static str,
        send: impl FnOnce(&BaseConsumer<Hooked>) -> KafkaResult<()>,
    ) -> Result<(), ClientError> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        send(client).map_err(|error| refused(request, &error))
    }
}

impl Ends for KafkaConsumer {
    fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd> {
        let positions = self
            .client
            .as_ref()
            .and_then(|client| Some((client, client.position().ok()?)));
        let of_one = |at: &TopicPartition| {
            let Some((client, positions)) = &positions else {
                return KnownEnd::default();
            };
            let place = positions.find_partition(at.topic.as_str(), at.partition.0);
            let position = match place.map(|place| place.offset()) {
                Some(NativeOffset::Offset(next)) => Some(Offset(next)),
                _ => None,
            };
            KnownEnd {
                position,
                end: raw::known_end(client.client(), at),
            }
        };
        partitions.iter().map(of_one).collect()
    }

    fn end(&self, of: &TopicPartition, within: Duration) -> Option<Offset> {
        let client = self.client.as_ref()?;
        let (first, end) = client
            .fetch_watermarks(of.topic.as_str(), of.partition.0, within)
            .ok()?;
        // An empty partition has no records to read, wherever it stands.
        (end > first).then_some(Offset(end))
    }
}

impl Consumer for KafkaConsumer {
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), ClientError> {
        let topics: Vec<&str> = topics.iter().map(TopicName::as_str).collect();
        self.request("the subscription", |client| client.subscribe(&topics))
    }

    fn serve(&mut self) {
        let Some(client) = &self.client else { return };
        // A poll handles one event, and `None` may mean that it did: so we ask whether more are
        // there.
        for _ in 0..EVENTS {
            // Errors have gone to `Hooked::error`, and records come through our own queue.
            if let Some(Ok(record)) = client.poll(Duration::ZERO) {
                tracing::error!(offset = record.offset(), "a record came outside its queue");
            }
            client.context().tell_fatal(client);
            if raw::waiting_events(client.client()) == 0 {
                return;
            }
        }
    }

    fn drain(&mut self, max: usize, into: &mut dyn Intake) -> usize {
        let queue = lock(&self.queue);
        let (Some(queue), Some(client)) = (&*queue, &self.client) else {
            return 0;
        };
        let mut source = None;
        queue.drain(&mut self.buffer, max, |message| {
            if let Some(code) = message.error() {
                // After an error the partition may not be wanted any more.
                source = None;
                if into.is_wanted(message.topic(), message.partition())
                    && let Some(notice) = fetch_failed(&message, code, &client.context().properties)
                {
                    into.notice(notice);
                }
                return;
            }
            let place = (message.topic_address(), message.partition());
            let wanted = match source {
                Some((same, wanted)) if same == place => wanted,
                _ => into.source(message.topic(), message.partition()),
            };
            let taken = wanted && into.admits(Offset(message.offset()), message.leader_epoch());
            source = (taken == wanted).then_some((place, wanted));
            if taken {
                hand_over(&message, into);
            }
        })
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.request("pausing partitions", |client| {
            client.pause(&list(partitions))
        })
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.request("resuming partitions", |client| {
            client.resume(&list(partitions))
        })
    }

    fn seek(&mut self, positions: &[(TopicPartition, Position)]) -> Vec<TopicPartition> {
        let Some(client) = &self.client else {
            return Vec::new();
        };
        match start_positions::seek(client, positions) {
            Ok(too_early) => {
                let is_late = |(at, _): &&(TopicPartition, Position)| {
                    too_early.iter().all(|(early, _)| early != at)
                };
                positions
                    .iter()
                    .filter(is_late)
                    .map(|(at, _)| at.clone())
                    .collect()
            }
            Err(reason) => {
                tracing::warn!(
                    reason,
                    ?positions,
                    "a leader cannot be asked about a log; trying again"
                );
                Vec::new()
            }
        }
    }

    fn look_at(&mut self, topics: &[TopicName], within: Duration) -> Option<TopicsSeen> {
        let client = self.client.as_ref()?;
        // One question: about the one, or about all there are.
        let one = if let [topic] = topics {
            Some(topic.as_str())
        } else {
            None
        };
        let metadata = client.fetch_metadata(one, within).ok()?;
        let mut seen = TopicsSeen::default();
        for topic in topics {
            let known = metadata
                .topics()
                .iter()
                .find(|known| known.name() == topic.as_str());
            match known.map(|known| known.error().map(RDKafkaErrorCode::from)) {
                Some(None) => {}
                Some(Some(RDKafkaErrorCode::TopicAuthorizationFailed)) => {
                    seen.forbidden = Some(topic.clone())
                }
                Some(Some(_)) => seen.missing = Some(topic.clone()),
                // Among all there are, those that we may not see are left out.
                None => (seen.missing, seen.forbidden) = (Some(topic.clone()), Some(topic.clone())),
            }
        }
        Some(seen)
    }

    fn group_size(
        &mut self,
        group: &GroupId,
        topics: &[TopicName],
        within: Duration,
    ) -> Option<GroupSize> {
        group_size(self.client.as_ref()?, group, topics, within)
            .ok()
            .flatten()
    }

    fn ask_for_topics(&mut self, topics: &[TopicName]) -> bool {
        let (Some(client), Some(queue)) = (&self.client, &self.topics) else {
            return false;
        };
        topic_ids::ask(client.client(), queue, topics)
    }

    fn topics_answer(&mut self) -> Option<TopicAnswer> {
        let answer = topic_ids::answer(self.topics.as_ref()?, Duration::ZERO)?;
        if let (TopicAnswer::Told(identities), Some(client)) = (&answer, &self.client) {
            client.context().initial.note(identities);
        }
        Some(answer)
    }

    fn seek_to_beginning(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let Some(client) = &self.client else {
            return Vec::new();
        };
        let begun =
            start_positions::seek_to_beginning(client, partitions).unwrap_or_else(|error| {
                tracing::debug!(%error, ?partitions, "the client goes to no beginning yet");
                Vec::new()
            });
        // librdkafka remembers that a partition was paused.
        if let Err(error) = client.resume(&list(&begun)) {
            tracing::warn!(%error, "resuming partitions of a new topic");
        }
        begun
    }

    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> Result<(), ClientError> {
        self.request("a commit", |client| {
            raw::commit(client.client(), &start_positions::list(positions)?)
                .map_err(KafkaError::ConsumerCommit)
        })
    }

    fn commit_within(
        &mut self,
        positions: &[(TopicPartition, Position)],
        within: Duration,
    ) -> Result<(), ClientError> {
        match &self.client {
            Some(client) => client.commit_within(positions, within),
            None => Ok(()),
        }
    }

    fn topic_identities(&self, topics: &[TopicName]) -> TopicIdentities {
        self.client
            .as_ref()
            .map(|client| client.topic_identities(topics))
            .unwrap_or_default()
    }
}

impl fmt::Debug for KafkaConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaConsumer")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl Drop for KafkaConsumer {
    /// Leaves the group, on the poll thread, where the last hooks may run.
    fn drop(&mut self) {
        // The queues first: the client waits in its destructor until its queues are gone.
        drop(lock(&self.queue).take());
        drop(self.topics.take());
        if let Some(client) = self.client.take() {
            client.context().is_closing.store(true, Ordering::Release);
            drop(client);
        }
    }
}

impl FinalCommit for BaseConsumer<Hooked> {
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
        let positions =
            start_positions::list(positions).map_err(|error| refused(REQUEST, &error))?;
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

impl ConsumerContext for Hooked {
    fn pre_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
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
            Rebalance::Error(error) => self.hooks.notice(Notice::Odd {
                reason: error.to_string(),
            }),
        }
    }

    fn post_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            start_positions::validate(client, list);
            // Also those that were paused before the rebalance, which librdkafka remembers: we
            // begin anew.
            if let Err(error) = client.resume(list) {
                self.hooks.notice(Notice::Odd {
                    reason: format!("resuming new partitions: {error}"),
                });
            }
        }
        // The wrapper's destructor looks for the end every 100 ms, and it comes a moment after the
        // last partitions went.
        if let Rebalance::Revoke(_) = rebalance
            && self.is_closing.load(Ordering::Acquire)
        {
            wait_for_end(client);
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        self.hooks.notice(match result {
            // There was nothing to commit.
            Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {
                Notice::Committed
            }
            Err(error) => commit_refused(&error),
        });
    }
}

impl ClientContext for Hooked {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        super::logs::forward(level, facility, line);
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
        if let Notice::MissingTopic { reason } = &notice {
            self.initial.note_missing(reason);
        }
        self.hooks.notice(notice);
    }
}

/// Waits until the group was left, at most some moments: what else has to be served first is served
/// after that.
fn wait_for_end<C: ConsumerContext>(client: &BaseConsumer<C>) {
    let (within, pause) = CLOSING;
    for _ in 0..within.as_micros() / pause.as_micros() {
        if client.closed() {
            return;
        }
        std::thread::park_timeout(pause);
    }
}

impl Hooked {
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
            Err(unknown @ Unplaced::Unknown(_)) => Notice::Odd {
                reason: unknown.to_string(),
            },
        };
        self.hooks.notice(notice);
        Vec::new()
    }

    /// The event of a fatal error does not carry its code.
    fn tell_fatal(&self, client: &BaseConsumer<Self>) {
        if self.is_fatal.swap(false, Ordering::AcqRel) {
            let (code, reason) = client
                .client()
                .fatal_error()
                .unwrap_or((RDKafkaErrorCode::Fatal, String::new()));
            self.hooks.notice(fatal(code, &reason, &self.properties));
        }
    }
}

pub(super) fn hand_over(message: &Message<'_>, into: &mut dyn RecordSink) {
    let (time, kind) = message.timestamp();
    let kind = match kind {
        NativeTimestampType::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => TimestampType::NotAvailable,
        NativeTimestampType::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
        NativeTimestampType::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
    };
    into.record(RecordParts {
        offset: Offset(message.offset()),
        timestamp: (Timestamp(time), kind),
        key: message.key(),
        payload: message.payload(),
    });
    message.headers(|name, value| into.header(name, value));
}

fn refused(request: &'static str, error: &KafkaError) -> ClientError {
    ClientError::Request {
        request,
        reason: error.to_string(),
    }
}

pub(super) fn partitions(list: &TopicPartitionList) -> Vec<TopicPartition> {
    let elements = list.elements();
    let named = elements.iter().filter_map(|one| {
        let topic = TopicName::new(one.topic()).ok()?;
        Some(TopicPartition::new(topic, PartitionId(one.partition())))
    });
    named.collect()
}

fn list(partitions: &[TopicPartition]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for TopicPartition { topic, partition } in partitions {
        list.add_partition(topic.as_str(), partition.0);
    }
    list
}

fn lock(queue: &Mutex<Option<RecordQueue>>) -> MutexGuard<'_, Option<RecordQueue>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
