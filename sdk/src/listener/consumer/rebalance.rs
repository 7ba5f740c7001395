//! Partitions come and go: what the poll thread knows of those it has, and how it gives them back.
//!
//! A revocation and a stop take the same road: hand out nothing new, let what runs end until a
//! deadline, cancel the rest, commit what is finished, forget. State never outlives its assignment:
//! a partition that comes back gets a new number, and what a late handler of the old one does
//! reaches nobody.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::reading::Reading;
use crate::client::{
    ConsumerHooks, FinalCommit, Notice, StartPosition, TopicId, TopicIdentities, TopicIdentity,
};
use crate::listener::commit::{Drain, Outrun, PartitionNo, Progress};
use crate::listener::dispatch::KeyHash;
use crate::listener::engine::{Mailbox, Message};
use crate::listener::health::{Board, HaltedPartition, ListenerState, Problem, TruncatedLog};
use crate::runtime::{Clock, ShutdownTrigger};
use crate::types::{LeaderEpoch, Offset, Position, TopicName, TopicPartition};

/// How long a cancelled handler has to let go of its thread before the partition goes without it.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// How long the last commit of a partition may take.
pub(super) const LAST_COMMIT: Duration = Duration::from_secs(5);

/// What to do about a batch that can't be read.
const REPAIR: &str = "nothing from there on is handled: repair the log and restart, or move the group's offset behind the damage to \
                      give its records up";

/// The partitions of one consumer. The hooks and the poll loop share it; both run on the poll
/// thread.
#[derive(Debug)]
pub(in crate::listener) struct Rebalancer {
    /// Guards the books. Held while records are taken, never while waiting, and never when a hook
    /// may be called.
    assignments: Mutex<Assignments>,
    mailbox: Arc<Mailbox>,
    board: Arc<Board>,
    clock: Clock,
    /// How long a revocation lets running handlers go on, …
    within: Duration,
    /// … unless the listener is told to stop: then no longer than that allows. Guarded for a read
    /// or a write.
    stop_by: Arc<Mutex<Option<Instant>>>,
    /// Consumers of the listener that have not been given their first share of the partitions.
    unassigned: Arc<AtomicUsize>,
    was_assigned: AtomicBool,
    has_settled: AtomicBool,
    stop: Arc<ShutdownTrigger>,
    seed: u64,
}

/// The books: what is assigned now, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Assignments {
    pub(super) assigned: Vec<Assigned>,
    /// Numbers that were used, to be used again once nothing in the engine carries them.
    retired: Vec<Assigned>,
    next_number: usize,
    /// Some partition's leader is, or is to be, asked about its log.
    pub(super) is_asking: bool,
    /// The commit under way was answered.
    pub(super) commit_answered: bool,
    outrun: Outrun,
}

/// One assigned partition.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) at: TopicPartition,
    /// What the engine calls it.
    pub(super) number: PartitionNo,
    pub(super) progress: Arc<Progress>,
    /// Its keys are hashed with this, so that the same key of another topic is another key.
    pub(super) seed: u64,
    /// Records that were handed to the engine.
    pub(super) taken: u64,
    /// The last commit that was sent and not refused.
    pub(super) committed: Option<Offset>,
    /// How far it was read.
    pub(super) reading: Reading,
    pub(super) drain: Option<Arc<Drain>>,
    /// Why the client does not fetch it, if it does not.
    pub(super) paused: Option<Pause>,
    /// The last that came of it was an error.
    pub(super) errored: bool,
    /// Its next record can't be read: nothing more of it is taken while this assignment lasts.
    pub(super) damaged: bool,
    /// Which topic it is of, as far as that is known.
    pub(super) topic_id: Option<TopicId>,
    /// There is no such topic at the moment, and so nowhere to commit.
    pub(super) topic_is_missing: bool,
    /// Its topic was made again, and the client still has to be sent to its beginning.
    pub(super) begins_anew: bool,
}

/// Why a partition is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It waits at a failed record, or at one that can't be read.
    Halted,
    /// Alone it filled the budget, `with` that many records, and others went short.
    Crowding { with: u64 },
}

