//! The poll loop: one thread per consumer, which never waits for a handler.
//!
//! A thread of its own and not a task, since rebalance hooks and last commits block. It serves
//! commands and the client's events, takes as many records as the budget allows, hands them to the
//! engine in one batch, commits what the engine has finished, and parks. Commands, the client and
//! the engine unpark it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::budget::{Budget, OVERHEAD};
use super::drain::Drained;
use super::first_assignment::FirstAssignment;
use super::rebalance::Rebalancer;
use super::sink::{BatchSink, Polled};
use super::stall_check::StallCheck;
use super::topic_id_check::TopicIdCheck;
use super::topic_probe::TopicProbe;
use super::validation::PositionValidator;
use crate::client::{ClientError, Consumer, MAX_DRAINED, Notice};
use crate::endpoint::{Ordering, ResolvedEndpoint};
use crate::listener::command::Command;
use crate::listener::engine::{EngineChannel, Message};
use crate::listener::shared::ListenerShared;
use crate::types::{Position, TopicPartition};

/// Longest sleep of the loop. Everything it waits for unparks it; this is the safety net.
const MAX_PARK: Duration = Duration::from_millis(100);

/// Shortest sleep, however often commits are wanted.
const MIN_PARK: Duration = Duration::from_millis(5);

/// From this many records in one drain on, more are on their way.
const MIN_STREAM: usize = 64;

/// Time that the loop lets records of a stream gather, instead of being woken for each part of a
/// fetch.
///
/// Waking a thread costs as much as some hundred records. A lone record never waits for this.
const GATHER_INTERVAL: Duration = Duration::from_micros(60);

/// The result of taking records.
enum Taken {
    /// Nothing was here, or nothing fits the budget: sleep until woken.
    Nothing,
    /// The queue was emptied, and more are on their way.
    Stream,
    /// Look again at once.
    Some,
}

/// Polls one consumer.
pub(super) struct PollLoop {
    consumer: Box<dyn Consumer>,
    rebalancer: Arc<Rebalancer>,
    commands: Receiver<Command>,
    shared: Arc<ListenerShared>,
    channel: Arc<EngineChannel>,
    ordering: Ordering,
    budget: Budget,
    first_assignment: FirstAssignment,
    topic_ids: TopicIdCheck,
    probe: TopicProbe,
    validator: PositionValidator,
    stall_check: StallCheck,
    /// The bytes of the last batch, to make room for the next.
    expected_bytes: usize,
}

impl PollLoop {
    pub(super) fn new(
        endpoint: ResolvedEndpoint,
        consumer: Box<dyn Consumer>,
        rebalancer: Arc<Rebalancer>,
        commands: Receiver<Command>,
    ) -> Self {
        let (shared, channel) = (rebalancer.shared.clone(), rebalancer.channel.clone());
        let clock = shared.clock.clone();
        let now = clock.now();
        Self {
            consumer,
            rebalancer,
            commands,
            channel,
            ordering: endpoint.processing.ordering,
            budget: Budget::for_workers(endpoint.processing.workers.get()),
            first_assignment: FirstAssignment::new(endpoint.group, endpoint.topics.clone(), clock),
            topic_ids: TopicIdCheck::new(now),
            probe: TopicProbe::new(shared.clone(), endpoint.topics),
            validator: PositionValidator::new(now),
            stall_check: StallCheck::new(now),
            shared,
            expected_bytes: 0,
        }
    }

    /// Polls until the listener is told to stop.
    pub(super) fn run(&mut self) {
        self.channel.polled_by_this_thread();
        while self.serve_commands().is_continue() {
            self.consumer.serve();
            self.shared.health.tick();
            let now = self.shared.clock.now();
            self.topic_ids
                .check(&mut *self.consumer, &self.rebalancer, &self.channel, now);
            self.commit_if_due(now);
            if self.rebalancer.waits_for_a_share()
                && self.first_assignment.is_final(&mut *self.consumer, now)
            {
                self.rebalancer.settled();
            }
            self.probe.probe(&mut *self.consumer, now);
            self.validator
                .validate(&mut *self.consumer, &self.rebalancer, now);
            if self.stall_check.is_due(now) {
                let has_room = self.budget.room(self.channel.released()) > 0;
                self.stall_check
                    .check(&*self.consumer, &self.rebalancer, now, has_room);
            }
            match self.take_records() {
                Taken::Nothing => std::thread::park_timeout(self.max_park(now)),
                Taken::Stream => gather(),
                Taken::Some => {}
            }
        }
    }

    fn serve_commands(&self) -> ControlFlow<()> {
        self.commands
            .try_iter()
            .try_for_each(|command| match command {
                Command::Stop => ControlFlow::Break(()),
            })
    }

    /// Returns how long to sleep: no longer than until a commit is due.
    fn max_park(&self, now: Instant) -> Duration {
        let rest = self.rebalancer.assignments().committer.rest(now);
        rest.clamp(MIN_PARK, MAX_PARK)
    }

