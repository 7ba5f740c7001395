//! The meaning of an error that came in the place of a partition's records.
//!
//! librdkafka goes on behind a batch that it can't read, or offers the same error again and again;
//! it depends on how large the batch is and what follows it. So the listener is told that the
//! partition ends here, and takes nothing more of it.

use rdkafka::error::RDKafkaErrorCode;

use super::notices::notice;
use super::raw::Message;
use crate::client::notice::Notice;
use crate::client::problem::{Problem, ProblemKind, ProblemSubject};
use crate::config::ClientProperties;
use crate::types::{Offset, PartitionId, TopicName, TopicPartition};

/// Whether the bytes that came are no records, or the broker says that those it has are none.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "librdkafka has some two hundred codes"
)]
pub(super) const fn is_damage(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    match code {
        // Found by librdkafka: a wrong checksum, an unknown format or codec, a block that can't be
        // unpacked, an end too early.
        Code::BadMessage
        | Code::NotImplemented
        | Code::BadCompression
        | Code::Underflow
        | Code::Partial => true,
        // Found by the broker, or larger than the client may fetch. `InvalidMessage` is Kafka's
        // CORRUPT_MESSAGE.
        Code::InvalidMessage
        | Code::InvalidMessageSize
        | Code::InvalidRecord
        | Code::MessageSizeTooLarge
        | Code::UnsupportedCompressionType
        | Code::UnsupportedForMessageFormat => true,
        _ => false,
    }
}

/// Returns the notice for the listener; `None` if there is none to give.
pub(super) fn fetch_failed(
    message: &Message<'_>,
    code: RDKafkaErrorCode,
    properties: &ClientProperties,
) -> Option<Notice> {
    let detail = message
        .payload()
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let of_listener = || {
        notice(
            code,
            &format!("{}-{}: {detail}", message.topic(), message.partition()),
            properties,
        )
    };
    let Ok(topic) = TopicName::new(message.topic()) else {
        return Some(of_listener());
    };
    let partition = TopicPartition::new(topic, PartitionId(message.partition()));
    Some(
        of_partition(partition, Offset(message.offset()), code, &detail)
            .unwrap_or_else(of_listener),
    )
    .filter(|_| code != RDKafkaErrorCode::PartitionEOF)
}

fn of_partition(
    partition: TopicPartition,
    offset: Offset,
    code: RDKafkaErrorCode,
    detail: &str,
) -> Option<Notice> {
    let reason = if detail.is_empty() {
        code.to_string()
    } else {
        format!("{detail} ({code})")
    };
    if is_damage(code) {
        return Some(Notice::Damaged {
            partition,
            offset,
            reason,
        });
    }
    let of_listener = notice(code, "", &ClientProperties::new());
    if let Notice::Problem(Problem {
        kind: ProblemKind::Forbidden,
        subject: ProblemSubject::Topic(_) | ProblemSubject::Subscription,
        ..
    }) = of_listener
    {
        // The topic may be seen, or the group would not have the partition.
        let reason = format!("{partition}: {reason}");
        let subject = ProblemSubject::Partition(partition);
        let problem = Problem::new(ProblemKind::Forbidden, subject, reason);
        return Some(Notice::Problem(problem));
    }
    matches!(of_listener, Notice::Warning { .. }).then(|| {
        Notice::Problem(Problem::at(
            ProblemKind::FetchFailing,
            partition,
            offset,
            reason,
        ))
    })
}

#[cfg(test)]
mod tests {
    use RDKafkaErrorCode as Code;

    use super::*;

    fn told(code: Code) -> Option<Notice> {
        let orders = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(3));
        of_partition(
            orders,
            Offset(42),
            code,
            "Message at offset 42 failed CRC32C check",
        )
    }

    #[test]
    fn every_way_in_which_a_batch_can_be_unreadable_ends_its_partition() {
        let unreadable = [
            Code::BadMessage,
            Code::BadCompression,
            Code::NotImplemented,
            Code::Underflow,
            Code::InvalidMessage,
            Code::MessageSizeTooLarge,
            Code::InvalidRecord,
        ];
        for code in unreadable {
            let Some(Notice::Damaged {
                partition,
                offset,
                reason,
            }) = told(code)
            else {
                panic!("{code:?} is no damage")
            };
            assert_eq!(
                (partition.to_string().as_str(), offset),
                ("orders-3", Offset(42)),
                "{code:?}"
            );
            assert!(reason.contains("failed CRC32C check"), "{reason}");
        }
    }

    #[test]
    fn an_error_of_the_broker_is_one_of_its_partition_and_may_pass() {
        for code in [
            Code::Unknown,
            Code::KafkaStorageError,
            Code::CriticalSystemResource,
        ] {
            let told = told(code);
            assert!(
                matches!(
                    told,
                    Some(Notice::Problem(Problem {
                        kind: ProblemKind::FetchFailing,
                        subject: ProblemSubject::Record {
                            offset: Offset(42),
                            ..
                        },
                        ..
                    }))
                ),
                "{told:?}"
            );
        }
        assert!(matches!(
            told(Code::TopicAuthorizationFailed),
            Some(Notice::Problem(Problem {
                kind: ProblemKind::Forbidden,
                subject: ProblemSubject::Partition(_),
                ..
            }))
        ));
    }

    #[test]
    fn what_concerns_the_whole_consumer_stays_its_own() {
        for code in [Code::AutoOffsetReset, Code::BrokerTransportFailure] {
            assert_eq!(told(code), None);
        }
    }
}
