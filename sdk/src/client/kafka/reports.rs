//! librdkafka's reports to a producer: the outcome of each record, and trouble with connections.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::ProducerContext;

use super::properties::words;
use super::{logs, raw};
use crate::client::delivery::Slot;
use crate::client::producer_status::Seen;
use crate::client::{Acknowledgement, Complaint, OnFatal, ProduceError, Report, TroubleLog};
use crate::runtime::Clock;
use crate::types::{Offset, PartitionId, Timestamp};

/// The receiver of librdkafka's callbacks, on the serving thread.
#[derive(Debug)]
pub(super) struct Reports {
    pub(super) trouble: TroubleLog,
    /// Whether there may be a trouble, so that a report without one takes no lock.
    is_troubled: AtomicBool,
    /// The reason why the client can send nothing any more, once that is so.
    fatal: OnceLock<String>,
    /// Whether another client takes over then.
    on_fatal: OnFatal,
    /// Nobody sends any more: what is purged from here on was given up, not failed.
    is_dropped: Arc<AtomicBool>,
    /// Since the last look: a record was acknowledged, …
    is_acknowledged: AtomicBool,
    /// … or answered at all.
    is_answered: AtomicBool,
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Arc<Slot>;

    fn delivery(&self, result: &DeliveryResult<'_>, slot: Arc<Slot>) {
        let answer = match result {
            Ok(message) => {
                self.all_is_well();
                self.is_acknowledged.store(true, Ordering::Relaxed);
                Ok(Acknowledgement {
                    partition: PartitionId(message.partition()),
                    // With acks=0 no broker tells the offset, which librdkafka calls -1001.
                    offset: Offset(message.offset().max(-1)),
                    timestamp: message
                        .timestamp()
                        .to_millis()
                        .map_or(Timestamp::NONE, Timestamp),
                })
            }
            Err((error, message)) => Err(self.reason(error, raw::may_be_written(message))),
        };
        if !matches!(answer, Err(ProduceError::TimedOut { .. })) {
            self.is_answered.store(true, Ordering::Relaxed);
        }
        Report::of(slot).resolve(answer);
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        logs::forward(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        if code == RDKafkaErrorCode::Fatal {
            self.fails(reason.to_owned());
            return;
        }
        self.is_troubled.store(true, Ordering::Relaxed);
        self.trouble
            .complain(Complaint::of(code, reason.to_owned()));
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl Reports {
    pub(super) fn new(on_fatal: OnFatal, is_dropped: Arc<AtomicBool>) -> Self {
        Self {
            trouble: TroubleLog::of_client("producer", Clock::system()),
            is_troubled: AtomicBool::new(false),
            fatal: OnceLock::new(),
            on_fatal,
            is_dropped,
            is_acknowledged: AtomicBool::new(false),
            is_answered: AtomicBool::new(false),
        }
    }

    /// The client can send nothing any more.
    pub(super) fn fails(&self, reason: String) {
        self.fatal.get_or_init(|| reason);
    }

    /// Returns the reason why it can send nothing any more, if that is so.
    pub(super) fn fatal(&self) -> Option<&str> {
        self.fatal.get().map(String::as_str)
    }

    /// Returns the reports since the last call.
    pub(super) fn look(&self, is_in_flight: bool) -> Seen {
        Seen {
            is_in_flight,
            is_acknowledged: self.is_acknowledged.swap(false, Ordering::Relaxed),
            is_answered: self.is_answered.swap(false, Ordering::Relaxed),
        }
    }

    fn all_is_well(&self) {
        if self.is_troubled.load(Ordering::Relaxed)
            && self.is_troubled.swap(false, Ordering::Relaxed)
        {
            self.trouble.over();
        }
    }

    /// Returns the error of a record that the client did not take: it never left.
    pub(super) fn refusal(&self, error: &KafkaError) -> ProduceError {
        match (self.reason(error, false), self.on_fatal) {
            (ProduceError::Fatal { reason, .. }, OnFatal::Replace) => {
                ProduceError::Replacing { reason }
            }
            (ProduceError::TooLarge { .. }, _) => ProduceError::TooLarge { by_client: true },
            (other, _) => other,
        }
    }

    fn reason(&self, error: &KafkaError, may_be_written: bool) -> ProduceError {
        use RDKafkaErrorCode as Code;
        let Some(code) = error.rdkafka_error_code() else {
            return ProduceError::Refused {
                reason: words(error),
                retriable: false,
            };
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "librdkafka has two hundred codes; these have a meaning here"
        )]
        match code {
            Code::MessageTimedOut => ProduceError::TimedOut {
                trouble: self.trouble.reason(),
            },
            Code::MessageSizeTooLarge | Code::InvalidMessageSize => {
                ProduceError::TooLarge { by_client: false }
            }
            Code::UnknownTopic | Code::UnknownTopicOrPartition => ProduceError::UnknownTopic,
            Code::UnknownPartition => ProduceError::UnknownPartition,
            Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed => {
                ProduceError::NotPermitted
            }
            Code::QueueFull => ProduceError::QueueFull,
            Code::PurgeQueue | Code::PurgeInflight if self.is_dropped.load(Ordering::Acquire) => {
                ProduceError::Closed
            }
            // librdkafka purges its queue when it fails for good, maybe before it says so.
            Code::PurgeQueue | Code::PurgeInflight => {
                self.failed(&code.to_string(), may_be_written)
            }
            code if is_fatal(code) => self.failed(&code.to_string(), may_be_written),
            other => ProduceError::Refused {
                reason: other.to_string(),
                retriable: is_retriable(other),
            },
        }
    }

    fn failed(&self, words: &str, may_be_written: bool) -> ProduceError {
        let reason = self.fatal().unwrap_or(words).to_owned();
        ProduceError::Fatal {
            reason,
            may_be_written,
            is_replaced: self.on_fatal == OnFatal::Replace,
        }
    }
}

/// Whether the code is one that an idempotent client does not survive: the record that met it has
/// this code, and the client is dead.
fn is_fatal(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::Fatal
            | RDKafkaErrorCode::OutOfOrderSequenceNumber
            | RDKafkaErrorCode::UnknownProducerId
            | RDKafkaErrorCode::InvalidProducerEpoch
            | RDKafkaErrorCode::ProducerFenced
            | RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::GaplessGuarantee
            | RDKafkaErrorCode::Inconsistent
    )
}

/// Whether the client itself gave up while time was left, or the reason may be over in a moment.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(on_fatal: OnFatal) -> Reports {
        Reports::new(on_fatal, Arc::default())
    }

    fn failed(reports: &Reports, code: RDKafkaErrorCode, may_be_written: bool) -> ProduceError {
        reports.reason(&KafkaError::Global(code), may_be_written)
    }

    #[test]
    fn a_sequence_that_broke_a_fence_and_a_purge_are_the_end_of_the_client() {
        use RDKafkaErrorCode as Code;
        for code in [
            Code::OutOfOrderSequenceNumber,
            Code::UnknownProducerId,
            Code::InvalidProducerEpoch,
            Code::ProducerFenced,
            Code::Fatal,
            Code::PurgeQueue,
            Code::PurgeInflight,
        ] {
            let reports = reports(OnFatal::Replace);
            let answer = failed(&reports, code, true);
            let written = matches!(
                answer,
                ProduceError::Fatal {
                    may_be_written: true,
                    is_replaced: true,
                    ..
                }
            );
            assert!(written, "{code}: {answer:?}");
        }
    }

    #[test]
    fn the_reason_is_what_ended_the_client_and_not_what_happened_to_the_record() {
        let reports = reports(OnFatal::Stay);
        reports.error(
            KafkaError::Global(RDKafkaErrorCode::Fatal),
            "Fatal error: sequence desynchronized",
        );
        let answer = failed(&reports, RDKafkaErrorCode::PurgeQueue, false);
        let reason = "Fatal error: sequence desynchronized".to_owned();
        let expected = ProduceError::Fatal {
            reason,
            may_be_written: false,
            is_replaced: false,
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn what_is_purged_after_the_producer_was_dropped_was_given_up() {
        let reports = reports(OnFatal::Replace);
        reports.is_dropped.store(true, Ordering::Release);
        assert_eq!(
            failed(&reports, RDKafkaErrorCode::PurgeQueue, false),
            ProduceError::Closed
        );
    }

    #[test]
    fn a_record_that_a_dead_client_does_not_take_waits_for_the_next_one() {
        let fatal = KafkaError::Global(RDKafkaErrorCode::Fatal);
        assert!(reports(OnFatal::Replace).refusal(&fatal).is_no_room_yet());
        assert!(!reports(OnFatal::Stay).refusal(&fatal).is_no_room_yet());
    }
}
