//! The poll loop: one thread per consumer, which never waits for a handler.
//!
//! A thread of its own and not a task, since rebalance hooks and last commits block. It serves the
//! client's events, takes as many records as the budget allows, hands them to the engine in one
//! parcel, commits what the engine has finished, and parks. The client and the engine unpark it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::budget::{Budget, OVERHEAD};
use super::doubts::Doubts;
use super::rebalance::{Assigned, Drained, LAST_COMMIT, Pause, Rebalancer};
use super::settling::Settling;
use super::silence::Silence;
use super::sink::{Filled, Filling};
use super::topic_probe::Lookout;
use super::topic_watch::TopicWatch;
use crate::client::{Consumer, ConsumerHooks, DRAIN, Notice, TopicIdentities};
use crate::endpoint::Ordering;
use crate::listener::commit::{CommitPolicy, CommitTimer};
use crate::listener::engine::{Mailbox, Message};
use crate::runtime::{Clock, Shutdown};
use crate::types::{Position, TopicPartition};

/// Longest sleep of the loop. Everything it waits for unparks it; this is the net below.
const NAP: Duration = Duration::from_millis(100);

/// Shortest one, however often commits are wanted.
const SHORTEST_NAP: Duration = Duration::from_millis(5);

/// From this many records in one drain on, more are on their way.
const STREAM: usize = 64;

/// How long the loop lets records of a stream gather, in place of being woken for each part of a
/// fetch.
///
/// Waking a thread costs as much as some hundred records. A lone record never waits for this.
const GATHER: Duration = Duration::from_micros(60);

/// What taking records came to.
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
    pub(super) consumer: Box<dyn Consumer>,
    pub(super) rebalancer: Arc<Rebalancer>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) ordering: Ordering,
    pub(super) budget: Budget,
    pub(super) commits: CommitTimer,
    pub(super) clock: Clock,
    pub(super) shutdown: Shutdown,
    pub(super) settling: Settling,
    pub(super) topics: TopicWatch,
    pub(super) lookout: Lookout,
    pub(super) doubts: Doubts,
    pub(super) silence: Silence,
    /// Average sizes of the last batches, to make room for the next.
    pub(super) expected_bytes: usize,
}

impl PollLoop {
    pub(super) fn commit_timer(policy: CommitPolicy, clock: &Clock) -> CommitTimer {
        CommitTimer::new(policy, clock.now())
    }

    /// Polls until the listener is told to stop.
    pub(super) fn run(&mut self) {
        self.mailbox.polled_by_this_thread();
        while !self.shutdown.is_given() {
            self.consumer.serve();
            self.rebalancer.tick();
            let now = self.clock.now();
            self.topics
                .look(&mut *self.consumer, &self.rebalancer, &self.mailbox, now);
            self.commit_if_due(now);
            if self.rebalancer.waits_for_a_share()
                && self.settling.is_over(&mut *self.consumer, now)
            {
                self.rebalancer.settled();
            }
            self.lookout.look(&mut *self.consumer, now);
            self.doubts.ask(&mut *self.consumer, &self.rebalancer, now);
            if self.silence.is_due(now) {
                let has_room = self.budget.room(self.mailbox.released()) > 0;
                self.silence
                    .look(&*self.consumer, &self.rebalancer, now, has_room);
            }
            match self.take_records() {
                Taken::Nothing => std::thread::park_timeout(self.nap(now)),
                Taken::Stream => gather(),
                Taken::Some => {}
            }
        }
    }

    /// How long to sleep: no longer than until a commit is due.
    fn nap(&self, now: Instant) -> Duration {
        self.commits.rest(now).clamp(SHORTEST_NAP, NAP)
    }

    /// Gives everything back: lets what runs end until `deadline`, cancels the rest, commits.
    pub(super) fn finish(&mut self, deadline: Instant) -> Drained {
        let all: Vec<TopicPartition> = self.partitions();
        let drains = self.rebalancer.begin_drain(&all);
        let rebalancer = self.rebalancer.clone();
        // Events are served meanwhile: a long drain does not cost the membership.
        let drained = rebalancer.wait(&drains, deadline, &mut || self.consumer.serve());
        let all = self.partitions();
        let topics = rebalancer.uncommitted_topics(&all);
        let identities = if topics.is_empty() {
            TopicIdentities::new()
        } else {
            self.consumer.topic_identities(&topics)
        };
        let offsets = rebalancer.forget(&all, &identities);
        if !offsets.is_empty()
            && let Err(error) = self.consumer.commit_within(&offsets, LAST_COMMIT)
        {
            tracing::warn!(%error, "the last commit failed: finished records will be delivered again");
        }
        self.mailbox.post(Message::End);
        drained
    }

    fn partitions(&self) -> Vec<TopicPartition> {
        self.rebalancer
            .books()
            .assigned
            .iter()
            .map(|assigned| assigned.at.clone())
            .collect()
    }

    fn commit_if_due(&mut self, now: Instant) {
        let released = self.mailbox.released().records;
        let mut books = self.rebalancer.books();
        if std::mem::take(&mut books.commit_answered) {
            self.commits.answered();
        }
        if !self.commits.is_due(now, released) {
            return;
        }
        let has_news = books
            .assigned
            .iter_mut()
            .any(|assigned| assigned.uncommitted().is_some());
        drop(books);
        if has_news
            && !self
                .topics
                .confirms(&mut *self.consumer, &self.rebalancer, now)
        {
            // The answer wakes this thread.
            return;
        }
        let offsets = self.rebalancer.books().take_uncommitted();
        let sent = !offsets.is_empty() && self.commit(&offsets);
        self.commits.looked(now, released, sent);
        self.pause_the_halted();
    }

    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> bool {
        match self.consumer.commit(positions) {
            Ok(()) => true,
            Err(error) => {
                self.rebalancer.notice(Notice::CommitFailed {
                    reason: error.to_string(),
                });
                false
            }
        }
    }

