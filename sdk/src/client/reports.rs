//! What librdkafka tells a producer: what became of each record, and what troubles the connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::ProducerContext;

use super::delivery::Slot;
use super::kafka_producer::words;
use super::{Acknowledgement, Complaint, ProduceError, Report, TroubleLog, logs};
use crate::runtime::Clock;
use crate::types::{Offset, PartitionId, Timestamp};

/// Where librdkafka's callbacks arrive, on the serving thread.
#[derive(Debug)]
pub(super) struct Reports {
    pub(super) trouble: TroubleLog,
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

    pub(super) fn reason(&self, error: &KafkaError) -> ProduceError {
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