/// How giving partitions back went.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::listener) struct Drained {
    /// Running records that were cancelled.
    pub(in crate::listener) cancelled: usize,
    /// Whether the engine gave no answer: a handler blocks its thread.
    pub(in crate::listener) unanswered: bool,
}

/// What a rebalancer is made of.
#[derive(Debug)]
pub(in crate::listener) struct Surroundings {
    pub(in crate::listener) mailbox: Arc<Mailbox>,
    pub(in crate::listener) board: Arc<Board>,
    pub(in crate::listener) clock: Clock,
    pub(in crate::listener) within: Duration,
    pub(in crate::listener) stop_by: Arc<Mutex<Option<Instant>>>,
    pub(in crate::listener) unassigned: Arc<AtomicUsize>,
    pub(in crate::listener) stop: Arc<ShutdownTrigger>,
    pub(in crate::listener) seed: u64,
}

impl Rebalancer {
    pub(in crate::listener) fn new(surroundings: Surroundings) -> Self {
        let Surroundings {
            mailbox,
            board,
            clock,
            within,
            stop_by,
            unassigned,
            stop,
            seed,
        } = surroundings;
        let (was_assigned, has_settled) = (AtomicBool::new(false), AtomicBool::new(false));
        let assignments = Mutex::default();
        Self {
            assignments,
            mailbox,
            board,
            clock,
            within,
            stop_by,
            unassigned,
            was_assigned,
            has_settled,
            stop,
            seed,
        }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Assignments> {
        self.assignments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the engine to give back these partitions; those that are on their way already are
    /// joined, and so are records from before a cut of the log that still run.
    pub(super) fn begin_drain(&self, partitions: &[TopicPartition]) -> Vec<Arc<Drain>> {
        let mut books = self.books();
        let ours = |assigned: &&Assigned| partitions.contains(&assigned.at);
        let is_running = |old: &&Assigned| ours(old) && !old.progress.is_gone();
        let retired = books.retired.iter().filter(is_running);
        let mut drains: Vec<Arc<Drain>> = retired.filter_map(|old| old.drain.clone()).collect();
        let mut fresh = Vec::new();
        for assigned in books.assigned.iter().filter(ours) {
            match &assigned.drain {
                Some(drain) if !drains.iter().any(|known| Arc::ptr_eq(known, drain)) => {
                    drains.push(drain.clone());
                }
                Some(_) => {}
                None => fresh.push(assigned.number),
            }
        }
        if !fresh.is_empty() {
            let drain = Drain::of(fresh);
            for assigned in &mut books.assigned {
                if drain.partitions.contains(&assigned.number) {
                    assigned.drain = Some(drain.clone());
                }
            }
            self.mailbox.post(Message::Drain(drain.clone()));
            drains.push(drain);
        }
        drains
    }

    /// Waits until nothing of the drains runs any more; cancels at the deadline. Calls `meanwhile`
    /// between.
    pub(super) fn wait(
        &self,
        drains: &[Arc<Drain>],
        deadline: Instant,
        meanwhile: &mut dyn FnMut(),
    ) -> Drained {
        let is_done = || drains.iter().all(|drain| drain.is_done());
        loop {
            meanwhile();
            let now = self.clock.now();
            // A stop may be ordered while this waits.
            let deadline = self.stop_by().map_or(deadline, |stop| stop.min(deadline));
            if is_done() || now >= deadline + GRACE {
                break;
            }
            let until = if now < deadline {
                deadline
            } else {
                deadline + GRACE
            };
            if now >= deadline {
                let asked = drains.iter().filter(|drain| drain.request_cancel()).count();
                if asked > 0 {
                    self.mailbox.notify();
                }
            }
            std::thread::park_timeout((until - now).min(Duration::from_millis(50)));
        }
        Drained {
            cancelled: drains.iter().map(|drain| drain.cancelled()).sum(),
            unanswered: !is_done(),
        }
    }

    /// Records of these partitions have come, where errors came before.
    pub(super) fn readable(&self, partitions: &[TopicPartition]) {
        partitions
            .iter()
            .for_each(|partition| self.board.readable(partition));
    }

    /// An error came in the place of a record. Answers whether it was not the first in a row, if
    /// the partition is ours.
    fn note_error(&self, of: &TopicPartition) -> Option<bool> {
        let mut books = self.books();
        Some(std::mem::replace(&mut books.get_mut(of)?.errored, true))
    }

    /// Whether the group has answered with an empty share, which may not be the last word.
    pub(super) fn waits_for_a_share(&self) -> bool {
        self.was_assigned.load(Ordering::Acquire) && !self.has_settled.load(Ordering::Acquire)
    }

    /// The consumer has its share of the partitions, which may be none.
    pub(super) fn settled(&self) {
        if !self.has_settled.swap(true, Ordering::AcqRel)
            && self.unassigned.fetch_sub(1, Ordering::AcqRel) == 1
        {
            self.board.enter(ListenerState::Running);
        }
    }

    /// Tells of the trouble with brokers what is due.
    pub(super) fn tick(&self) {
        self.board.tick();
    }

    /// When a stop gives up waiting, if one was ordered and said so.
    pub(super) fn stop_by(&self) -> Option<Instant> {
        *self.stop_by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets these partitions and says what of them is finished and not committed.
    ///
    /// What was read of a topic that is gone by now, or was made again, is nobody's to commit.
    pub(super) fn forget(
        &self,
        partitions: &[TopicPartition],
        identities: &TopicIdentities,
    ) -> Vec<(TopicPartition, Position)> {
        let mut books = self.books();
        let mut offsets = Vec::new();
        let (gone, kept) = std::mem::take(&mut books.assigned)
            .into_iter()
            .partition::<Vec<_>, _>(|assigned| partitions.contains(&assigned.at));
        books.assigned = kept;
        for mut assigned in gone {
            let identity = identities.get(&assigned.at.topic).copied();
            let is_gone = identity == Some(TopicIdentity::Missing);
            let id = identity.and_then(TopicIdentity::id);
            let is_another = id.is_some() && assigned.topic_id.is_some() && id != assigned.topic_id;
            if !is_gone
                && !is_another
                && let Some(position) = assigned.uncommitted()
            {
                offsets.push((assigned.at.clone(), position));
            }
            books.retired.push(assigned);
        }
        drop(books);
        self.board.revoked(partitions);
        offsets
    }

    /// The topics that one of these partitions has something to commit of.
    pub(super) fn uncommitted_topics(&self, partitions: &[TopicPartition]) -> Vec<TopicName> {
        let mut books = self.books();
        let given = books
            .assigned
            .iter_mut()
            .filter(|assigned| partitions.contains(&assigned.at));
        let topics =
            given.filter_map(|assigned| assigned.uncommitted().map(|_| assigned.at.topic.clone()));
        let topics: BTreeSet<TopicName> = topics.collect();
        topics.into_iter().collect()
    }

    /// These partitions are of another topic than before: nothing that was known of them holds.
    pub(super) fn began_anew(&self, partitions: &[TopicPartition]) {
        self.board.revoked(partitions);
        self.board.assigned(partitions);
    }

    fn give_back(&self, partitions: &[TopicPartition], within: Duration) {
        let drains = self.begin_drain(partitions);
        let drained = self.wait(&drains, self.clock.after(within), &mut || ());
        if drained.cancelled > 0 || drained.unanswered {
            tracing::warn!(
                cancelled = drained.cancelled,
                a_handler_blocks = drained.unanswered,
                "partitions went before their running records ended; these will be delivered again"
            );
        }
    }
}

impl ConsumerHooks for Rebalancer {
    fn assigned(&self, starts: &[StartPosition]) {
        let mut books = self.books();
        for StartPosition {
            at,
            committed,
            topic_id,
        } in starts
        {
            let seed = KeyHash::of(self.seed, at.topic.as_str().as_bytes()).seed();
            let mut assigned =
                books.begin(at.clone(), seed, Reading::from(*committed), &self.mailbox);
            assigned.topic_id = *topic_id;
            books.assigned.push(assigned);
        }
        books.outrun.over();
        drop(books);
        let partitions: Vec<TopicPartition> = starts.iter().map(|start| start.at.clone()).collect();
        tracing::info!(?partitions, "partitions were assigned");
        self.board.assigned(&partitions);
        self.was_assigned.store(true, Ordering::Release);
        if !partitions.is_empty() {
            self.settled();
        }
    }

    fn revoked(&self, partitions: &[TopicPartition], commits: &dyn FinalCommit) {
        tracing::info!(?partitions, "partitions are revoked");
        self.give_back(partitions, self.within);
        let topics = self.uncommitted_topics(partitions);
        let identities = if topics.is_empty() {
            TopicIdentities::new()
        } else {
            commits.topic_identities(&topics)
        };
        let offsets = self.forget(partitions, &identities);
        if offsets.is_empty() {
            return;
        }
        if let Err(error) = commits.commit_within(&offsets, LAST_COMMIT) {
            tracing::warn!(%error, "the last commit failed: finished records will be delivered again");
        }
    }

    fn lost(&self, partitions: &[TopicPartition]) {
        // A member that joins for the first time loses what it never had.
        if partitions.is_empty() {
            return;
        }
        tracing::warn!(
            ?partitions,
            "partitions were lost: finished records may be delivered again"
        );
        self.give_back(partitions, Duration::ZERO);
        self.forget(partitions, &TopicIdentities::new());
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Committed => {
                let mut books = self.books();
                books.commit_answered = true;
                books.outrun.over();
                drop(books);
                self.board.committed();
            }
            Notice::CommitFailed { reason } => {
                tracing::warn!(reason, "a commit was refused and will be sent again");
                self.books().refuse_commits();
                self.board.problem(Problem::CommitFailing { reason });
            }
            Notice::CommitOutrun { reason } => {
                let mut books = self.books();
                books.refuse_commits();
                let lasts = books.outrun.again(self.clock.now());
                drop(books);
                tracing::debug!(
                    reason,
                    "a rebalance was faster than a commit, which will be sent again"
                );
                if lasts {
                    self.board.problem(Problem::CommitFailing { reason });
                }
            }
            Notice::Trouble(complaint) => self.board.complain(complaint),
            Notice::MissingTopic { reason } => {
                tracing::warn!(reason, "a topic is missing; waiting for it");
                self.board.problem(Problem::MissingTopic { reason });
            }
            Notice::ForbiddenTopic { reason } => {
                tracing::error!(reason, "the broker forbids to see a topic");
                self.board.problem(Problem::ForbiddenTopic { reason });
            }
            Notice::ForbiddenPartition { partition, reason } => {
                tracing::error!(reason, "the broker forbids to read a partition");
                if self.note_error(&partition).is_some() {
                    self.board
                        .problem(Problem::ForbiddenPartition { partition, reason });
                }
            }
            Notice::FetchFailing {
                partition,
                offset,
                reason,
            } => self.fetch_fails(partition, offset, reason),
            Notice::Damaged {
                partition,
                offset,
                reason,
            } => self.damaged(partition, offset, &reason),
            Notice::Forbidden { reason } => {
                if self.board.problem(Problem::Forbidden {
                    reason: reason.clone(),
                }) {
                    tracing::error!(reason, "the broker forbids what the listener wants");
                }
            }
            Notice::Full { reason } => {
                if self.board.problem(Problem::GroupFull {
                    reason: reason.clone(),
                }) {
                    tracing::warn!(reason, "the group takes no more members; trying again");
                }
            }
            Notice::Fatal { reason, then } => {
                tracing::error!(reason, "the consumer cannot go on");
                self.board.client_failed(reason, then);
                self.stop.give();
            }
            Notice::Rewound {
                partition,
                expected,
                found,
            } => {
                tracing::warn!(
                    topic = %partition.topic,
                    partition = partition.partition.0,
                    expected = expected.0,
                    found = found.0,
                    "the broker has lost records that were read already: going on with what stands in their place"
                );
                self.board.truncated(TruncatedLog {
                    partition,
                    read_to: expected,
                    cut_at: found,
                });
            }
            Notice::Odd { reason } => tracing::warn!(reason, "the Kafka client complains"),
        }
    }
}

impl Rebalancer {
    fn fetch_fails(&self, partition: TopicPartition, offset: Offset, reason: String) {
        let Some(known) = self.note_error(&partition) else {
            return;
        };
        if !known {
            tracing::error!(%partition, %offset, reason, "the partition cannot be read; the client tries again");
        }
        self.board.problem(Problem::FetchFailing {
            partition,
            offset,
            reason,
        });
    }

    fn damaged(&self, at: TopicPartition, offset: Offset, reason: &str) {
        let halted = HaltedPartition {
            partition: at,
            offset,
            reason: format!("{reason}; {REPAIR}"),
        };
        let TopicPartition { topic, partition } = &halted.partition;
        tracing::error!(%topic, %partition, %offset, "{halted}");
        self.board.halted(halted);
    }
}

impl Assignments {
    /// The state of a partition that is read from there on, under a number of its own.
    fn begin(
        &mut self,
        at: TopicPartition,
        seed: u64,
        reading: Reading,
        mailbox: &Mailbox,
    ) -> Assigned {
        self.is_asking |= !reading.is_settled();
        let (number, progress) = (self.take_number(), Progress::new());
        mailbox.post(Message::Assigned {
            number,
            progress: progress.clone(),
        });
        Assigned {
            at,
            number,
            progress,
            seed,
            taken: 0,
            committed: None,
            reading,
            drain: None,
            paused: None,
            errored: false,
            damaged: false,
            topic_id: None,
            topic_is_missing: false,
            begins_anew: false,
        }
    }

    /// The log of a partition was cut, and goes on with a record at `found`: forgets what was read
    /// of it.
    ///
    /// What waits is dropped, since it is not on the broker any more. What runs may end, but says
    /// nothing about what is finished: that counts from the new record on. New records of a key, or
    /// of the partition where that is the order, start when the old one of it has ended.
    pub(super) fn rewind(&mut self, place: usize, found: Offset, mailbox: &Mailbox) {
        let Some(old) = self.assigned.get(place) else {
            return;
        };
        let drain = Drain::of(vec![old.number]);
        mailbox.post(Message::Drain(drain.clone()));
        let (at, seed, topic_id) = (old.at.clone(), old.seed, old.topic_id);
        let reading = Reading::from(Some(Position {
            next: found,
            leader_epoch: LeaderEpoch::UNKNOWN,
        }));
        let mut fresh = self.begin(at, seed, reading, mailbox);
        fresh.topic_id = topic_id;
        if let Some(assigned) = self.assigned.get_mut(place) {
            let mut old = std::mem::replace(assigned, fresh);
            old.drain = Some(drain);
            self.retired.push(old);
        }
    }

    /// A number that nothing in the engine carries.
    fn take_number(&mut self) -> PartitionNo {
        let is_free = |old: &Assigned| old.progress.is_gone() && old.progress.left() == old.taken;
        if let Some(at) = self.retired.iter().position(is_free) {
            return self.retired.swap_remove(at).number;
        }
        self.next_number += 1;
        PartitionNo::from(self.next_number - 1)
    }

    pub(super) fn place_of(&self, topic: &str, partition: i32) -> Option<usize> {
        let is_it = |at: &TopicPartition| at.partition.0 == partition && at.topic.as_str() == topic;
        self.assigned
            .iter()
            .position(|assigned| is_it(&assigned.at))
    }

    pub(super) fn get_mut(&mut self, at: &TopicPartition) -> Option<&mut Assigned> {
        self.assigned.iter_mut().find(|assigned| assigned.at == *at)
    }

    /// What is finished and not committed; it counts as committed from now on.
    pub(super) fn take_uncommitted(&mut self) -> Vec<(TopicPartition, Position)> {
        let mut offsets = Vec::new();
        for assigned in &mut self.assigned {
            if let Some(position) = assigned.uncommitted() {
                assigned.committed = Some(position.next);
                offsets.push((assigned.at.clone(), position));
            }
        }
        offsets
    }

    /// The commit under way was refused: the next one carries everything again.
    fn refuse_commits(&mut self) {
        self.commit_answered = true;
        for assigned in &mut self.assigned {
            assigned.committed = None;
        }
    }
}

impl Assigned {
    pub(super) fn uncommitted(&mut self) -> Option<Position> {
        if self.topic_is_missing {
            return None;
        }
        let next = self
            .progress
            .commit()
            .filter(|next| self.committed != Some(*next))?;
        Some(self.reading.committed(next))
    }

    /// Whether records and errors of it are of any use. What still comes of a partition that is on
    /// its way back will be fetched by its next owner, and what comes of a topic that was made
    /// again comes once more.
    pub(super) fn is_wanted(&self) -> bool {
        self.drain.is_none() && !self.damaged && !self.begins_anew && self.reading.is_open()
    }

    /// Whether the client may be told to fetch nothing of it for a while.
    ///
    /// Not behind an error: librdkafka counts that as a record, and would go on behind it when the
    /// pause is over.
    pub(super) const fn may_be_paused(&self) -> bool {
        self.paused.is_none() && !self.errored
    }

    /// Its records that have not left the engine.
    pub(super) fn unfinished(&self) -> u64 {
        self.taken.saturating_sub(self.progress.left())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ListenerId;
    use crate::types::PartitionId;

    fn rebalancer(clock: &Clock, stop_by: &Arc<Mutex<Option<Instant>>>) -> Rebalancer {
        Rebalancer::new(Surroundings {
            mailbox: Mailbox::new(1),
            board: Arc::new(Board::new(ListenerId::new("orders"))),
            clock: clock.clone(),
            within: Duration::from_secs(600),
            stop_by: stop_by.clone(),
            unassigned: Arc::default(),
            stop: Arc::new(ShutdownTrigger::new()),
            seed: 0,
        })
    }

    #[test]
    fn a_revocation_behind_a_cut_waits_for_what_runs_from_before_it() {
        let rebalancer = rebalancer(&Clock::system(), &Arc::default());
        let at = |partition| {
            TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(partition))
        };
        rebalancer.assigned(&[0, 1].map(|partition| StartPosition {
            at: at(partition),
            committed: None,
            topic_id: None,
        }));
        let rewind = || {
            let mailbox = Mailbox::new(1);
            rebalancer.books().rewind(0, Offset(3), &mailbox);
        };
        rewind();
        rewind();

        let drained = |partitions: &[TopicPartition]| {
            let drains = rebalancer.begin_drain(partitions);
            let numbers = drains.iter().flat_map(|drain| drain.partitions.clone());
            numbers.map(usize::from).collect::<BTreeSet<usize>>()
        };
        assert_eq!(drained(&[at(0)]), BTreeSet::from([0, 2, 3]));
        for old in &rebalancer.books().retired {
            old.progress.let_go();
        }
        assert_eq!(drained(&[at(0), at(1)]), BTreeSet::from([1, 3]));
    }

    #[test]
    fn a_revocation_waits_no_longer_than_a_stop_that_comes_meanwhile() {
        let (clock, stop_by) = (Clock::system(), Arc::new(Mutex::new(None)));
        let rebalancer = rebalancer(&clock, &stop_by);
        let mut rounds = 0;
        let mut told_to_stop = || {
            stop_by.lock().unwrap().get_or_insert_with(|| clock.now());
            rounds += 1;
            assert!(rounds < 500, "it still waits");
        };
        let ten_minutes = clock.after(Duration::from_secs(600));
        let drained = rebalancer.wait(
            &[Drain::of(vec![PartitionNo::from(0)])],
            ten_minutes,
            &mut told_to_stop,
        );
        assert!(drained.unanswered, "there is no engine to let go");
    }
}
