//! One record: calls the handler, polls its future, and does what the failure policy says.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::future::BoxFuture;

use super::failure::{FailurePolicy, Verdict, panic_message};
use crate::BoxError;
use crate::client::{Record, RecordBatch};
use crate::dead_letter::{DeadLetter, DeadLetterError, DeadLetterSink, Failure};
use crate::endpoint::ResolvedEndpoint;
use crate::extract::{ContextMaker, StateMap};
use crate::handler::{BoxHandler, Outcome};
use crate::listener::dispatch::{RecordInBatch, SlotId, Step, Worker};
use crate::listener::health::{FailedAttempt, HaltedPartition, ListenerState, Problem};
use crate::listener::shared::ListenerShared;
use crate::retry::{BackOff, Decision};
use crate::runtime::chain;
use crate::types::TopicName;

/// What all records of a listener need, on whichever consumer they come.
#[derive(Clone)]
pub(in crate::listener) struct Workshop {
    pub(super) handler: BoxHandler,
    pub(super) contexts: ContextMaker,
    pub(super) policy: FailurePolicy,
    pub(super) letters: Option<Letters>,
    pub(super) shared: Arc<ListenerShared>,
}

/// Where dead letters go.
#[derive(Clone)]
pub(super) struct Letters {
    pub(super) sink: Arc<dyn DeadLetterSink>,
    pub(super) topic: Option<TopicName>,
    /// Waits between offers of a letter that could not be written.
    pub(super) backoff: BackOff,
}

/// Runs the records of one consumer.
pub(in crate::listener) struct RecordWorker {
    shop: Workshop,
    places: Vec<Place>,
}

struct Place {
    work: Work,
    waker: Waker,
}

/// What goes on in a slot.
enum Work {
    Nothing,
    Handling {
        future: BoxFuture<'static, Outcome>,
        attempt: u32,
    },
    Publishing {
        future: BoxFuture<'static, Result<(), BoxError>>,
        failure: Failure,
        offer: u32,
    },
}

/// Where a record lies.
type At<'a> = RecordInBatch<'a, Arc<RecordBatch>>;

/// What a record that waits brings back.
#[derive(Debug)]
pub(in crate::listener) enum Held {
    /// It is to be handled again.
    Retry { attempt: u32 },
    /// Its dead letter is to be offered again.
    Letter { failure: Failure, offer: u32 },
}

impl Workshop {
    pub(in crate::listener) fn new(
        endpoint: &ResolvedEndpoint,
        state: StateMap,
        sink: Option<Arc<dyn DeadLetterSink>>,
        shared: Arc<ListenerShared>,
    ) -> Self {
        let backoff = BackOff {
            max: Some(LONGEST_OFFER_WAIT),
            ..BackOff::exponential(FIRST_OFFER_WAIT)
        };
        let letters = sink.map(|sink| Letters {
            sink,
            topic: endpoint.dead_letter_topic.clone(),
            backoff,
        });
        Self {
            handler: endpoint.handler.clone(),
            contexts: ContextMaker::new(endpoint.id.clone(), endpoint.group.clone(), state),
            policy: FailurePolicy::of(endpoint),
            letters,
            shared,
        }
    }

    /// Logs a line that says whose it is.
    fn log(&self, line: impl FnOnce()) {
        self.shared.span.in_scope(line);
    }
}

/// What to do about a partition that waits at a record.
const REMEDY: &str =
    "repair the cause and restart, or give the listener `dead_letter` or `on_exhausted = \"skip\"`";

/// Wait before a dead letter that could not be written is offered again; it doubles.
const FIRST_OFFER_WAIT: Duration = Duration::from_millis(500);

/// Longest wait between two offers of a dead letter.
const LONGEST_OFFER_WAIT: Duration = Duration::from_secs(30);

impl RecordWorker {
    pub(in crate::listener) fn new(shop: Workshop, wakers: impl Iterator<Item = Waker>) -> Self {
        let places = wakers.map(|waker| Place {
            work: Work::Nothing,
            waker,
        });
        Self {
            shop,
            places: places.collect(),
        }
    }

