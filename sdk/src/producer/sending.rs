//! The answer to a send, before it is there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::FutureExt;
use tokio::sync::oneshot;
use tracing::Span;

use super::error::SendError;
use super::receipt::{SendReceipt, SendResult};
use super::send_queue::HandedOver;
use super::sent_record::SentRecord;
use crate::client::{Acknowledgement, DeliveryFuture, ProduceError};
use crate::observe;

/// A record that is being sent; resolves to its receipt.
///
/// The send begins at the call that made this, as in Java, so many can be under way before the
/// first is awaited. When the buffer is full, records wait for room in the order of the calls, at
/// most `max_block`, and go out by themselves once there is some: a task of the runtime that the
/// template was made in sees to that, so that runtime has to be driven. Without any runtime, a send
/// that finds no room fails at once.
///
/// # Cancel safety
/// Dropping it does not take the record back: it may still be written. One that waits for room is
/// given up.
#[must_use = "a send may fail: await its receipt"]
pub struct Sending {
    state: State,
}

enum State {
    /// The send failed before it began; `None` once that was told.
    Failed(Option<Box<SendError>>),
    /// The client has it.
    InFlight {
        delivery: DeliveryFuture,
        sent: SentRecord,
        span: Span,
    },
    /// The record waits for room.
    Queued {
        handed_over: oneshot::Receiver<HandedOver>,
        sent: SentRecord,
        span: Span,
    },
}

impl Sending {
    pub(super) fn failed(error: SendError) -> Self {
        Self {
            state: State::Failed(Some(Box::new(error))),
        }
    }

    pub(super) const fn in_flight(delivery: DeliveryFuture, sent: SentRecord, span: Span) -> Self {
        Self {
            state: State::InFlight {
                delivery,
                sent,
                span,
            },
        }
    }

    pub(super) const fn queued(
        handed_over: oneshot::Receiver<HandedOver>,
        sent: SentRecord,
        span: Span,
    ) -> Self {
        Self {
            state: State::Queued {
                handed_over,
                sent,
                span,
            },
        }
    }
}

impl Future for Sending {
    type Output = SendResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<SendResult> {
        loop {
            match &mut self.state {
                State::Failed(error) => {
                    return error
                        .take()
                        .map_or(Poll::Pending, |error| Poll::Ready(Err(*error)));
                }
                State::InFlight {
                    delivery,
                    sent,
                    span,
                } => {
                    return delivery
                        .poll_unpin(cx)
                        .map(|answer| received(answer, sent, span));
                }
                State::Queued {
                    handed_over,
                    sent,
                    span,
                } => {
                    // A queue that is gone had no room for it.
                    let handed_over = ready!(handed_over.poll_unpin(cx));
                    let handed_over = handed_over.unwrap_or(Err(ProduceError::QueueFull));
                    let (sent, span) = (sent.clone(), span.clone());
                    self.state = match handed_over {
                        Ok(delivery) => State::InFlight {
                            delivery,
                            sent,
                            span,
                        },
                        Err(reason) => {
                            let error = SendError::of(reason, sent);
                            observe::failed(&span, &error);
                            State::Failed(Some(Box::new(error)))
                        }
                    };
                }
            }
        }
    }
}

/// The receipt or error that a client's answer stands for.
fn received(
    answer: Result<Acknowledgement, ProduceError>,
    sent: &SentRecord,
    span: &Span,
) -> SendResult {
    match answer {
        Ok(Acknowledgement {
            partition,
            offset,
            timestamp,
        }) => {
            observe::sent(span, partition, offset);
            Ok(SendReceipt {
                topic: sent.topic.clone(),
                partition,
                offset,
                timestamp,
            })
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
            State::Queued { .. } => "waiting for room",
        };
        write!(f, "Sending({state})")
    }
}
