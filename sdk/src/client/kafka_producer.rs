//! The real producer: librdkafka's, with a thread of its own that serves delivery reports.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::check::client_config;
use super::reports::Reports;
use super::{Headers, ProduceError, Producer, ProducerRecord, Report, raw};
use crate::config::ClientProperties;
use crate::runtime::Clock;

/// Longest wait of the serving thread for the next report; also how long it may take to hear the end.
const SERVE: Duration = Duration::from_millis(100);

/// How long records may wait for a connection before that is a trouble: one that was idle connects anew.
const RECONNECT: Duration = Duration::from_secs(1);

/// How long records that nobody waits for are still sent after the producer was dropped.
const LINGER_AFTER_DROP: Duration = Duration::from_secs(5);

/// How long one question for the brokers may take while the first connection is made. Reports and errors wait meanwhile.
const ASK: Duration = Duration::from_millis(50);

/// A question may fail at once, and is asked again after this.
const BETWEEN_ASKS: Duration = Duration::from_millis(1);

/// So many answers are needed: the first may come over the bootstrap connection, which is given up right after it.
const ANSWERS: u32 = 2;

/// A producer over librdkafka. It connects at once.
pub struct KafkaProducer {
    /// `None` only while it is being dropped.
    client: Option<Arc<BaseProducer<Reports>>>,
    dropped: Arc<AtomicBool>,
}

/// Properties that make no producer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProducerError {
    /// librdkafka refuses a property, or all of them together.
    #[error("librdkafka makes no producer of these properties: {reason}")]
    Properties {
        /// In librdkafka's words.
        reason: String,
    },
    /// The operating system has no thread left.
    #[error("no thread for the producer's reports")]
    Thread {
        /// The system's answer.
        source: std::io::Error,
    },
}

impl KafkaProducer {
    /// A producer with these librdkafka properties.
    ///
    /// # Errors
    /// When librdkafka refuses a property, or there is no thread to be had. An unreachable broker is no
    /// error here: the records sent to it time out.
    pub fn new(properties: &ClientProperties) -> Result<Self, ProducerError> {
        let client = client_config(properties)
            .create_with_context::<_, BaseProducer<Reports>>(Reports::default())
            .map_err(|error| ProducerError::Properties { reason: words(&error) })?;
        let client = Arc::new(client);
        let dropped = Arc::new(AtomicBool::new(false));
        let (served, ended) = (Arc::clone(&client), Arc::clone(&dropped));
        let first_answers = FirstAnswers::of(properties);
        std::thread::Builder::new()
            .name("wellspring-producer".to_owned())
            .spawn(move || serve(served, &ended, first_answers))
            .map_err(|source| ProducerError::Thread { source })?;
        Ok(Self { client: Some(client), dropped })
    }
}

/// Serves reports until the producer is dropped, then drops librdkafka's client: that blocks, and a
/// thread of a runtime must not.
fn serve(client: Arc<BaseProducer<Reports>>, dropped: &AtomicBool, mut first_answers: FirstAnswers) {
    let clock = Clock::system();
    let mut waiting_since = None;
    while !dropped.load(Ordering::Acquire) {
        client.poll(first_answers.ask(&client));
        // A broker that nobody waits for is nobody's trouble.
        let now = clock.now();
        waiting_since = (client.in_flight_count() > 0).then(|| waiting_since.unwrap_or(now));
        client.context().trouble.tick(waiting_since.is_some_and(|since| now - since >= RECONNECT));
    }
    if client.in_flight_count() > 0
        && let Err(error) = client.flush(LINGER_AFTER_DROP)
    {
        tracing::warn!(records = client.in_flight_count(), %error, "a dropped producer leaves records unsent");
    }
}

/// Has librdkafka get its producer id as soon as a broker is connected: without one an idempotent producer sends nothing.
///
/// By itself it asks for one every 500 ms, and whenever metadata come in (`rd_kafka_idemp_pid_fsm`). So a record that is
/// sent at once would wait for half a second or a whole one.
struct FirstAnswers {
    wanted: u32,
}

impl FirstAnswers {
    fn of(properties: &ClientProperties) -> Self {
        let is_idempotent = properties.get("enable.idempotence").is_some_and(|value| value == "true");
        Self { wanted: if is_idempotent { ANSWERS } else { 0 } }
    }

    /// Asks for metadata while that is of use, and says how long to wait for the next report.
    fn ask(&mut self, client: &BaseProducer<Reports>) -> Duration {
        if self.wanted == 0 {
            return SERVE;
        }
        self.wanted -= u32::from(raw::ask_for_brokers(client.client(), ASK));
        BETWEEN_ASKS
    }
}

impl Producer for KafkaProducer {
    fn produce(&self, record: &ProducerRecord, report: Report) -> Result<(), (ProduceError, Report)> {
        let Some(client) = &self.client else { return Err((ProduceError::Closed, report)) };
        let Some(slot) = report.into_slot() else { return Ok(()) };
        let mut outgoing = BaseRecord::with_opaque_to(record.topic.as_str(), slot);
        outgoing.partition = record.partition.map(|partition| partition.0);
        outgoing.timestamp = record.timestamp.map(|timestamp| timestamp.0);
        outgoing.key = record.key.as_deref();
        outgoing.payload = record.payload.as_deref();
        outgoing.headers = (!record.headers.is_empty()).then(|| native(&record.headers));
        client.send::<[u8], [u8]>(outgoing).map_err(|(error, refused)| {
            (client.context().reason(&error), Report::of(refused.delivery_opaque))
        })
    }
}

impl Drop for KafkaProducer {
    fn drop(&mut self) {
        // First our share of the client, then the signal: so the thread holds the last one.
        self.client = None;
        self.dropped.store(true, Ordering::Release);
    }
}

impl fmt::Debug for KafkaProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaProducer").finish_non_exhaustive()
    }
}

fn native(headers: &Headers) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |native, (key, value)| {
        native.insert(Header { key, value })
    })
}

/// What librdkafka says, without the values of properties: one of them may be a secret.
pub(super) fn words(error: &KafkaError) -> String {
    if let KafkaError::ClientConfig(_, words, _, value) = error {
        return if value.is_empty() { words.clone() } else { words.replace(value, "…") };
    }
    if let KafkaError::ClientCreation(words) = error { words.clone() } else { error.to_string() }
}
