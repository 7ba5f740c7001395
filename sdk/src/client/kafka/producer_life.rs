//! The life of a producer's clients, on a thread of their own: served, replaced when they failed
//! for good, and dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, Producer as _, PurgeConfig};

use super::producer_error::ProducerError;
use super::properties::{client_config, words};
use super::raw;
use super::reports::Reports;
use crate::client::missing_topics::{MissingTopics, TopicNews};
use crate::client::producer_status::wait_before_next;
use crate::client::{OnFatal, ProduceError, ProducerState, ProducerStatus};
use crate::config::ClientProperties;
use crate::runtime::Clock;
use crate::types::TopicName;

/// Longest wait of the serving thread for the next report; also how long it may take to hear the
/// end.
const SERVE_INTERVAL: Duration = Duration::from_millis(100);

/// Longest wait of records for a connection before that is a problem: an idle client connects anew.
const RECONNECT_GRACE: Duration = Duration::from_secs(1);

/// Time in which records that nobody waits for are still sent after the producer was dropped.
const LINGER_AFTER_DROP: Duration = Duration::from_secs(5);

/// Time that a client which failed for good has to report on the records it still has.
const LAST_REPORTS_TIMEOUT: Duration = Duration::from_secs(1);

/// Least time between two questions whether a broker is there again.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Longest wait of one request for the brokers while the first connection is made. Delivery reports
/// and errors wait meanwhile.
const ASK_TIMEOUT: Duration = Duration::from_millis(50);

/// Longest wait for a broker to say whether it has a topic, and for all new topics together at a
/// time. Delivery reports wait meanwhile.
const TOPIC_ANSWER_TIMEOUT: Duration = Duration::from_millis(250);

/// A question may fail at once, and is asked again after this.
const ASK_INTERVAL: Duration = Duration::from_millis(1);

/// So many answers are needed: the first may come over the bootstrap connection, which is given up
/// right after it.
const ANSWERS_NEEDED: u32 = 2;

pub(super) type Client = BaseProducer<Reports>;

/// The state that the producer and its thread share.
pub(super) struct Shared {
    properties: ClientProperties,
    on_fatal: OnFatal,
    /// The client; `None` between two of them. Held for a send, which does not wait, or for a
    /// change.
    pub(super) client: RwLock<Option<Arc<Client>>>,
    pub(super) is_dropped: Arc<AtomicBool>,
    /// Held for a note or a copy.
    status: Mutex<ProducerStatus>,
    /// Held for a note or a look, never while a broker is asked.
    topics: Mutex<MissingTopics>,
}

impl Shared {
    pub(super) fn new(properties: &ClientProperties, on_fatal: OnFatal) -> Self {
        Self {
            properties: properties.clone(),
            on_fatal,
            client: RwLock::new(None),
            is_dropped: Arc::new(AtomicBool::new(false)),
            status: Mutex::default(),
            topics: Mutex::default(),
        }
    }

