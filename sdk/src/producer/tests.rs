//! The template over a client that does as it is told.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use serde::{Deserialize, Serialize};

use super::{KafkaTemplate, KafkaTemplateBuilder, SendError, SendResult};
use crate::client::ProduceError;
use crate::client::scripted::{ScriptedProducer, Step};
use crate::codec::{EncodeError, Event, Text};
use crate::config::ClientProperties;
use crate::observe::TraceContext;
use crate::runtime::ManualClock;
use crate::types::{PartitionId, Timestamp};

#[derive(Serialize, Deserialize)]
struct TopUp {
    card: String,
    cents: u64,
}

impl Event for TopUp {
    const TOPIC: &'static str = "card.topups";

    fn key(&self) -> Result<Option<Bytes>, EncodeError> {
        crate::codec::key(&self.card)
    }
}

fn topup() -> TopUp {
    TopUp {
        card: "2026001".to_owned(),
        cents: 500,
    }
}

fn builder() -> KafkaTemplateBuilder {
    KafkaTemplateBuilder::of(ClientProperties::new())
}

fn now(sending: super::Sending) -> SendResult {
    sending.now_or_never().expect("it is answered at once")
}

/// The message of an error and of what it comes from.
fn told(result: SendResult) -> String {
    format!("{:?}", result.expect_err("it fails"))
}

#[test]
fn an_event_goes_to_its_topic_with_its_key() {
    let client = ScriptedProducer::default();
    let receipt = now(builder().client(client.clone()).send(&topup())).unwrap();
    assert_eq!(receipt.to_string(), "card.topups-0@0");
    let [record] = client.taken().try_into().unwrap();
    assert_eq!(record.topic.as_str(), "card.topups");
    assert_eq!(record.key.as_deref(), Some(b"2026001".as_slice()));
    assert_eq!(
        record.payload.as_deref(),
        Some(br#"{"card":"2026001","cents":500}"#.as_slice())
    );
    assert_eq!((record.partition, record.timestamp), (None, None));
}

#[test]
fn the_builder_sets_every_part() {
    let client = ScriptedProducer::default();
    let template = builder().client(client.clone());
    let record = template
        .record("audit")
        .key(&7_i64)
        .partition(PartitionId(3))
        .timestamp(Timestamp(99))
        .header("source", "web")
        .header("source", &None::<String>)
        .payload(&Text::from("note"));
    assert_eq!(now(record.send()).unwrap().partition, PartitionId(3));
    let [record] = client.taken().try_into().unwrap();
    assert_eq!(record.key.as_deref(), Some(7_i64.to_be_bytes().as_slice()));
    assert_eq!(record.timestamp, Some(Timestamp(99)));
    let headers: Vec<_> = record.headers.iter().collect();
    assert_eq!(
        headers,
        [("source", Some(b"web".as_slice())), ("source", None)]
    );
    assert_eq!(record.payload.as_deref(), Some(b"note".as_slice()));
}

#[test]
fn a_key_that_was_given_wins_over_the_events_own_in_any_order() {
    let client = ScriptedProducer::default();
    let template = builder().client(client.clone());
    now(template.record("t").key("mine").payload(&topup()).send()).unwrap();
    now(template.record("t").payload(&topup()).key("mine").send()).unwrap();
    assert!(
        client
            .taken()
            .iter()
            .all(|record| record.key.as_deref() == Some(b"mine".as_slice()))
    );
}

#[test]
fn a_tombstone_is_said_and_a_missing_payload_is_a_mistake() {
    let client = ScriptedProducer::default();
    let template = builder().client(client.clone());
    now(template.record("t").key("k").tombstone().send()).unwrap();
    assert_eq!(client.taken().first().unwrap().payload, None);
    assert_eq!(
        told(now(template.record("t").key("k").send())),
        "a record for t has no payload: say `.tombstone()` to send a null one"
    );
}

#[test]
fn what_cannot_be_sent_is_told_by_the_answer() {
    let template = builder().client(ScriptedProducer::default());
    let odd = std::collections::HashMap::from([((1, 2), 3)]);
    assert_eq!(
        told(now(template.record("t").json(&odd).send())),
        "the payload of a record for t has no bytes: the value cannot be encoded as json: key must be a string"
    );
    let error = told(now(template.record("no topic").text("x").send()));
    assert!(
        error.starts_with("\"no topic\" is no topic to send to: \"no topic\" is not a topic name"),
        "{error}"
    );
}

#[test]
fn each_reason_of_the_client_has_its_error() {
    let reasons = [
        ProduceError::TimedOut {
            trouble: Some("127.0.0.1:1: Connection refused".to_owned()),
        },
        ProduceError::TooLarge { by_client: true },
        ProduceError::UnknownTopic,
        ProduceError::NotPermitted,
        ProduceError::Closed,
        ProduceError::Fatal {
            reason: "fenced".to_owned(),
            may_be_written: true,
            is_replaced: false,
        },
        ProduceError::Refused {
            reason: "not enough replicas".to_owned(),
            retriable: true,
        },
    ];
    let template = builder().client(ScriptedProducer::with(reasons.into_iter().map(Step::Fail)));
    let send = || now(template.record("t").text("four").send()).unwrap_err();
    let timed_out = send();
    assert_eq!(
        timed_out.to_string(),
        "no acknowledgement for t within 120s: 127.0.0.1:1: Connection refused"
    );
    assert!(timed_out.is_retriable() && timed_out.may_be_written());
    let large = send().to_string();
    assert!(
        large.starts_with("a record of 4 bytes is too large for this producer: raise its"),
        "{large}"
    );
    assert!(matches!(send(), SendError::UnknownTopic { .. }));
    assert!(matches!(send(), SendError::NotPermitted { .. }));
    assert!(matches!(send(), SendError::Closed { .. }));
    assert!(send().is_fatal());
    let refused = send();
    assert!(refused.is_retriable() && !refused.may_be_written());
}

#[test]
fn a_placeholder_is_resolved_once() {
    let client = ScriptedProducer::default();
    let template = builder()
        .placeholders(|text| match text {
            "${audit.topic}" => Ok("card.audit".to_owned()),
            other => Err(format!("nothing is set for {other}").into()),
        })
        .client(client.clone());
    assert_eq!(
        now(template.record("${audit.topic}").text("x").send())
            .unwrap()
            .topic
            .as_str(),
        "card.audit"
    );
    assert_eq!(
        told(now(template.record("${other}").text("x").send())),
        "\"${other}\" is no topic to send to: nothing is set for ${other}"
    );
}

/// A template with room for one record, which the client has and does not answer.
fn full(
    client: &ScriptedProducer,
    clock: crate::runtime::Clock,
) -> (KafkaTemplate, super::Sending) {
    let template = builder()
        .buffer_memory(300)
        .max_block(Duration::from_secs(2))
        .clock(clock)
        .client(client.clone());
    let first = template.record("t").text("first").send();
    (template, first)
}

#[tokio::test]
async fn a_send_waits_for_room_and_gives_up_after_max_block() {
    let (hand, client) = (ManualClock::new(), ScriptedProducer::with([Step::Hold]));
    let (template, first) = full(&client, hand.clock());
    let (second, third) = (
        template.record("t").text("x").send(),
        template.record("t").text("x").send(),
    );
    tokio::task::yield_now().await;
    assert_eq!(client.taken().len(), 1);
    client.release();
    assert!(first.await.is_ok() && second.await.is_ok() && third.await.is_ok());

    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, hand.clock());
    let second = template.record("t").text("x").send();
    tokio::task::yield_now().await;
    hand.advance(Duration::from_secs(2));
    assert_eq!(
        told(second.await),
        "no room for a record for t within 2s: send less at once, or give `buffer_memory` more"
    );
}

