//! One attempt to handle a record.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use futures::future::BoxFuture;

use super::panics::panic_message;
use crate::extract::RecordContext;
use crate::handler::{BoxHandler, Outcome};

/// A handler that runs.
pub(super) struct Attempt {
    future: BoxFuture<'static, Outcome>,
    number: u32,
}

impl Attempt {
    /// Calls the handler.
    ///
    /// # Errors
    /// The outcome, when the handler or an extractor panics before there is a future.
    pub(super) fn start(handler: &BoxHandler, cx: RecordContext) -> Result<Self, Outcome> {
        let number = cx.attempt();
        match catch_unwind(AssertUnwindSafe(|| handler.call(cx))) {
            Ok(future) => Ok(Self { future, number }),
            Err(panic) => Err(Outcome::Panicked(panic_message(&*panic))),
        }
    }

    /// Polls the handler. A panic is an outcome like any other.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        match catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(context))) {
            Ok(polled) => polled,
            Err(panic) => Poll::Ready(Outcome::Panicked(panic_message(&*panic))),
        }
    }

    /// Returns which attempt it is, counted from 1.
    pub(super) fn number(&self) -> u32 {
        self.number
    }
}
