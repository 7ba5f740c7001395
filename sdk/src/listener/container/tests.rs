//! Listeners against a broker in this process.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering as Atomic};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use broker_lite::{Broker, BrokerHandle};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset as NativeOffset, TopicPartitionList};
use tokio::runtime::Handle;

use super::*;
use crate::BoxError;
use crate::client::{ClientError, Consumer, ConsumerHooks};
use crate::config::ClientProperties;
use crate::dead_letter::{DeadLetter, DeadLetterError, DeadLetterSink};
use crate::endpoint::{Consuming, Failing, Ordering, Processing, ResolvedEndpoint};
use crate::extract::RecordContext;
use crate::handler::Outcome;
use crate::listener::consumer::{Arrival, ConsumerFactory, Requests, ScriptedConsumer};
use crate::listener::testing::endpoint;
use crate::listener::{ListenerError, ListenerState, Problem, ProblemKind};
use crate::retry::{BackOff, OnExhausted, RetryPolicy};
use crate::runtime::Clock;
use crate::types::{Offset, PartitionId, TopicName, TopicPartition};

const TIMEOUT: Duration = Duration::from_secs(30);
const TOPIC: &str = "orders";

struct Kafka {
    broker: BrokerHandle,
    producer: BaseProducer,
}

impl Kafka {
    async fn with_topic(partitions: i32) -> Self {
        let broker = Broker::builder()
            .topic(TOPIC, partitions)
            .start()
            .await
            .unwrap();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", broker.bootstrap())
            .set("linger.ms", "0")
            .create()
            .unwrap();
        Self { broker, producer }
    }

    fn properties(&self) -> ClientProperties {
        let mut properties = ClientProperties::new();
        properties.set("bootstrap.servers", self.broker.bootstrap());
        properties
    }

    fn send(&self, partition: i32, key: &str, payload: &str) {
        let record = BaseRecord::to(TOPIC)
            .partition(partition)
            .key(key)
            .payload(payload);
        self.producer
            .send(record)
            .map_err(|(error, _)| error)
            .unwrap();
    }

    fn flush(&self) {
        self.producer.flush(TIMEOUT).unwrap();
    }

    fn committed(&self, partition: i32) -> Option<i64> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.broker.bootstrap())
            .set("group.id", format!("{TOPIC}-group"))
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition(TOPIC, partition);
        let list = consumer.committed_offsets(list, TIMEOUT).unwrap();
        let NativeOffset::Offset(offset) = list.elements()[0].offset() else {
            return None;
        };
        Some(offset)
    }

    async fn start(&self, endpoint: ResolvedEndpoint) -> Container {
        let container = Container::builder(endpoint, self.properties())
            .start(&Handle::current())
            .await
            .unwrap();
        Clock::system()
            .timeout(TIMEOUT, container.assigned())
            .await
            .expect("assigned in time")
            .unwrap();
        container
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let clock = Clock::system();
    let deadline = clock.now() + TIMEOUT;
    while !condition() {
        assert!(clock.now() < deadline, "not in time: {what}");
        clock.sleep(Duration::from_millis(5)).await;
    }
}

fn text(cx: &RecordContext) -> String {
    String::from_utf8(cx.record().payload().unwrap_or_default().to_vec()).unwrap()
}

