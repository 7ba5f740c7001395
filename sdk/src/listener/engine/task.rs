//! The engine's task: one per consumer, which polls all running handlers itself.
//!
//! No task is spawned and none is woken per record. The task runs outside tokio's cooperative
//! budget, which all handlers would share, and limits its turns by itself instead.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::channel::{EngineChannel, Message};
use super::pace::{MAX_TURN, TurnPace};
use crate::listener::dispatch::{Dispatcher, MAX_SPAN};
use crate::listener::work::RecordWorker;
use crate::runtime::{Clock, Sleep};

/// Most turns before the task gives other tasks of the runtime their chance.
const MAX_TURNS: u32 = 4;

/// Runs the records that arrive through a channel.
pub(in crate::listener) struct Engine {
    channel: Arc<EngineChannel>,
    dispatcher: Dispatcher<RecordWorker>,
    clock: Clock,
    pace: TurnPace,
    /// Messages that were taken and not handled. Empty between turns; kept for its memory.
    inbox: VecDeque<Message>,
    /// Wakes the task at the time of the next retry.
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
    has_ended: bool,
}

impl Engine {
    pub(in crate::listener) fn new(
        channel: Arc<EngineChannel>,
        worker: RecordWorker,
        slots: usize,
        clock: Clock,
    ) -> Self {
        let dispatcher = Dispatcher::new(worker, slots, MAX_SPAN, clock.now());
        Self {
            channel,
            dispatcher,
            clock,
            pace: TurnPace::new(),
            inbox: VecDeque::new(),
            timer: None,
            has_ended: false,
        }
    }

    /// Runs until [`Message::End`]. Dropping the future drops all running handlers.
    pub(in crate::listener) async fn run(mut self) {
        tokio::task::unconstrained(poll_fn(|context| self.poll(context))).await;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let began = self.clock.now();
        let mut now = began;
        for _ in 0..MAX_TURNS {
            // First, so that nothing that happens during the turn goes unnoticed.
            self.channel.begin_turn(context);
            self.take_messages();
            if self.has_ended {
                return Poll::Ready(());
            }
            let steps = self.pace.steps();
            let turn = self
                .dispatcher
                .turn(now, steps, &mut self.channel.take_woken());
            while let Some(spent) = self.dispatcher.take_spent() {
                self.channel.recycle(spent);
            }
            self.channel
                .end_turn(self.dispatcher.take_released(), turn.idle_slots);
            if !turn.has_more && !self.is_due(turn.next_due, context) {
                self.pace.note(self.clock.now() - now);
                return Poll::Pending;
            }
            let ended = self.clock.now();
            self.pace.note(ended - now);
            now = ended;
            if now - began >= MAX_TURN {
                break;
            }
        }
        // There is more to do: the runtime polls the task again once others had their turn.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn take_messages(&mut self) {
        self.channel.take(&mut self.inbox);
        for message in self.inbox.drain(..) {
            match message {
                Message::Assigned { number, progress } => self.dispatcher.assign(number, progress),
                Message::Records(polled) => self.dispatcher.admit(polled),
                Message::Drain(drain) => self.dispatcher.drain(drain),
                Message::End => self.has_ended = true,
            }
        }
    }

    /// Sets the timer to the next retry. Returns whether the retry is due already.
    fn is_due(&mut self, next: Option<Instant>, context: &mut Context<'_>) -> bool {
        let Some(next) = next else {
            self.timer = None;
            return false;
        };
        if self.timer.as_ref().is_none_or(|(at, _)| *at != next) {
            self.timer = Some((next, Box::pin(self.clock.sleep_until(next))));
        }
        let timer = self.timer.as_mut();
        timer.is_some_and(|(_, sleep)| sleep.as_mut().poll(context).is_ready())
    }
}