#[tokio::test]
async fn records_that_waited_go_out_in_the_order_of_their_sends_and_by_themselves() {
    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, crate::runtime::Clock::system());
    let second = template.record("t").text("second").send();
    client.release();
    // There is room now, and somebody in front.
    let third = template.record("t").text("third").send();
    template.flush(Duration::from_secs(10)).await.unwrap();
    let taken: Vec<_> = client
        .taken()
        .into_iter()
        .filter_map(|record| record.payload)
        .collect();
    assert_eq!(
        taken,
        ["first", "second", "third"],
        "nobody has polled them"
    );
    assert!(third.await.is_ok() && second.await.is_ok());
}

#[tokio::test]
async fn a_close_sends_what_waits_for_room() {
    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, crate::runtime::Clock::system());
    let second = template.record("t").text("second").send();
    let late = template.close(Duration::from_millis(1)).await.unwrap_err();
    assert_eq!(late.pending, 2);
    client.release();
    template.close(Duration::from_secs(10)).await.unwrap();
    assert!(second.await.is_ok());
}

#[tokio::test]
async fn a_send_that_is_dropped_while_it_waits_for_room_is_given_up() {
    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, crate::runtime::Clock::system());
    let (second, third) = (
        template.record("t").text("second").send(),
        template.record("t").text("third").send(),
    );
    drop(second);
    client.release();
    third.await.unwrap();
    let taken: Vec<_> = client
        .taken()
        .into_iter()
        .filter_map(|record| record.payload)
        .collect();
    assert_eq!(taken, ["first", "third"]);
}

