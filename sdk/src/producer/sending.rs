//! The answer to a send, before it is there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Span;

use super::{SendError, SendReceipt, SendResult};
use crate::client::{Acknowledgement, Delivery, ProduceError};
use crate::observe;
use crate::types::{PartitionId, TopicName};

/// A record that is being sent; resolves to its receipt.
///
/// The send begins at the call that made this, as in Java, so many can be under way before the first is
/// awaited. When the buffer is full, the record takes its place in the line at the call, and is handed to the
/// client when this is polled and there is room: poll in the order of the calls where records must keep theirs.
///
/// # Cancel safety
/// Dropping it does not take the record back: it may still be written. One that waited for room is not sent.
#[must_use = "a send may fail: await its receipt"]
pub struct Sending {
    state: State,
}

enum State {
    /// It failed before it was sent; `None` once that was told.
    Failed(Option<Box<SendError>>),
    /// The client has it.
    InFlight { delivery: Delivery, sent: Sent, span: Span },
    /// It waits for room.
    Waiting(BoxFuture<'static, SendResult>),
}

/// What an error needs to know of a record that has left.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) topic: TopicName,
    pub(super) partition: Option<PartitionId>,
    pub(super) bytes: usize,
    /// How long the client tries.
    pub(super) waited: Duration,
}

impl Sending {
    pub(super) fn failed(error: SendError) -> Self {
        Self { state: State::Failed(Some(Box::new(error))) }
    }

    pub(super) const fn in_flight(delivery: Delivery, sent: Sent, span: Span) -> Self {
        Self { state: State::InFlight { delivery, sent, span } }
    }

    pub(super) fn waiting(send: impl Future<Output = SendResult> + Send + 'static) -> Self {
        Self { state: State::Waiting(send.boxed()) }
    }
}

impl Future for Sending {
    type Output = SendResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<SendResult> {
        match &mut self.state {
            State::Failed(error) => match error.take() {
                Some(error) => Poll::Ready(Err(*error)),
                None => Poll::Pending,
            },
            State::InFlight { delivery, sent, span } => match delivery.poll_unpin(cx) {
                Poll::Ready(answer) => Poll::Ready(received(answer, sent, span)),
                Poll::Pending => Poll::Pending,
            },
            State::Waiting(send) => send.poll_unpin(cx),
        }
    }
}

/// The receipt or error that a client's answer stands for.
fn received(answer: Result<Acknowledgement, ProduceError>, sent: &Sent, span: &Span) -> SendResult {
    match answer {
        Ok(Acknowledgement { partition, offset, timestamp }) => {
            observe::sent(span, partition, offset);
            Ok(SendReceipt { topic: sent.topic.clone(), partition, offset, timestamp })
        }
        Err(reason) => {
            let error = SendError::of(reason, sent.clone());
            observe::failed(span, &error);
            Err(error)
        }
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Failed(_) => "failed",
            State::InFlight { .. } => "in flight",
            State::Waiting(_) => "waiting for room",
        };
        write!(f, "Sending({state})")
    }
}
