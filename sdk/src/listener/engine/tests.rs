//! The engine with real futures: handlers that are ready, wait, fail, and panic in every place they
//! can.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering as Atomic};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::channel::{EngineChannel, Message};
use super::task::Engine;
use crate::client::{RecordBatch, RecordParts};
use crate::endpoint::{Failing, Ordering, Processing, ResolvedEndpoint};
use crate::extract::{RecordContext, StateMap};
use crate::handler::Outcome;
use crate::listener::commit::{Drain, PartitionNo, Progress};
use crate::listener::dispatch::{KeyHash, PolledBatch, RecordMeta};
use crate::listener::random::Random;
use crate::listener::testing::{endpoint, shared};
use crate::listener::work::{ListenerWork, RecordWorker};
use crate::retry::{BackOff, OnExhausted, RetryPolicy};
use crate::runtime::{Clock, Tasks};
use crate::types::{Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What a record makes its handler do; the payload is the number of one of them.
const DEEDS: [&str; 8] = [
    "ready",
    "yields",
    "waits",
    "fails once",
    "fails",
    "make",
    "poll",
    "drop",
];

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

/// Which records of a key ended, in the order they did.
type Ended = Arc<Mutex<HashMap<Vec<u8>, Vec<i64>>>>;

fn handler(ended: Ended) -> impl Fn(RecordContext) -> futures::future::BoxFuture<'static, Outcome> {
    move |cx| {
        let ended = ended.clone();
        let deed = DEEDS[usize::from(cx.record().payload().unwrap()[0])];
        let note = move |cx: &RecordContext| {
            let key = cx.record().key().unwrap_or_default().to_vec();
            ended
                .lock()
                .unwrap()
                .entry(key)
                .or_default()
                .push(cx.record().offset().0);
        };
        if deed == "make" {
            note(&cx);
            panic!("while it is made");
        }
        Box::pin(async move {
            let _grenade = (deed == "drop").then(|| Grenade);
            match deed {
                "yields" => tokio::task::yield_now().await,
                "waits" => Clock::system().sleep(Duration::from_millis(1)).await,
                "fails once" if cx.attempt() == 1 => {
                    return Outcome::Failed("the first time".into());
                }
                "fails" if cx.attempt() <= 2 => return Outcome::Failed("always".into()),
                _ => {}
            }
            note(&cx);
            match deed {
                "fails" => Outcome::Failed("always".into()),
                "poll" => panic!("at a poll"),
                _ => Outcome::Done,
            }
        })
    }
}

fn polled(random: &mut Random, from: i64, records: usize) -> PolledBatch<Arc<RecordBatch>> {
    let source = TopicPartition::new(TopicName::new("t").unwrap(), PartitionId(0));
    let (mut batch, mut metas) = (RecordBatch::builder(), Vec::new());
    for offset in (from..).take(records) {
        let key = [u8::try_from(random.below(9)).unwrap()];
        let payload = [u8::try_from(random.below(DEEDS.len())).unwrap()];
        let timestamp = (Timestamp(1), TimestampType::CreateTime);
        let parts = RecordParts {
            offset: Offset(offset),
            timestamp,
            key: Some(&key),
            payload: Some(&payload),
        };
        assert!(batch.push(&source, parts));
        metas.push(RecordMeta {
            partition: PartitionNo::from(0),
            offset: Offset(offset),
            key: Some(KeyHash::of(1, &key)),
            bytes: 1,
        });
    }
    PolledBatch {
        batch: batch.build(),
        records: metas,
    }
}

struct Running {
    channel: Arc<EngineChannel>,
    progress: Arc<Progress>,
    tasks: Tasks,
}