    fn work_on(&mut self, slot: SlotId, at: At<'_>, mut work: Work) -> Step<Held> {
        let Some(place) = self.places.get_mut(usize::from(slot)) else {
            return Step::Halt;
        };
        let mut context = Context::from_waker(&place.waker);
        match &mut work {
            Work::Nothing => Step::Finished,
            Work::Handling { future, attempt } => {
                let attempt = *attempt;
                let outcome =
                    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context))) {
                        Ok(Poll::Pending) => {
                            place.work = work;
                            return Step::Pending;
                        }
                        Ok(Poll::Ready(outcome)) => outcome,
                        Err(panic) => Outcome::Panicked(panic_message(&*panic)),
                    };
                discard(work);
                self.settle(slot, at, attempt, outcome)
            }
            Work::Publishing { future, .. } => {
                let written =
                    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context))) {
                        Ok(Poll::Pending) => {
                            place.work = work;
                            return Step::Pending;
                        }
                        Ok(Poll::Ready(written)) => written,
                        Err(panic) => Err(panic_message(&*panic).into()),
                    };
                let Work::Publishing {
                    future,
                    failure,
                    offer,
                } = work
                else {
                    return Step::Halt;
                };
                discard(future);
                self.offered(at, failure, offer, written)
            }
        }
    }

    /// Does what the failure policy says about how an attempt ended.
    fn settle(&mut self, slot: SlotId, at: At<'_>, attempt: u32, outcome: Outcome) -> Step<Held> {
        let Some(Verdict {
            failure,
            words: error,
            decision,
        }) = self.shop.policy.judge(outcome, attempt)
        else {
            return Step::Finished;
        };
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        let (topic, partition, offset) = (record.topic(), record.partition(), record.offset());
        self.shop
            .shared
            .health
            .failed(FailedAttempt::new(&record, attempt, &error));
        match decision {
            Decision::RetryAfter(wait) => {
                self.shop.log(|| tracing::warn!(%topic, %partition, %offset, attempt, ?wait, error, "the record failed and will be tried again"));
                Step::Park {
                    wait,
                    held: Held::Retry {
                        attempt: attempt + 1,
                    },
                }
            }
            Decision::DeadLetter if self.shop.letters.is_some() => {
                self.shop.log(|| tracing::warn!(%topic, %partition, %offset, attempt, error, "the record failed and goes to the dead letters"));
                self.publish(slot, at, failure, 1)
            }
            Decision::Skip => {
                self.shop.log(
                    || tracing::warn!(%topic, %partition, %offset, attempt, error, "the record is skipped"),
                );
                Step::Finished
            }
            Decision::Stop => {
                self.shop.log(|| tracing::error!(%topic, %partition, %offset, attempt, error, "the record stops the listener"));
                self.stop_at(&record, &error)
            }
            Decision::Halt => self.halt_at(&record, attempt, format!("{error}; {REMEDY}")),
            Decision::DeadLetter => {
                let error = format!(
                    "{error} (it should go to the dead letters, and nothing writes them); {REMEDY}"
                );
                self.halt_at(&record, attempt, error)
            }
        }
    }

    fn halt_at(&self, record: &Record, attempt: u32, reason: String) -> Step<Held> {
        let halted = HaltedPartition {
            partition: record.source().clone(),
            offset: record.offset(),
            reason,
        };
        let (topic, partition, offset) = (record.topic(), record.partition(), record.offset());
        self.shop
            .log(|| tracing::error!(%topic, %partition, %offset, attempt, "{halted}"));
        self.shop.shared.health.halted(halted);
        Step::Halt
    }

    fn stop_at(&self, record: &Record, error: &str) -> Step<Held> {
        let reason = format!(
            "the record {}@{} stopped it: {error}",
            record.source(),
            record.offset()
        );
        self.shop
            .shared
            .health
            .enter(ListenerState::Failed { reason });
        self.shop.shared.stop();
        Step::Halt
    }

    fn publish(&mut self, slot: SlotId, at: At<'_>, failure: Failure, offer: u32) -> Step<Held> {
        let Some(letters) = &self.shop.letters else {
            return Step::Halt;
        };
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        let letter = DeadLetter {
            record,
            listener: self.shop.contexts.listener().clone(),
            group: self.shop.contexts.group().clone(),
            topic: letters.topic.clone(),
            failure: failure.clone(),
            offer,
        };
        match catch_unwind(AssertUnwindSafe(|| letters.sink.publish(letter))) {
            Ok(future) => self.work_on(
                slot,
                at,
                Work::Publishing {
                    future,
                    failure,
                    offer,
                },
            ),
            Err(panic) => self.offered(at, failure, offer, Err(panic_message(&*panic).into())),
        }
    }

    /// The record is finished once its letter is acknowledged, and not a moment before.
    fn offered(
        &self,
        at: At<'_>,
        failure: Failure,
        offer: u32,
        written: Result<(), BoxError>,
    ) -> Step<Held> {
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        let (source, offset) = (record.source(), record.offset());
        let Err(error) = written else {
            self.shop.shared.health.dead_letter_settled(source, offset);
            return Step::Finished;
        };
        let reason = chain(&*error);
        if is_of_no_use(&*error, offer) {
            self.shop.shared.health.dead_letter_settled(source, offset);
            let reason = format!(
                "its dead letter is refused: {reason} (the record has {} bytes); repair the cause and restart, or set app.on-refused-dead-letter",
                size_of(&record)
            );
            return self.halt_at(&record, failure.attempts, reason);
        }
        let backoff = self.shop.letters.as_ref().map(|letters| letters.backoff);
        let wait = backoff.map_or(LONGEST_OFFER_WAIT, |backoff| backoff.wait(offer));
        let words =
            "the dead letter could not be written and will be offered again; its record waits";
        let (topic, partition) = (&source.topic, source.partition);
        self.shop
            .log(|| tracing::error!(%topic, %partition, %offset, offer, ?wait, error = reason, "{words}"));
        self.shop.shared.health.problem(Problem::DeadLetterFailing {
            partition: source.clone(),
            offset,
            reason,
        });
        Step::Park {
            wait,
            held: Held::Letter {
                failure,
                offer: offer + 1,
            },
        }
    }
}