    /// Takes what fits the budget and is here.
    fn take_records(&mut self) -> Taken {
        let mut room = self.budget.room(self.mailbox.released());
        if room == 0 {
            self.mailbox.starve();
            // What was released before `starve` wakes nobody.
            room = self.budget.room(self.mailbox.released());
        }
        if room == 0 {
            return if self.make_room() {
                Taken::Some
            } else {
                Taken::Nothing
            };
        }
        let most = room.min(DRAIN);
        let mut books = self.rebalancer.books();
        let mut filling = Filling::new(
            &mut books,
            &self.mailbox,
            self.ordering,
            self.expected_bytes,
        );
        let drained = self.consumer.drain(most, &mut filling);
        let Filled {
            records,
            bytes,
            notices,
            readable,
        } = filling.send();
        drop(books);
        self.rebalancer.readable(&readable);
        let damaged = notices
            .iter()
            .any(|notice| matches!(notice, Notice::Damaged { .. }));
        notices
            .into_iter()
            .for_each(|notice| self.rebalancer.notice(notice));
        if records > 0 {
            self.expected_bytes = bytes;
            self.budget
                .take(records as u64, (bytes + records * OVERHEAD) as u64);
        }
        if damaged {
            self.pause_the_halted();
        }
        match drained {
            0 => Taken::Nothing,
            some if some >= STREAM && some < most => Taken::Stream,
            _ => Taken::Some,
        }
    }

    /// The budget is spent. With idle workers that means that what waits is of keys which run
    /// already: look further ahead, or stop fetching the partition that crowds the others out.
    /// Answers whether there is room now.
    fn make_room(&mut self) -> bool {
        if self.mailbox.idle_slots() == 0 {
            return false;
        }
        if self.budget.is_short_of_records(self.mailbox.released()) && self.budget.widen() {
            tracing::debug!(
                records = self.budget.records(),
                "workers are idle: looking further ahead"
            );
            return true;
        }
        self.pause_the_crowding()
    }

    /// Stops fetching partitions that wait at a failed record or at damage; fetches crowding ones
    /// again that are half done.
    fn pause_the_halted(&mut self) {
        let (mut halted, mut cleared) = (Vec::new(), Vec::new());
        for assigned in &mut self.rebalancer.books().assigned {
            match assigned.paused {
                Some(Pause::Halted) => {}
                _ if assigned.damaged || assigned.progress.is_halted() => {
                    assigned.paused = Some(Pause::Halted);
                    halted.push(assigned.at.clone());
                }
                Some(Pause::Crowding { with }) if assigned.unfinished() <= with / 2 => {
                    assigned.paused = None;
                    cleared.push(assigned.at.clone());
                }
                Some(Pause::Crowding { .. }) | None => {}
            }
        }
        if !halted.is_empty() {
            self.log_refusal(|consumer| consumer.pause(&halted));
        }
        if !cleared.is_empty() {
            tracing::info!(partitions = ?cleared, "partitions are fetched again");
            self.log_refusal(|consumer| consumer.resume(&cleared));
        }
        self.exempt_the_paused();
    }

    /// Stops fetching a partition that alone holds more than half of what is unfinished, and leaves
    /// its records out of the budget, so that the others have one. Answers whether there was
    /// such a partition.
    fn pause_the_crowding(&mut self) -> bool {
        let mut crowding = Vec::new();
        let mut books = self.rebalancer.books();
        let fetched = || {
            books
                .assigned
                .iter()
                .filter(|assigned| assigned.may_be_paused())
        };
        let (partitions, unfinished) = fetched().fold((0, 0), |(count, sum), assigned| {
            (count + 1, sum + assigned.unfinished())
        });
        if partitions < 2 || !self.budget.can_exempt() {
            return false;
        }
        for assigned in books
            .assigned
            .iter_mut()
            .filter(|assigned| assigned.may_be_paused())
        {
            let with = assigned.unfinished();
            if with * 2 > unfinished {
                assigned.paused = Some(Pause::Crowding { with });
                crowding.push(assigned.at.clone());
            }
        }
        drop(books);
        if crowding.is_empty() {
            return false;
        }
        tracing::warn!(
            partitions = ?crowding,
            "a partition fills the budget with records that wait for a key; it is not fetched until half of \
             them are done"
        );
        self.log_refusal(|consumer| consumer.pause(&crowding));
        self.exempt_the_paused();
        true
    }

    fn exempt_the_paused(&mut self) {
        let books = self.rebalancer.books();
        let is_crowding = |pause: &Option<Pause>| matches!(pause, Some(Pause::Crowding { .. }));
        let paused = books
            .assigned
            .iter()
            .filter(|assigned| is_crowding(&assigned.paused));
        let records = paused.map(Assigned::unfinished).sum();
        drop(books);
        self.budget.exempt(records);
    }

    fn log_refusal(
        &mut self,
        request: impl FnOnce(&mut dyn Consumer) -> Result<(), crate::client::ClientError>,
    ) {
        if let Err(error) = request(&mut *self.consumer) {
            tracing::warn!(%error, "the client refused");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "not to be woken is the point")]
fn gather() {
    std::thread::sleep(GATHER);
}