fn start(endpoint: &ResolvedEndpoint) -> Running {
    let slots = endpoint.processing.workers.get();
    let channel = EngineChannel::new(slots);
    let work = ListenerWork::new(endpoint, StateMap::new(), None, shared());
    let worker = RecordWorker::new(work, channel.wakers(slots));
    let engine = Engine::new(channel.clone(), worker, slots, Clock::system());
    let tasks = Tasks::on(tokio::runtime::Handle::current());
    tasks.spawn("engine", engine.run());
    let progress = Progress::new();
    channel.post(Message::Assigned {
        number: PartitionNo::from(0),
        progress: progress.clone(),
    });
    Running {
        channel,
        progress,
        tasks,
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let clock = Clock::system();
    let deadline = clock.now() + TIMEOUT;
    while !condition() {
        assert!(clock.now() < deadline, "not in time: {what}");
        clock.sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panics_in_every_place_cost_their_record_and_nothing_else() {
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let ended = Ended::default();
        let endpoint = ResolvedEndpoint {
            processing: Processing {
                workers: NonZeroUsize::new(1 + random.below(8)).unwrap(),
                ordering: Ordering::Key,
            },
            failing: Failing {
                retry: RetryPolicy::new(2, BackOff::fixed(Duration::from_millis(1))),
                on_exhausted: OnExhausted::Skip,
                ..Default::default()
            },
            ..endpoint("t", handler(ended.clone()))
        };
        let Running {
            channel,
            progress,
            tasks,
        } = start(&endpoint);
        for batch in 0..5 {
            channel.post(Message::Records(polled(&mut random, batch * 100, 100)));
        }
        until("all have left", || progress.departed() == 500).await;
        assert_eq!(progress.commit(), Some(Offset(500)), "seed {seed}");
        for (key, offsets) in &*ended.lock().unwrap() {
            assert!(offsets.is_sorted(), "seed {seed}, key {key:?}: {offsets:?}");
        }
        let all: usize = ended.lock().unwrap().values().map(Vec::len).sum();
        assert_eq!(all, 500, "seed {seed}: every record ends once");
        channel.post(Message::End);
        assert!(tasks.stop(&Clock::system(), TIMEOUT).await.names.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_cancels_what_does_not_end_and_the_slot_lives_on() {
    let running = Arc::new(AtomicBool::new(false));
    let runs = running.clone();
    let endpoint = endpoint("t", move |cx: RecordContext| {
        let runs = runs.clone();
        async move {
            if cx.record().offset() == Offset(0) {
                runs.store(true, Atomic::SeqCst);
                std::future::pending::<()>().await;
            }
        }
    });
    let Running {
        channel,
        progress,
        tasks,
    } = start(&endpoint);
    let mut random = Random::new(1);
    channel.post(Message::Records(polled(&mut random, 0, 1)));
    until("it runs", || running.load(Atomic::SeqCst)).await;
    let drain = Drain::of(vec![PartitionNo::from(0)]);
    channel.post(Message::Drain(drain.clone()));
    assert!(drain.request_cancel());
    channel.notify();
    until("cancelled", || drain.is_done()).await;
    assert_eq!((drain.cancelled(), progress.commit()), (1, None));
    let again = Progress::new();
    channel.post(Message::Assigned {
        number: PartitionNo::from(0),
        progress: again.clone(),
    });
    channel.post(Message::Records(polled(&mut random, 5, 10)));
    until("the next ones run", || again.commit() == Some(Offset(15))).await;
    channel.post(Message::End);
    assert!(tasks.stop(&Clock::system(), TIMEOUT).await.names.is_empty());
}

#[tokio::test]
async fn handlers_that_compute_leave_time_for_the_others_of_their_runtime() {
    const RECORDS: usize = 400;
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    let compute = move |_: RecordContext| {
        let count = count.clone();
        async move {
            let clock = Clock::system();
            let end = clock.after(Duration::from_millis(1));
            while clock.now() < end {
                std::hint::spin_loop();
            }
            count.fetch_add(1, Atomic::SeqCst);
        }
    };
    let running = start(&endpoint("t", compute));
    let mut random = Random::new(1);
    running
        .channel
        .post(Message::Records(polled(&mut random, 0, RECORDS)));
    // The runtime looks at its timers after some sixty polls of its tasks.
    Clock::system().sleep(Duration::from_millis(5)).await;
    let meanwhile = handled.load(Atomic::SeqCst);
    assert!(
        (1..RECORDS / 2).contains(&meanwhile),
        "{meanwhile} of {RECORDS} records were handled before a timer of 5 ms"
    );
    running.channel.post(Message::End);
    let left = running.tasks.stop(&Clock::system(), TIMEOUT).await;
    assert!(left.names.is_empty());
}