#[tokio::test]
async fn a_long_line_is_cleared_of_those_that_gave_up() {
    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, crate::runtime::Clock::system());
    for _ in 0..3000 {
        drop(template.record("t").text("given up").send());
    }
    assert!(template.in_flight() < 2000, "{}", template.in_flight());
    client.release();
    template.flush(Duration::from_secs(10)).await.unwrap();
    assert_eq!(client.taken().len(), 1);
}

#[test]
fn a_line_whose_runtime_ended_fails_and_the_next_send_gets_a_new_one() {
    let client = ScriptedProducer::with([Step::Hold]);
    let (template, _first) = full(&client, crate::runtime::Clock::system());
    assert!(matches!(
        now(template.record("t").text("x").send()),
        Err(SendError::QueueFull { .. })
    ));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let short_lived = runtime();
    let stranded = {
        let _inside = short_lived.enter();
        template.record("t").text("stranded").send()
    };
    drop(short_lived);
    assert!(now(stranded).is_err_and(|error| error.is_retriable()));
    runtime().block_on(async {
        let next = template.record("t").text("next").send();
        client.release();
        next.await.unwrap();
    });
}

#[tokio::test]
async fn a_client_that_is_full_is_asked_again() {
    let full = || Step::Refuse(ProduceError::QueueFull);
    let client = ScriptedProducer::with([full(), full(), full()]);
    let template = builder().client(client.clone());
    template.record("t").text("x").send().await.unwrap();
    assert_eq!(client.taken().len(), 1);
}

#[tokio::test]
async fn what_is_sent_while_a_client_is_replaced_goes_to_the_next_one_in_order() {
    let replacing = || {
        Step::Refuse(ProduceError::Replacing {
            reason: "out of order".to_owned(),
        })
    };
    let client = ScriptedProducer::with([replacing(), replacing(), replacing()]);
    let template = builder().client(client.clone());
    let sent: Vec<_> = ["first", "second", "third"]
        .map(|text| template.record("t").text(text).send())
        .into();
    for sending in sent {
        sending.await.unwrap();
    }
    let taken: Vec<_> = client
        .taken()
        .into_iter()
        .filter_map(|record| record.payload)
        .collect();
    assert_eq!(taken, ["first", "second", "third"]);
}

#[tokio::test]
async fn a_client_that_is_not_replaced_in_time_is_told_with_its_reason() {
    let hand = ManualClock::new();
    let replacing = || {
        Step::Refuse(ProduceError::Replacing {
            reason: "out of order".to_owned(),
        })
    };
    let client = ScriptedProducer::with([replacing(), replacing()]);
    let template = builder()
        .max_block(Duration::ZERO)
        .clock(hand.clock())
        .client(client.clone());
    let error = template.record("t").text("x").send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a record for t was not sent: the producer has failed for good and is replaced: out of order"
    );
    assert!(error.is_retriable() && !error.is_fatal() && !error.may_be_written());
}

#[tokio::test]
async fn a_flush_waits_for_the_answers_and_tells_what_is_left() {
    let client = ScriptedProducer::with([Step::Hold]);
    let template = builder().client(client.clone());
    let _sending = template.send(&topup());
    let late = template.flush(Duration::from_millis(1)).await.unwrap_err();
    assert_eq!(
        late.to_string(),
        "1 records are unanswered after 1ms; they are still being sent"
    );
    client.release();
    template.close(Duration::from_secs(10)).await.unwrap();
    assert!(matches!(
        now(template.clone().send(&topup())),
        Err(SendError::Closed { .. })
    ));
}

#[test]
fn what_is_sent_inside_a_trace_carries_it() {
    let client = ScriptedProducer::default();
    let template = builder().client(client.clone());
    let trace = TraceContext::root();
    let send = async { now(template.record("t").text("x").send()) };
    trace.clone().scope(send).now_or_never().unwrap().unwrap();
    now(template.record("t").text("x").send()).unwrap();
    let [inside, outside] = client.taken().try_into().unwrap();
    let parent = inside.headers.last("traceparent").unwrap().unwrap();
    assert!(
        std::str::from_utf8(parent)
            .unwrap()
            .starts_with(&trace.to_string()[..36])
    );
    assert!(outside.headers.is_empty());
}

#[test]
fn printing_a_template_prints_no_secret() {
    let builder = KafkaTemplate::builder("k:9092").property("sasl.password", "hunter2");
    assert!(!format!("{builder:?}").contains("hunter2"));
}

#[test]
fn a_property_that_librdkafka_does_not_know_is_named_without_its_value() {
    let error = KafkaTemplate::builder("k:9092")
        .property("lingerms", "s3cret")
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("lingerms"), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn a_producer_without_an_address_is_refused_in_the_same_words_by_display_and_debug() {
    let error = KafkaTemplate::builder(" ").build().unwrap_err();
    assert!(
        error.to_string().contains("`bootstrap.servers` is empty"),
        "{error}"
    );
    assert_eq!(format!("{error:?}"), error.to_string());
}