/// A handler that notes what it sees.
fn seen() -> (
    Arc<Mutex<Vec<String>>>,
    impl Fn(RecordContext) -> std::future::Ready<()> + Send + Sync + 'static,
) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = seen.clone();
    let handler = move |cx: RecordContext| {
        notes.lock().unwrap().push(text(&cx));
        std::future::ready(())
    };
    (seen, handler)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_handled_and_committed_and_a_stop_leaves_nothing_running() {
    let kafka = Kafka::with_topic(2).await;
    let (seen, handler) = seen();
    let container = kafka.start(endpoint(TOPIC, handler)).await;
    let health = container.health();
    assert_eq!(health.partitions.len(), 2);
    assert!(health.is_ready(), "{health:?}");
    for number in 0..100 {
        kafka.send(number % 2, "k", &number.to_string());
    }
    kafka.flush();
    until("all seen", || seen.lock().unwrap().len() == 100).await;
    let report = container.stop(TIMEOUT).await;
    assert_eq!(report, StopReport::default());
    assert_eq!(container.health().state, ListenerState::Stopped);
    assert_eq!(
        (kafka.committed(0), kafka.committed(1)),
        (Some(50), Some(50))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_finished_is_committed_while_it_runs() {
    let kafka = Kafka::with_topic(1).await;
    let (_, handler) = seen();
    let container = kafka.start(endpoint(TOPIC, handler)).await;
    kafka.send(0, "k", "a");
    kafka.flush();
    until("committed", || kafka.committed(0) == Some(1)).await;
    container.stop(TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_keeps_its_order_under_many_workers_with_failures() {
    let kafka = Kafka::with_topic(4).await;
    let per_key: Arc<Mutex<HashMap<String, Vec<u32>>>> = Arc::default();
    let done = Arc::new(AtomicUsize::new(0));
    let (notes, finished) = (per_key.clone(), done.clone());
    let handler = move |cx: RecordContext| {
        let (notes, finished) = (notes.clone(), finished.clone());
        async move {
            let number: u32 = text(&cx).parse().unwrap();
            tokio::task::yield_now().await;
            if number.is_multiple_of(7) && cx.attempt() == 1 {
                return Err("the first attempt fails");
            }
            let key = String::from_utf8(cx.record().key().unwrap().to_vec()).unwrap();
            notes.lock().unwrap().entry(key).or_default().push(number);
            finished.fetch_add(1, Atomic::SeqCst);
            Ok(())
        }
    };
    let endpoint = ResolvedEndpoint {
        processing: Processing {
            workers: NonZeroUsize::new(16).unwrap(),
            ordering: Ordering::Key,
        },
        failing: Failing {
            retry: RetryPolicy::new(1, BackOff::fixed(Duration::from_millis(3))),
            ..Default::default()
        },
        ..endpoint(TOPIC, handler)
    };
    let container = kafka.start(endpoint).await;
    for number in 0..2000 {
        let key = number % 37;
        kafka.send(key % 4, &format!("key-{key}"), &number.to_string());
    }
    kafka.flush();
    until("all done", || done.load(Atomic::SeqCst) == 2000).await;
    container.stop(TIMEOUT).await;
    for (key, numbers) in &*per_key.lock().unwrap() {
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
    }
    let committed: i64 = (0..4)
        .filter_map(|partition| kafka.committed(partition))
        .sum();
    assert_eq!(committed, 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_fails_for_good_halts_its_partition_and_health_says_where() {
    let kafka = Kafka::with_topic(2).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let handler = move |cx: RecordContext| {
        count.fetch_add(1, Atomic::SeqCst);
        let fails = text(&cx) == "poison";
        async move { if fails { Err("no such card") } else { Ok(()) } }
    };
    let container = kafka.start(endpoint(TOPIC, handler)).await;
    kafka.send(0, "k", "good");
    kafka.send(0, "k", "poison");
    kafka.send(0, "k", "never");
    kafka.send(1, "k", "good");
    kafka.flush();
    until("halted", || !container.health().halted.is_empty()).await;
    until("the other partition goes on", || {
        kafka.committed(1) == Some(1)
    })
    .await;
    let health = container.health();
    let halted = &health.halted[0];
    assert_eq!(
        halted.partition,
        TopicPartition::new(endpoint_topic(), PartitionId(0))
    );
    assert_eq!(halted.offset, Offset(1));
    assert!(halted.to_string().contains("no such card"), "{halted}");
    assert!(!health.is_ready() && health.is_live());
    container.stop(TIMEOUT).await;
    assert_eq!(kafka.committed(0), Some(1));
    assert_eq!(seen.load(Atomic::SeqCst), 3);
}

fn endpoint_topic() -> crate::types::TopicName {
    crate::types::TopicName::new(TOPIC).unwrap()
}

/// Keeps letters in memory; refuses the first ones.
#[derive(Default)]
struct Shelf {
    letters: Mutex<Vec<(Offset, String)>>,
    is_full: AtomicBool,
}

impl DeadLetterSink for Shelf {
    fn publish(
        &self,
        letter: DeadLetter,
    ) -> futures::future::BoxFuture<'static, Result<(), BoxError>> {
        if self.is_full.load(Atomic::SeqCst) {
            return Box::pin(async { Err("the disk is full".into()) });
        }
        let letter = (letter.record.offset(), letter.failure.error.to_string());
        self.letters.lock().unwrap().push(letter);
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_that_cannot_be_written_is_offered_again_and_its_record_waits() {
    let kafka = Kafka::with_topic(1).await;
    let handler = |cx: RecordContext| async move {
        if text(&cx) == "panics" {
            panic!("on purpose");
        }
    };
    let endpoint = ResolvedEndpoint {
        failing: Failing {
            on_exhausted: OnExhausted::DeadLetter,
            retry: RetryPolicy::NONE,
            ..Default::default()
        },
        ..endpoint(TOPIC, handler)
    };
    let shelf = Arc::new(Shelf {
        is_full: AtomicBool::new(true),
        ..Shelf::default()
    });
    let container = Container::builder(endpoint, kafka.properties())
        .dead_letters(shelf.clone())
        .start(&Handle::current())
        .await
        .unwrap();
    kafka.send(0, "k", "panics");
    kafka.send(0, "k", "good");
    kafka.flush();
    until("the failing write shows", || {
        container
            .health()
            .problems
            .iter()
            .any(|problem| problem.kind == ProblemKind::DeadLetterFailing)
    })
    .await;
    assert_eq!(kafka.committed(0), None);
    shelf.is_full.store(false, Atomic::SeqCst);
    until("written at last", || kafka.committed(0) == Some(2)).await;
    let expected = (Offset(0), "the handler panicked: on purpose".to_owned());
    assert_eq!(*shelf.letters.lock().unwrap(), [expected]);
    assert!(container.health().is_ready(), "{:?}", container.health());
    container.stop(TIMEOUT).await;
}

/// Refuses every letter for good.
struct Closed;

impl DeadLetterSink for Closed {
    fn publish(
        &self,
        _letter: DeadLetter,
    ) -> futures::future::BoxFuture<'static, Result<(), BoxError>> {
        let refused = DeadLetterError::Refused {
            reason: "the archive takes no orders".to_owned(),
        };
        Box::pin(async { Err(refused.into()) })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_that_is_refused_for_good_halts_its_partition() {
    let kafka = Kafka::with_topic(1).await;
    let handler = |_: RecordContext| async { Err::<(), BoxError>("no such card".into()) };
    let endpoint = ResolvedEndpoint {
        failing: Failing {
            on_exhausted: OnExhausted::DeadLetter,
            retry: RetryPolicy::NONE,
            ..Default::default()
        },
        ..endpoint(TOPIC, handler)
    };
    let container = Container::builder(endpoint, kafka.properties())
        .dead_letters(Arc::new(Closed))
        .start(&Handle::current())
        .await
        .unwrap();
    kafka.send(0, "k", "poison");
    kafka.flush();
    until("halted", || !container.health().halted.is_empty()).await;
    let health = container.health();
    let halted = health.halted[0].to_string();
    assert!(
        halted.contains("the archive takes no orders (the record has 7 bytes)"),
        "{halted}"
    );
    assert!(
        health.problems.is_empty(),
        "it is not offered any more: {:?}",
        health.problems
    );
    container.stop(TIMEOUT).await;
    assert_eq!(kafka.committed(0), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_running_handlers_end_and_cancels_those_that_do_not() {
    let kafka = Kafka::with_topic(2).await;
    let running = Arc::new(AtomicUsize::new(0));
    let count = running.clone();
    let handler = move |cx: RecordContext| {
        let count = count.clone();
        async move {
            count.fetch_add(1, Atomic::SeqCst);
            if text(&cx) == "never ends" {
                std::future::pending::<()>().await;
            }
            Clock::system().sleep(Duration::from_millis(200)).await;
        }
    };
    let workers = NonZeroUsize::new(4).unwrap();
    let container = kafka
        .start(ResolvedEndpoint {
            processing: Processing {
                workers,
                ..Default::default()
            },
            ..endpoint(TOPIC, handler)
        })
        .await;
    kafka.send(0, "k", "slow");
    kafka.send(1, "k", "never ends");
    kafka.flush();
    until("both run", || running.load(Atomic::SeqCst) == 2).await;
    let report = container.stop(Duration::from_secs(1)).await;
    assert_eq!(
        report,
        StopReport {
            cancelled: 1,
            blocked: 0
        }
    );
    assert_eq!((kafka.committed(0), kafka.committed(1)), (Some(1), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_stop_goes_on_with_the_first_one() {
    let kafka = Kafka::with_topic(1).await;
    let (clock, gate) = (Clock::system(), Arc::new(tokio::sync::Notify::new()));
    let opens = gate.clone();
    let container = kafka
        .start(endpoint(TOPIC, move || opens.clone().notified_owned()))
        .await;
    kafka.send(0, "k", "slow");
    kafka.flush();
    until("it runs", || {
        container.health().is_ready() && Arc::strong_count(&gate) > 2
    })
    .await;
    assert!(
        clock
            .timeout(Duration::from_millis(1), container.stop(TIMEOUT))
            .await
            .is_err(),
        "given up"
    );
    let open_late = async {
        clock.sleep(Duration::from_millis(1200)).await;
        gate.notify_one();
    };
    let (report, again, ()) =
        tokio::join!(container.stop(TIMEOUT), container.stop(TIMEOUT), open_late);
    assert_eq!(
        (report, again),
        (StopReport::default(), StopReport::default())
    );
    assert_eq!(kafka.committed(0), Some(1), "the handler was let end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_may_wait_for_ever() {
    let kafka = Kafka::with_topic(1).await;
    let container = kafka.start(endpoint(TOPIC, async || ())).await;
    assert_eq!(container.stop(Duration::MAX).await, StopReport::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halted_partition_that_was_away_is_fetched_again() {
    let kafka = Kafka::with_topic(2).await;
    let mut properties = kafka.properties();
    properties.set("partition.assignment.strategy", "range");
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = healed.clone();
    let endpoint = endpoint(TOPIC, move |cx: RecordContext| {
        let fails = text(&cx) == "poison" && !is_healed.load(Atomic::SeqCst);
        async move { if fails { Err("no such card") } else { Ok(()) } }
    });
    let start = async || {
        Container::builder(endpoint.clone(), properties.clone())
            .start(&Handle::current())
            .await
            .unwrap()
    };
    let first = start().await;
    kafka.send(0, "k", "poison");
    kafka.flush();
    until("halted", || !first.health().halted.is_empty()).await;
    kafka.send(1, "k", "good");
    kafka.flush();
    until("it has stopped fetching", || kafka.committed(1) == Some(1)).await;

    healed.store(true, Atomic::SeqCst);
    let second = start().await;
    until("they share", || second.health().partitions.len() == 1).await;
    second.stop(TIMEOUT).await;
    until("the first has all", || first.health().partitions.len() == 2).await;
    kafka.send(0, "k", "again");
    kafka.flush();
    until("the partition goes on", || kafka.committed(0) == Some(2)).await;
    first.stop(TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_can_stop_the_whole_listener() {
    let kafka = Kafka::with_topic(1).await;
    let container = kafka
        .start(endpoint(TOPIC, || async {
            Outcome::Stop("the ledger is gone".into())
        }))
        .await;
    kafka.send(0, "k", "a");
    kafka.flush();
    until("failed", || !container.health().is_live()).await;
    let ListenerState::Failed { reason } = container.health().state else {
        panic!("not failed")
    };
    assert!(
        reason.contains("orders-0@0") && reason.contains("the ledger is gone"),
        "{reason}"
    );
    assert!(matches!(
        container.assigned().await,
        Err(ListenerError::Failed { .. })
    ));
    container.stop(TIMEOUT).await;
    assert_eq!(kafka.committed(0), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_moves_is_committed_first_and_goes_on_elsewhere() {
    for strategy in ["cooperative-sticky", "range"] {
        let kafka = Kafka::with_topic(4).await;
        let mut properties = kafka.properties();
        properties.set("partition.assignment.strategy", strategy);
        let (seen, handler) = seen();
        let endpoint = endpoint(TOPIC, handler);
        let start = async || {
            let builder = Container::builder(endpoint.clone(), properties.clone());
            builder.start(&Handle::current()).await.unwrap()
        };
        let first = start().await;
        let send = |from: i32, to: i32| {
            (from..to).for_each(|number| kafka.send(number % 4, "k", &number.to_string()));
            kafka.flush();
        };
        send(0, 100);
        until("the first sees all", || seen.lock().unwrap().len() == 100).await;
        let second = start().await;
        until("they share", || second.health().partitions.len() == 2).await;
        until("the first has let go", || {
            first.health().partitions.len() == 2
        })
        .await;
        send(100, 200);
        until("both see the rest", || seen.lock().unwrap().len() >= 200).await;
        first.stop(TIMEOUT).await;
        until("the second has all", || {
            second.health().partitions.len() == 4
        })
        .await;
        send(200, 300);
        until("the second sees the rest", || {
            seen.lock().unwrap().len() >= 300
        })
        .await;
        second.stop(TIMEOUT).await;
        let mut seen = seen.lock().unwrap().clone();
        seen.sort_by_key(|number| number.parse::<u32>().unwrap());
        let all: Vec<String> = (0..300).map(|number| number.to_string()).collect();
        assert_eq!(
            seen, all,
            "{strategy}: every record once, since nothing crashed"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_slower_than_the_poll_interval_costs_no_membership() {
    let kafka = Kafka::with_topic(1).await;
    let mut properties = kafka.properties();
    properties.set("max.poll.interval.ms", "6000");
    properties.set("session.timeout.ms", "6000");
    let attempts = Arc::new(AtomicUsize::new(0));
    let count = attempts.clone();
    let handler = move || {
        count.fetch_add(1, Atomic::SeqCst);
        Clock::system().sleep(Duration::from_secs(8))
    };
    let container = Container::builder(endpoint(TOPIC, handler), properties)
        .start(&Handle::current())
        .await
        .unwrap();
    kafka.send(0, "k", "slow");
    kafka.flush();
    until("committed", || kafka.committed(0) == Some(1)).await;
    assert_eq!(attempts.load(Atomic::SeqCst), 1);
    container.stop(TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_arrives_as_it_was_sent() {
    let kafka = Kafka::with_topic(1).await;
    let seen: Arc<Mutex<Vec<crate::client::Record>>> = Arc::default();
    let notes = seen.clone();
    let container = kafka
        .start(endpoint(TOPIC, move |record: crate::client::Record| {
            notes.lock().unwrap().push(record);
            std::future::ready(())
        }))
        .await;
    let headers = OwnedHeaders::new()
        .insert(Header {
            key: "a",
            value: Some("1"),
        })
        .insert(Header {
            key: "a",
            value: None::<&str>,
        })
        .insert(Header {
            key: "b",
            value: Some(""),
        });
    let full = BaseRecord::to(TOPIC)
        .partition(0)
        .key("k")
        .payload("v")
        .timestamp(42)
        .headers(headers);
    kafka
        .producer
        .send(full)
        .map_err(|(error, _)| error)
        .unwrap();
    kafka
        .producer
        .send(BaseRecord::<(), ()>::to(TOPIC).partition(0))
        .map_err(|(error, _)| error)
        .unwrap();
    kafka.send(0, "", "");
    kafka.flush();
    until("all three", || seen.lock().unwrap().len() == 3).await;
    let seen = seen.lock().unwrap().clone();
    let parts = |at: usize| (seen[at].key(), seen[at].payload());
    assert_eq!(parts(0), (Some(b"k".as_slice()), Some(b"v".as_slice())));
    assert_eq!(parts(1), (None, None));
    assert_eq!(parts(2), (Some(b"".as_slice()), Some(b"".as_slice())));
    assert_eq!(seen[0].timestamp(), crate::types::Timestamp(42));
    let headers: Vec<_> = seen[0].headers().iter().collect();
    let expected: [(&[u8], Option<&[u8]>); 3] =
        [(b"a", Some(b"1")), (b"a", None), (b"b", Some(b""))];
    assert_eq!(headers, expected);
    assert!(seen[1].headers().is_empty() && seen[2].headers().is_empty());
    container.stop(TIMEOUT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_partition_with_a_long_backlog_does_not_starve_the_others() {
    let kafka = Kafka::with_topic(2).await;
    let (open, gate) = tokio::sync::watch::channel(false);
    let done: [Arc<AtomicUsize>; 2] = Default::default();
    let counts = done.clone();
    let handler = move |cx: RecordContext| {
        let partition = usize::try_from(cx.record().partition().0).unwrap();
        let (count, mut gate) = (counts[partition].clone(), gate.clone());
        async move {
            if partition == 0 {
                gate.wait_for(|open| *open).await.unwrap();
            }
            count.fetch_add(1, Atomic::SeqCst);
        }
    };
    let workers = NonZeroUsize::new(2).unwrap();
    let container = kafka
        .start(ResolvedEndpoint {
            processing: Processing {
                workers,
                ..Default::default()
            },
            ..endpoint(TOPIC, handler)
        })
        .await;
    // More than may ever be unfinished at the same time.
    let many = 80_000;
    for _ in 0..many {
        kafka.send(0, "k", "x");
    }
    kafka.flush();
    (0..10).for_each(|_| kafka.send(1, "k", "x"));
    kafka.flush();
    until("the other partition goes on", || {
        done[1].load(Atomic::SeqCst) == 10
    })
    .await;
    assert_eq!(done[0].load(Atomic::SeqCst), 0);
    open.send_replace(true);
    until("the backlog is handled", || {
        done[0].load(Atomic::SeqCst) == many
    })
    .await;
    container.stop(TIMEOUT).await;
    assert_eq!(kafka.committed(0), Some(i64::try_from(many).unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_consumers_share_the_partitions_and_one_without_any_is_no_obstacle() {
    let kafka = Kafka::with_topic(2).await;
    let (seen, handler) = seen();
    let concurrency = NonZeroUsize::new(3).unwrap();
    let container = kafka
        .start(ResolvedEndpoint {
            consuming: Consuming {
                concurrency,
                ..Default::default()
            },
            ..endpoint(TOPIC, handler)
        })
        .await;
    until("both partitions are ours", || {
        container.health().partitions.len() == 2
    })
    .await;
    (0..10).for_each(|number| kafka.send(number % 2, "k", &number.to_string()));
    kafka.flush();
    until("all seen", || seen.lock().unwrap().len() >= 10).await;
    container.stop(TIMEOUT).await;
    assert_eq!((kafka.committed(0), kafka.committed(1)), (Some(5), Some(5)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_offset_and_without_a_reset_policy_it_fails_and_says_so() {
    let kafka = Kafka::with_topic(1).await;
    let mut properties = kafka.properties();
    properties.set("auto.offset.reset", "error");
    let container = Container::builder(endpoint(TOPIC, || async {}), properties)
        .start(&Handle::current())
        .await
        .unwrap();
    until("failed", || !container.health().is_live()).await;
    let ListenerState::Failed { reason } = container.health().state else {
        panic!("not failed")
    };
    assert!(reason.contains("orders"), "{reason}");
    container.stop(TIMEOUT).await;
}

#[tokio::test]
async fn a_property_that_the_client_does_not_know_is_a_start_up_error() {
    let mut properties = ClientProperties::new();
    properties.set("fetch.wait.max.ms", "soon");
    let started = Container::builder(endpoint(TOPIC, || async {}), properties)
        .start(&Handle::current())
        .await;
    let error = started.err().unwrap().to_string();
    assert!(error.contains("fetch.wait.max.ms"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_broker_is_a_problem_with_a_reason_and_not_an_end() {
    let mut properties = ClientProperties::new();
    properties.set("bootstrap.servers", "127.0.0.1:1");
    let container = Container::builder(endpoint(TOPIC, || async {}), properties)
        .start(&Handle::current())
        .await
        .unwrap();
    until("the problem shows", || {
        !container.health().problems.is_empty()
    })
    .await;
    let health = container.health();
    assert!(
        matches!(&health.problems[0], Problem { kind: ProblemKind::Unreachable, reason, .. } if reason.contains("127.0.0.1:1")),
        "{health:?}"
    );
    assert!(health.is_live() && !health.is_started());
    container.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_without_records_hears_that_its_broker_is_back() {
    // An address of its own: nobody else takes the port while it is free.
    let on = |address: &str| Broker::builder().listen(address).topic(TOPIC, 1).start();
    let broker = on("127.0.0.7:0").await.unwrap();
    let address = broker.bootstrap().to_owned();
    let mut properties = ClientProperties::new();
    properties.set("bootstrap.servers", &address);
    let container = Container::builder(endpoint(TOPIC, || async {}), properties)
        .start(&Handle::current())
        .await
        .unwrap();
    until("it runs", || container.health().is_started()).await;
    broker.stop().await;
    until("the problem shows", || {
        !container.health().problems.is_empty()
    })
    .await;
    let broker = on(&address).await.unwrap();
    until("the problem is over", || {
        container.health().problems.is_empty()
    })
    .await;
    container.stop(TIMEOUT).await;
    broker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_without_a_partition_hear_that_the_missing_topic_is_there() {
    let broker = Broker::builder()
        .set("auto.create.topics.enable", "false")
        .start()
        .await
        .unwrap();
    let mut properties = ClientProperties::new();
    properties.set("bootstrap.servers", broker.bootstrap());
    let mut members = Vec::new();
    for _ in 0..2 {
        let member = Container::builder(endpoint(TOPIC, || async {}), properties.clone());
        members.push(member.start(&Handle::current()).await.unwrap());
    }
    let problems = |member: &Container| member.health().problems;
    let are_missing = || {
        members.iter().all(|one| {
            matches!(
                problems(one)[..],
                [Problem {
                    kind: ProblemKind::MissingTopic,
                    ..
                }]
            )
        })
    };
    until("the topic is missing", are_missing).await;
    let admin = crate::client::Admin::new(&properties).unwrap();
    let topic = crate::client::TopicSpec::new(TopicName::new(TOPIC).unwrap(), 1);
    admin.create(&[topic], TIMEOUT).await.unwrap();
    until("nobody misses it", || {
        members.iter().all(|one| problems(one).is_empty())
    })
    .await;
    for member in members {
        member.stop(TIMEOUT).await;
    }
    broker.stop().await;
}

/// Makes consumers that have two partitions and hand over what is written here.
struct ScriptedFactory {
    drains: Vec<Vec<Arrival>>,
    requests: Arc<Mutex<Requests>>,
}

impl ConsumerFactory for ScriptedFactory {
    fn make(
        &self,
        _: usize,
        hooks: Arc<dyn ConsumerHooks>,
    ) -> Result<Box<dyn Consumer>, ClientError> {
        Ok(Box::new(ScriptedConsumer {
            drains: self.drains.clone().into(),
            at_end: Box::new(|| ()),
            requests: self.requests.clone(),
            hooks: Some(hooks),
        }))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_runs_on_the_consumers_that_its_factory_makes() {
    let requests = Arc::<Mutex<Requests>>::default();
    let factory = ScriptedFactory {
        drains: vec![vec![Arrival::Record(0, 4)], vec![Arrival::Record(0, 5)]],
        requests: requests.clone(),
    };
    let handled = Arc::new(AtomicUsize::new(0));
    let counted = handled.clone();
    let endpoint = endpoint(TOPIC, move |_: RecordContext| {
        counted.fetch_add(1, Atomic::SeqCst);
        std::future::ready(())
    });
    let container = Container::builder(endpoint, ClientProperties::new())
        .consumers(Arc::new(factory))
        .start(&Handle::current())
        .await
        .unwrap();
    container.assigned().await.unwrap();
    until("both records are handled", || {
        handled.load(Atomic::SeqCst) == 2
    })
    .await;
    container.stop(TIMEOUT).await;
    let committed = requests.lock().unwrap().committed.pop().unwrap();
    assert_eq!(committed.0.partition, PartitionId(0));
    assert_eq!(committed.1.next, Offset(6));
}