    /// Gives everything back: lets what runs end until `deadline`, cancels the rest, commits.
    pub(super) fn finish(&mut self, deadline: Instant) -> Drained {
        let all = self.rebalancer.assignments().all();
        let drains = self.rebalancer.begin_drain(&all);
        let rebalancer = self.rebalancer.clone();
        // Events are served meanwhile: a long drain does not cost the membership. So the partitions
        // may be others afterwards.
        let drained = rebalancer.wait(&drains, deadline, &mut || self.consumer.serve());
        let all = self.rebalancer.assignments().all();
        rebalancer.commit_and_forget(&all, &*self.consumer);
        self.channel.post(Message::End);
        drained
    }

    fn commit_if_due(&mut self, now: Instant) {
        let released = self.channel.released().records;
        let assignments = self.rebalancer.assignments();
        if !assignments.committer.is_due(now, released) {
            return;
        }
        let has_news = assignments.has_uncommitted();
        drop(assignments);
        if has_news
            && !self
                .topic_ids
                .confirms(&mut *self.consumer, &self.rebalancer, now)
        {
            // The answer wakes this thread, and the commit is still due then.
            return;
        }
        let offsets = self.rebalancer.assignments().take_uncommitted();
        let sent = !offsets.is_empty() && self.commit(&offsets);
        self.rebalancer
            .assignments()
            .committer
            .attempted(now, released, sent);
        self.update_pauses();
    }

    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> bool {
        match self.consumer.commit(positions) {
            Ok(()) => true,
            Err(error) => {
                self.rebalancer.report(Notice::CommitFailed {
                    reason: error.to_string(),
                });
                false
            }
        }
    }

    /// Takes what fits the budget and is here.
    fn take_records(&mut self) -> Taken {
        let mut room = self.budget.room(self.channel.released());
        if room == 0 {
            self.channel.starve();
            // What was released before `starve` does not wake this thread.
            room = self.budget.room(self.channel.released());
        }
        if room == 0 {
            return if self.make_room() {
                Taken::Some
            } else {
                Taken::Nothing
            };
        }
        let max = room.min(MAX_DRAINED);
        let mut assignments = self.rebalancer.assignments();
        let mut sink = BatchSink::new(
            &mut assignments,
            &self.channel,
            self.ordering,
            self.expected_bytes,
        );
        let drained = self.consumer.drain(max, &mut sink);
        let polled = sink.send();
        drop(assignments);
        self.account(polled);
        match drained {
            0 => Taken::Nothing,
            some if some >= MIN_STREAM && some < max => Taken::Stream,
            _ => Taken::Some,
        }
    }

    /// Charges what was taken to the budget, and reports what came in the place of records.
    fn account(&mut self, polled: Polled) {
        let Polled {
            records,
            bytes,
            notices,
            readable,
        } = polled;
        self.rebalancer.readable(&readable);
        let is_damage = |notice: &Notice| matches!(notice, Notice::Damaged { .. });
        let damaged = notices.iter().any(is_damage);
        for notice in notices {
            self.rebalancer.report(notice);
        }
        if records > 0 {
            self.expected_bytes = bytes;
            self.budget
                .take(records as u64, (bytes + records * OVERHEAD) as u64);
        }
        if damaged {
            self.update_pauses();
        }
    }

    /// Makes room in a budget that is spent while workers are idle. Everything that waits then has
    /// a key that already runs, so that the way on is to look further ahead, or to stop
    /// fetching the partition that leaves no room for the others. Returns whether there is room
    /// now.
    fn make_room(&mut self) -> bool {
        if self.channel.idle_slots() == 0 {
            return false;
        }
        if self.budget.is_short_of_records(self.channel.released()) && self.budget.widen() {
            tracing::debug!(
                records = self.budget.records(),
                "workers are idle: looking further ahead"
            );
            return true;
        }
        self.pause_backlog()
    }

    /// Pauses and resumes partitions as their state says.
    fn update_pauses(&mut self) {
        let changes = self.rebalancer.assignments().update_pauses();
        if !changes.pause.is_empty() {
            self.request(|consumer| consumer.pause(&changes.pause));
        }
        if !changes.resume.is_empty() {
            tracing::info!(partitions = ?changes.resume, "partitions are fetched again");
            self.request(|consumer| consumer.resume(&changes.resume));
        }
        self.exempt_backlog();
    }

    /// Pauses the partition that takes the room of the others. Returns whether there is one.
    fn pause_backlog(&mut self) -> bool {
        if !self.budget.can_exempt() {
            return false;
        }
        let paused = self.rebalancer.assignments().pause_backlog();
        if paused.is_empty() {
            return false;
        }
        tracing::warn!(
            partitions = ?paused,
            "a partition fills the budget with records that wait for a key; it is not fetched until half of \
             them are done"
        );
        self.request(|consumer| consumer.pause(&paused));
        self.exempt_backlog();
        true
    }

    fn exempt_backlog(&mut self) {
        let records = self.rebalancer.assignments().backlog();
        self.budget.exempt(records);
    }

    fn request(&mut self, request: impl FnOnce(&mut dyn Consumer) -> Result<(), ClientError>) {
        if let Err(error) = request(&mut *self.consumer) {
            tracing::warn!(%error, "the client refused");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "not to be woken is the point")]
fn gather() {
    std::thread::sleep(GATHER_INTERVAL);
}