impl Worker for RecordWorker {
    type Batch = Arc<RecordBatch>;
    type Held = Held;

    fn start(
        &mut self,
        slot: SlotId,
        at: RecordInBatch<'_, Self::Batch>,
        held: Option<Held>,
    ) -> Step<Held> {
        let Some(record) = at.batch.record(at.index) else {
            return Step::Finished;
        };
        let attempt = match held {
            None => 1,
            Some(Held::Retry { attempt }) => attempt,
            Some(Held::Letter { failure, offer }) => return self.publish(slot, at, failure, offer),
        };
        let handler = &self.shop.handler;
        let cx = self.shop.contexts.context(record, attempt);
        match catch_unwind(AssertUnwindSafe(|| handler.call(cx))) {
            Ok(future) => self.work_on(slot, at, Work::Handling { future, attempt }),
            Err(panic) => {
                let outcome = Outcome::Panicked(panic_message(&*panic));
                self.settle(slot, at, attempt, outcome)
            }
        }
    }

    fn poll(&mut self, slot: SlotId, at: RecordInBatch<'_, Self::Batch>) -> Step<Held> {
        let Some(place) = self.places.get_mut(usize::from(slot)) else {
            return Step::Halt;
        };
        let work = std::mem::replace(&mut place.work, Work::Nothing);
        self.work_on(slot, at, work)
    }

    fn cancel(&mut self, slot: SlotId) {
        if let Some(place) = self.places.get_mut(usize::from(slot)) {
            discard(std::mem::replace(&mut place.work, Work::Nothing));
        }
    }
}

impl Drop for RecordWorker {
    fn drop(&mut self) {
        for place in &mut self.places {
            discard(std::mem::replace(&mut place.work, Work::Nothing));
        }
    }
}

/// Whether offering a letter once more would lead nowhere.
fn is_of_no_use(error: &(dyn Error + Send + Sync + 'static), offer: u32) -> bool {
    let refusal = error.downcast_ref().map(DeadLetterError::refusal);
    refusal.is_some_and(|refusal| refusal.is_final(offer))
}

/// Bytes of key, payload and headers.
fn size_of(record: &Record) -> usize {
    let headers = record
        .headers()
        .iter()
        .map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
    record.key().map_or(0, <[u8]>::len)
        + record.payload().map_or(0, <[u8]>::len)
        + headers.sum::<usize>()
}

/// Drops what a handler left behind. Its destructors are the user's code and may panic, too.
fn discard<T>(left_behind: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(left_behind))) {
        tracing::error!(
            panic = panic_message(&*panic),
            "a handler's future panicked while it was dropped"
        );
    }
}

impl std::fmt::Debug for RecordWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordWorker")
            .field("slots", &self.places.len())
            .finish_non_exhaustive()
    }
}
