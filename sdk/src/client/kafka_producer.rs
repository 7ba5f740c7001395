//! The real producer: librdkafka's, with a thread of its own that serves delivery reports.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::check::client_config;
use super::delivery::Slot;
use super::logs;
use super::{
    Acknowledgement, Complaint, Headers, ProduceError, Producer, ProducerRecord, Report, TroubleLog,
};
use crate::config::ClientProperties;
use crate::runtime::Clock;
use crate::types::{Offset, PartitionId, Timestamp};

/// Longest wait of the serving thread for the next report; also how long it may take to hear the end.
const SERVE: Duration = Duration::from_millis(100);

/// How long records may wait for a connection before that is a trouble: one that was idle connects anew.
const RECONNECT: Duration = Duration::from_secs(1);

/// How long records that nobody waits for are still sent after the producer was dropped.
const LINGER_AFTER_DROP: Duration = Duration::from_secs(5);

/// A producer over librdkafka. It connects when the first record is sent.
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
        std::thread::Builder::new()
            .name("wellspring-producer".to_owned())
            .spawn(move || serve(served, &ended))
            .map_err(|source| ProducerError::Thread { source })?;
        Ok(Self { client: Some(client), dropped })
    }
}

/// Serves reports until the producer is dropped, then drops librdkafka's client: that blocks, and a
/// thread of a runtime must not.
fn serve(client: Arc<BaseProducer<Reports>>, dropped: &AtomicBool) {
    let clock = Clock::system();
    let mut waiting_since = None;
    while !dropped.load(Ordering::Acquire) {
        client.poll(SERVE);
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

/// Where librdkafka's callbacks arrive, on the serving thread.
#[derive(Debug)]
struct Reports {
    trouble: TroubleLog,
    /// Whether there may be a trouble, so that a report without one takes no lock.
    is_troubled: AtomicBool,
}

impl Default for Reports {
    fn default() -> Self {
        let trouble = TroubleLog::of_client("producer", Clock::system());
        Self { trouble, is_troubled: AtomicBool::new(false) }
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Arc<Slot>;

    fn delivery(&self, result: &DeliveryResult<'_>, slot: Arc<Slot>) {
        let answer = match result {
            Ok(message) => {
                self.all_is_well();
                Ok(Acknowledgement {
                    partition: PartitionId(message.partition()),
                    offset: Offset(message.offset()),
                    timestamp: message.timestamp().to_millis().map_or(Timestamp::NONE, Timestamp),
                })
            }
            Err((error, _)) => Err(self.reason(error)),
        };
        Report::of(slot).resolve(answer);
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        logs::forward(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        self.is_troubled.store(true, Ordering::Relaxed);
        self.trouble.complain(Complaint::of(code, reason.to_owned()));
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl Reports {
    fn all_is_well(&self) {
        if self.is_troubled.load(Ordering::Relaxed) && self.is_troubled.swap(false, Ordering::Relaxed) {
            self.trouble.over();
        }
    }

    fn reason(&self, error: &KafkaError) -> ProduceError {
        let trouble = || self.trouble.reason();
        let Some(code) = error.rdkafka_error_code() else {
            return ProduceError::Refused { reason: words(error), retriable: false };
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "librdkafka has two hundred codes; these have a meaning here"
        )]
        match code {
            RDKafkaErrorCode::MessageTimedOut => ProduceError::TimedOut { trouble: trouble() },
            RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize => {
                ProduceError::TooLarge
            }
            RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition => {
                ProduceError::UnknownTopic
            }
            RDKafkaErrorCode::UnknownPartition => ProduceError::UnknownPartition,
            RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed => {
                ProduceError::NotPermitted
            }
            RDKafkaErrorCode::QueueFull => ProduceError::QueueFull,
            RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight => ProduceError::Closed,
            RDKafkaErrorCode::Fatal => {
                ProduceError::Fatal { reason: trouble().unwrap_or_else(|| words(error)) }
            }
            other => ProduceError::Refused { reason: other.to_string(), retriable: is_retriable(other) },
        }
    }
}

/// What the client itself gave up on while time was left, and what may be over in a moment.
fn is_retriable(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::NotEnoughReplicas
            | RDKafkaErrorCode::NotEnoughReplicasAfterAppend
            | RDKafkaErrorCode::NotLeaderForPartition
            | RDKafkaErrorCode::LeaderNotAvailable
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::NetworkException
            | RDKafkaErrorCode::ThrottlingQuotaExceeded
            | RDKafkaErrorCode::KafkaStorageError
    )
}

/// What librdkafka says, without the values of properties: one of them may be a secret.
fn words(error: &KafkaError) -> String {
    if let KafkaError::ClientConfig(_, words, _, value) = error {
        return if value.is_empty() { words.clone() } else { words.replace(value, "…") };
    }
    if let KafkaError::ClientCreation(words) = error { words.clone() } else { error.to_string() }
}