    /// Makes a client, for everybody to use from now on.
    pub(super) fn make(&self) -> Result<Arc<Client>, ProducerError> {
        let reports = Reports::new(self.on_fatal, Arc::clone(&self.is_dropped));
        let client = client_config(&self.properties)
            .create_with_context::<_, Client>(reports)
            .map_err(|error| ProducerError::Properties {
                reason: words(&error),
            })?;
        let client = Arc::new(client);
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Serves reports until the producer is dropped, then drops librdkafka's client: that blocks,
    /// and a thread of a runtime must not.
    pub(super) fn serve(&self, mut client: Arc<Client>) {
        let mut failures = 0;
        while let Some(reason) = self.serve_one(&client, &mut failures) {
            failures += 1;
            self.bury(client, reason);
            client = match self.replacement(failures) {
                Some(client) => client,
                None => return,
            };
        }
        self.client
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if client.in_flight_count() > 0
            && let Err(error) = client.flush(LINGER_AFTER_DROP)
        {
            tracing::warn!(records = client.in_flight_count(), %error, "a dropped producer leaves records unsent");
        }
    }

    /// Serves one client until the producer is dropped (`None`), or the client has failed for good:
    /// then answers with why.
    fn serve_one(&self, client: &Client, failures: &mut u32) -> Option<String> {
        let clock = Clock::system();
        let mut questions = Questions::of(&self.properties, &clock);
        let mut waiting_since = None;
        while !self.is_dropped.load(Ordering::Acquire) {
            client.poll(questions.ask_first(client));
            let now = clock.now();
            let seen = client.context().look(client.in_flight_count() > 0);
            if seen.is_acknowledged {
                *failures = 0;
            }
            if let Some((_, words)) = client.client().fatal_error() {
                client.context().fails(words);
            }
            if let Some(reason) = client.context().fatal() {
                return Some(reason.to_owned());
            }
            // A broker that nobody waits for is nobody's trouble.
            waiting_since = seen.is_in_flight.then(|| waiting_since.unwrap_or(now));
            client
                .context()
                .trouble
                .tick(waiting_since.is_some_and(|since| now - since >= RECONNECT_GRACE));
            let wants_a_look = self.note(|status| {
                status.tick(seen, now);
                status.trouble = client.context().trouble.reason();
                status.wants_a_look(seen)
            });
            if wants_a_look && questions.ask_again(client, now) {
                self.note(ProducerStatus::looked);
            }
            self.look_for_topics(client, seen.is_in_flight, now);
        }
        None
    }

    /// Asks for topics that are new, and tells which of them are missing.
    ///
    /// A record for a missing topic is not given up here: the topic may be made a moment later, and
    /// then librdkafka sends it.
    fn look_for_topics(&self, client: &Client, is_in_flight: bool, now: Instant) {
        let due = self.topics().due(is_in_flight, now);
        let clock = Clock::system();
        let deadline = clock.after(TOPIC_ANSWER_TIMEOUT);
        for topic in &due {
            // Brokers that do not answer must not hold up the reports once for each topic; those left
            // have their turn at the next look.
            if clock.now() >= deadline {
                break;
            }
            let Some(is_there) = is_there(client, topic) else {
                continue;
            };
            match self.topics().answered(topic, is_there) {
                Some(TopicNews::Missing) => {
                    tracing::warn!(%topic, "the topic does not exist: records for it wait until it is made, at most for topic.metadata.propagation.max.ms (30 s by default); create it, or declare it with .topic(name, partitions)");
                }
                Some(TopicNews::Appeared) => {
                    tracing::info!(%topic, "the topic exists now: records for it are sent");
                }
                None => {}
            }
        }
        // Without a record in flight none waits for a topic.
        let missing = is_in_flight.then(|| self.topics().missing());
        self.note(|status| status.missing_topics = missing.unwrap_or_default());
    }

    pub(super) fn topics(&self) -> MutexGuard<'_, MissingTopics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers what a dead client still has, and lets go of it.
    fn bury(&self, client: Arc<Client>, reason: String) {
        let is_replaced = self.on_fatal == OnFatal::Replace;
        self.client
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if is_replaced {
            tracing::error!(
                reason,
                "the producer has failed for good and a new one takes over: what it had is answered with an error, what is sent now waits"
            );
        } else {
            tracing::error!(
                reason,
                "the producer has failed for good and sends nothing any more"
            );
        }
        self.note(|status| status.fails(reason, is_replaced));
        client.purge(PurgeConfig::default().queue().inflight());
        if let Err(error) = client.flush(LAST_REPORTS_TIMEOUT) {
            tracing::debug!(%error, "a dead producer did not answer all its records");
        }
    }

    /// The next client, after a wait that grows with the number of failures; `None` when the
    /// producer is dropped.
    fn replacement(&self, failures: u32) -> Option<Arc<Client>> {
        let clock = Clock::system();
        let mut attempts = failures;
        loop {
            let due = clock.after(wait_before_next(attempts));
            while self.on_fatal == OnFatal::Stay || clock.now() < due {
                if self.is_dropped.load(Ordering::Acquire) {
                    return None;
                }
                std::thread::park_timeout(
                    SERVE_INTERVAL
                        .min(due.saturating_duration_since(clock.now()))
                        .max(ASK_INTERVAL),
                );
            }
            match self.make() {
                Ok(client) => {
                    tracing::warn!(failures, "a new producer has taken over");
                    self.note(ProducerStatus::takes_over);
                    return Some(client);
                }
                Err(error) => {
                    tracing::error!(%error, "no new producer can be made; trying again");
                    attempts = attempts.saturating_add(1);
                }
            }
        }
    }

    pub(super) fn note<T>(&self, note: impl FnOnce(&mut ProducerStatus) -> T) -> T {
        note(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the error of a send while there is no client.
    pub(super) fn refusal(&self) -> ProduceError {
        self.note(|status| match &status.state {
            ProducerState::Failed { reason } => ProduceError::Fatal {
                reason: reason.clone(),
                may_be_written: false,
                is_replaced: false,
            },
            ProducerState::Replacing { reason } => ProduceError::Replacing {
                reason: reason.clone(),
            },
            // The one or the other is about to be noted.
            ProducerState::Works => ProduceError::QueueFull,
        })
    }
}

/// Asks a broker whether it has this topic; `None` when it does not say.
fn is_there(client: &Client, topic: &TopicName) -> Option<bool> {
    let metadata = client
        .client()
        .fetch_metadata(Some(topic.as_str()), TOPIC_ANSWER_TIMEOUT)
        .ok()?;
    let described = metadata.topics().first()?;
    match described.error().map(RDKafkaErrorCode::from) {
        None => Some(true),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition) => Some(false),
        // One that was just made has no leader yet, for example.
        Some(_) => None,
    }
}

/// Questions to the brokers that no record asks.
struct Questions {
    /// Answers to wait for until librdkafka has its producer id.
    first: u32,
    next: Instant,
}

impl Questions {
    fn of(properties: &ClientProperties, clock: &Clock) -> Self {
        let is_idempotent = properties
            .get("enable.idempotence")
            .is_some_and(|value| value == "true");
        Self {
            first: if is_idempotent { ANSWERS_NEEDED } else { 0 },
            next: clock.now(),
        }
    }

    /// Has librdkafka get its producer id as soon as a broker is connected: without one an
    /// idempotent producer sends nothing. Says how long to wait for the next report.
    ///
    /// By itself it asks for one every 500 ms, and whenever metadata come in
    /// (`rd_kafka_idemp_pid_fsm`). So a record that is sent at once would wait for half a
    /// second or a whole one.
    fn ask_first(&mut self, client: &Client) -> Duration {
        if self.first == 0 {
            return SERVE_INTERVAL;
        }
        self.first -= u32::from(raw::ask_for_brokers(client.client(), ASK_TIMEOUT));
        ASK_INTERVAL
    }

    /// Asks whether a broker is there, now and then; whether one answered.
    fn ask_again(&mut self, client: &Client, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        self.next = now + CHECK_INTERVAL;
        raw::ask_for_brokers(client.client(), ASK_TIMEOUT)
    }
}
