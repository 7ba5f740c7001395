//! Forwarding of records that failed for good: publish, then finish.
//!
//! A record is finished once its dead letter is acknowledged, and not before. What cannot be
//! written now is offered again; the record and its key wait meanwhile, other keys do not.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use futures::future::BoxFuture;

use super::held::{FailedRecord, Held};
use super::listener_work::ListenerWork;
use super::panics::{discard, panic_message};
use super::route::MAX_OFFER_WAIT;
use crate::BoxError;
use crate::client::{Problem, ProblemKind, Record};
use crate::dead_letter::{DeadLetter, DeadLetterError};
use crate::listener::dispatch::Step;
use crate::runtime::error_chain;

/// A failed record on its way to its destination.
pub(super) struct Forward {
    future: BoxFuture<'static, Result<(), BoxError>>,
    failed: FailedRecord,
    /// The number of this offer of the record, counted from 1.
    offer: u32,
}

impl Forward {
    /// Polls the write.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(context))) {
            Ok(polled) => polled,
            Err(panic) => Poll::Ready(Err(panic_message(&*panic).into())),
        }
    }

    /// Ends the write, and returns the record with the number of the offer.
    pub(super) fn into_failed(self) -> (FailedRecord, u32) {
        discard(self.future);
        (self.failed, self.offer)
    }
}

impl ListenerWork {
    /// Offers a failed record to its destination.
    ///
    /// # Errors
    /// The step that follows, when nothing is on its way.
    pub(super) fn forward(&self, failed: FailedRecord, offer: u32) -> Result<Forward, Step<Held>> {
        let Some(route) = &self.dead_letters else {
            return Err(Step::Halt);
        };
        let letter = DeadLetter {
            record: failed.record.clone(),
            listener: self.contexts.listener().clone(),
            group: self.contexts.group().clone(),
            topic: route.topic.clone(),
            failure: failed.failure.clone(),
            offer,
        };
        match catch_unwind(AssertUnwindSafe(|| route.sink.publish(letter))) {
            Ok(future) => Ok(Forward {
                future,
                failed,
                offer,
            }),
            Err(panic) => Err(self.forwarded(failed, offer, Err(panic_message(&*panic).into()))),
        }
    }

    /// Acts on how an offer ended: finishes the record, parks it for another offer, or halts its
    /// partition.
    pub(super) fn forwarded(
        &self,
        failed: FailedRecord,
        offer: u32,
        written: Result<(), BoxError>,
    ) -> Step<Held> {
        let record = &failed.record;
        let (source, offset) = (record.source(), record.offset());
        let Err(error) = written else {
            self.shared.health.dead_letter_settled(source, offset);
            return Step::Finished;
        };
        let reason = error_chain(&*error);
        if is_final(&*error, offer) {
            self.shared.health.dead_letter_settled(source, offset);
            let reason = format!(
                "its dead letter is refused: {reason} (the record has {} bytes); repair the cause and restart, or set app.on-refused-dead-letter",
                size_of(record)
            );
            return self.halt_at(record, failed.failure.attempts, reason);
        }
        let route = self.dead_letters.as_ref();
        let wait = route.map_or(MAX_OFFER_WAIT, |route| route.wait(offer));
        let words =
            "the dead letter could not be written and will be offered again; its record waits";
        let (topic, partition) = (&source.topic, source.partition);
        self.log(|| tracing::error!(%topic, %partition, %offset, offer, ?wait, error = reason, "{words}"));
        self.shared.health.problem(Problem::at(
            ProblemKind::DeadLetterFailing,
            source.clone(),
            offset,
            reason,
        ));
        Step::Park {
            wait,
            held: Held::Forward {
                failed: Box::new(failed),
                offer: offer + 1,
            },
        }
    }
}

/// Whether another offer would end the same way.
fn is_final(error: &(dyn Error + Send + Sync + 'static), offer: u32) -> bool {
    let refusal = error.downcast_ref().map(DeadLetterError::refusal);
    refusal.is_some_and(|refusal| refusal.is_final(offer))
}

/// Returns the bytes of key, payload and headers.
fn size_of(record: &Record) -> usize {
    let headers = record
        .headers()
        .iter()
        .map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
    record.key().map_or(0, <[u8]>::len)
        + record.payload().map_or(0, <[u8]>::len)
        + headers.sum::<usize>()
}
