//! The dispatcher under random workers, retries, halts and revocations, held against its
//! invariants.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::dispatcher::Turn;
use super::ids::LaneId;
use super::*;
use crate::listener::commit::{Drain, PartitionNo, Progress};
use crate::listener::random::Random;
use crate::runtime::ManualClock;
use crate::types::Offset;

/// Steps of a turn.
const MAX_STEPS: u32 = 256;

/// A record as the model knows it: which assignment of which partition it came in, and what it
/// does.
#[derive(Clone, Debug)]
struct Planned {
    assignment: usize,
    offset: i64,
    key: u64,
    attempts: Vec<Attempt>,
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    polls: u32,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Finish,
    Park,
    Halt,
}

/// What the worker saw, and the rules it holds the dispatcher to.
#[derive(Debug, Default)]
struct Ledger {
    seed: u64,
    running: HashMap<u64, (usize, i64)>,
    finished: BTreeMap<usize, Vec<(u64, i64)>>,
    halted: HashSet<usize>,
    closed: HashSet<usize>,
    cancelled: usize,
}

/// Plays the plans. What it holds while parked is the number of the next attempt.
#[derive(Debug)]
struct Player {
    ledger: Rc<RefCell<Ledger>>,
    slots: Vec<Option<(Planned, usize, u32)>>,
}

impl Player {
    fn advance(&mut self, slot: SlotId) -> Step<usize> {
        let (record, attempt, left) = self.slots[usize::from(slot)]
            .as_mut()
            .expect("an occupied slot");
        if *left > 0 {
            *left -= 1;
            return Step::Pending;
        }
        let (record, attempt) = (record.clone(), *attempt);
        self.slots[usize::from(slot)] = None;
        let mut ledger = self.ledger.borrow_mut();
        if record.key != 0 {
            ledger.running.remove(&record.key);
        }
        match record.attempts[attempt].end {
            End::Finish => {
                let place = (record.key, record.offset);
                ledger
                    .finished
                    .entry(record.assignment)
                    .or_default()
                    .push(place);
                Step::Finished
            }
            End::Park => Step::Park {
                wait: Duration::from_millis(10),
                held: attempt + 1,
            },
            End::Halt => {
                ledger.halted.insert(record.assignment);
                Step::Halt
            }
        }
    }
}

impl Worker for Player {
    type Batch = Rc<Vec<Planned>>;
    type Held = usize;

    fn start(
        &mut self,
        slot: SlotId,
        at: RecordInBatch<'_, Self::Batch>,
        held: Option<usize>,
    ) -> Step<usize> {
        let record = at.batch[at.index].clone();
        let seed = {
            let mut ledger = self.ledger.borrow_mut();
            let seed = ledger.seed;
            assert!(
                !ledger.closed.contains(&record.assignment),
                "seed {seed}: started after its revocation"
            );
            if record.key != 0 {
                let other = ledger
                    .running
                    .insert(record.key, (record.assignment, record.offset));
                assert_eq!(
                    other, None,
                    "seed {seed}: two records of key {} run",
                    record.key
                );
            }
            seed
        };
        assert!(
            self.slots[usize::from(slot)].is_none(),
            "seed {seed}: {slot:?} is taken"
        );
        let attempt = held.unwrap_or(0);
        self.slots[usize::from(slot)] =
            Some((record.clone(), attempt, record.attempts[attempt].polls));
        self.advance(slot)
    }

    fn poll(&mut self, slot: SlotId, at: RecordInBatch<'_, Self::Batch>) -> Step<usize> {
        let (record, ..) = self.slots[usize::from(slot)]
            .as_ref()
            .expect("an occupied slot");
        assert_eq!(record.offset, at.batch[at.index].offset);
        self.advance(slot)
    }

    fn cancel(&mut self, slot: SlotId) {
        let (record, ..) = self.slots[usize::from(slot)]
            .take()
            .expect("an occupied slot");
        let mut ledger = self.ledger.borrow_mut();
        ledger.cancelled += 1;
        ledger.running.remove(&record.key);
    }
}

/// One assignment of a partition, from the outside.
#[derive(Debug)]
struct Assignment {
    partition: u64,
    progress: Arc<Progress>,
    taken: Vec<i64>,
    commit: Option<i64>,
    drain: Option<Arc<Drain>>,
}

struct World {
    random: Random,
    hand: ManualClock,
    ledger: Rc<RefCell<Ledger>>,
    engine: Dispatcher<Player>,
    assignments: Vec<Assignment>,
    next_offset: HashMap<u64, i64>,
    keys: usize,
    ordered: bool,
    slots: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (slots, span) = (1 + random.below(20), 1 + random.below(60) as u64);
        let ledger = Rc::new(RefCell::new(Ledger {
            seed,
            ..Ledger::default()
        }));
        let player = Player {
            ledger: ledger.clone(),
            slots: vec![None; slots],
        };
        let hand = ManualClock::new();
        let engine = Dispatcher::new(player, slots, span, hand.clock().now());
        let (keys, ordered) = (1 + random.below(12), random.percent(80));
        let (assignments, next_offset) = (Vec::new(), HashMap::new());
        Self {
            random,
            hand,
            ledger,
            engine,
            assignments,
            next_offset,
            keys,
            ordered,
            slots,
        }
    }

    fn assign(&mut self, partition: u64) {
        let progress = Progress::new();
        let number = PartitionNo::from(self.assignments.len());
        self.engine.assign(number, progress.clone());
        self.assignments.push(Assignment {
            partition,
            progress,
            taken: Vec::new(),
            commit: None,
            drain: None,
        });
    }

    fn live(&self) -> Vec<usize> {
        (0..self.assignments.len())
            .filter(|at| self.assignments[*at].drain.is_none())
            .collect()
    }

    fn send(&mut self) {
        let live = self.live();
        let (mut metas, mut batch) = (Vec::new(), Vec::new());
        for _ in 0..self.random.below(40) {
            let assignment = live[self.random.below(live.len())];
            let partition = self.assignments[assignment].partition;
            let offset = self.next_offset.entry(partition).or_insert(0);
            // Holes, as compaction leaves them.
            *offset += 1 + i64::try_from(self.random.below(3)).unwrap() / 2;
            let offset = *offset;
            // Keys belong to partitions, as a partitioner makes it; 0 is a null key.
            let null = !self.ordered || self.random.percent(10);
            let key = if null {
                0
            } else {
                partition * 100 + 1 + self.random.below(self.keys) as u64
            };
            metas.push(RecordMeta {
                partition: PartitionNo::from(assignment),
                offset: Offset(offset),
                key: (key != 0).then(|| KeyHash::from(key)),
                bytes: 3,
            });
            let attempts = self.attempts();
            batch.push(Planned {
                assignment,
                offset,
                key,
                attempts,
            });
            self.assignments[assignment].taken.push(offset);
        }
        self.engine.admit(PolledBatch {
            batch: Rc::new(batch),
            records: metas,
        });
    }

    fn attempts(&mut self) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        let polls = |random: &mut Random| {
            if random.percent(60) {
                0
            } else {
                u32::try_from(random.below(4)).unwrap()
            }
        };
        while self.random.percent(15) && attempts.len() < 3 {
            attempts.push(Attempt {
                polls: polls(&mut self.random),
                end: End::Park,
            });
        }
        let end = if self.random.below(400) == 0 {
            End::Halt
        } else {
            End::Finish
        };
        attempts.push(Attempt {
            polls: polls(&mut self.random),
            end,
        });
        attempts
    }

    fn turn(&mut self, chance_to_wake: usize) -> Turn {
        let mut woken: Vec<SlotId> = Vec::new();
        for slot in 0..self.slots {
            if self.random.percent(chance_to_wake) {
                woken.push(SlotId::from(slot));
            }
        }
        let turn = self
            .engine
            .turn(self.hand.clock().now(), MAX_STEPS, &mut woken.into_iter());
        self.check();
        turn
    }

    /// What must hold after every turn.
    fn check(&mut self) {
        let ledger = self.ledger.borrow();
        let seed = ledger.seed;
        for (number, assignment) in self.assignments.iter_mut().enumerate() {
            let none = Vec::new();
            let finished = ledger.finished.get(&number).unwrap_or(&none);
            let finished: HashSet<i64> = finished.iter().map(|(_, offset)| *offset).collect();
            let lowest_open = assignment
                .taken
                .iter()
                .find(|offset| !finished.contains(offset));
            let commit = assignment.progress.commit().map(|Offset(next)| next);
            if let (Some(next), Some(open)) = (commit, lowest_open) {
                assert!(
                    next <= *open,
                    "seed {seed}: {next} committed, {open} is not finished"
                );
            }
            assert!(
                commit >= assignment.commit,
                "seed {seed}: the commit went back"
            );
            assignment.commit = commit;
            assert!(
                assignment.progress.departed() <= assignment.taken.len() as u64,
                "seed {seed}"
            );
        }
        drop(ledger);
        self.check_tables();
    }

    fn check_tables(&self) {
        let engine = &self.engine;
        let in_slots: Vec<LaneId> = engine.slots.running().map(|(_, lane)| lane).collect();
        assert_eq!(in_slots.len() + engine.slots.free(), self.slots);
        assert_eq!(
            engine.lanes.len(),
            in_slots.len() + engine.parked.lanes().count() + engine.ready.len()
        );
        let lanes = in_slots
            .into_iter()
            .chain(engine.parked.lanes())
            .chain(engine.ready.iter().copied());
        let keys = lanes.filter(|lane| match engine.lanes.at(*lane).key() {
            Some(key) => {
                assert_eq!(engine.lanes.of_key(key), Some(*lane));
                true
            }
            None => false,
        });
        assert_eq!(keys.count(), engine.lanes.keys());
    }

    fn revoke(&mut self, number: usize) {
        let drain = Drain::of(vec![PartitionNo::from(number)]);
        self.assignments[number].drain = Some(drain.clone());
        self.engine.drain(drain);
    }

    /// Runs until nothing moves any more.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let turn = self.turn(100);
            self.hand.advance(Duration::from_millis(10));
            let busy = self.engine.slots.running().next().is_some();
            if !turn.has_more && !busy && turn.next_due.is_none() && self.engine.backlog.is_empty()
            {
                return;
            }
        }
        panic!(
            "seed {}: it does not come to rest",
            self.ledger.borrow().seed
        );
    }

    /// What must hold at rest.
    fn check_at_rest(&mut self) {
        let ledger = self.ledger.borrow();
        let seed = ledger.seed;
        for (number, assignment) in self.assignments.iter().enumerate() {
            let taken = assignment.taken.len() as u64;
            assert_eq!(
                assignment.progress.departed(),
                taken,
                "seed {seed}: every record leaves once"
            );
            let none = Vec::new();
            let finished = ledger.finished.get(&number).unwrap_or(&none);
            let mut last_of_key: HashMap<u64, i64> = HashMap::new();
            for &(key, offset) in finished.iter().filter(|(key, _)| *key != 0) {
                let before = last_of_key.insert(key, offset);
                assert!(
                    before < Some(offset),
                    "seed {seed}: key {key} out of order at {offset}"
                );
            }
            let undisturbed = assignment.drain.is_none() && !ledger.halted.contains(&number);
            if undisturbed && let Some(last) = assignment.taken.last() {
                assert_eq!(
                    assignment.commit,
                    Some(last + 1),
                    "seed {seed}: partition {number}"
                );
                assert_eq!(finished.len(), assignment.taken.len(), "seed {seed}");
            }
        }
        let released = self.engine.take_released();
        let sent: u64 = self
            .assignments
            .iter()
            .map(|assignment| assignment.taken.len() as u64)
            .sum();
        assert_eq!(
            released,
            Released {
                records: sent,
                bytes: 3 * sent
            },
            "seed {seed}"
        );
        assert_eq!(
            self.engine.batches.in_flight(),
            0,
            "seed {seed}: a batch is left"
        );
    }
}

#[test]
fn random_workers_retries_halts_and_revocations_break_no_promise() {
    for seed in 0..40 {
        let mut world = World::new(seed);
        for partition in 1..=4 {
            world.assign(partition);
        }
        for _ in 0..120 {
            match world.random.below(10) {
                0..=4 => world.send(),
                5 => world.hand.advance(Duration::from_millis(10)),
                6 if world.random.percent(20) => {
                    let live = world.live();
                    let number = live[world.random.below(live.len())];
                    let partition = world.assignments[number].partition;
                    world.revoke(number);
                    for _ in 0..world.random.below(4) {
                        world.turn(30);
                    }
                    let drain = world.assignments[number].drain.clone().unwrap();
                    drain.request_cancel();
                    world.turn(0);
                    assert!(drain.is_done(), "seed {seed}");
                    assert!(
                        world.assignments[number].progress.is_released(),
                        "seed {seed}"
                    );
                    world.ledger.borrow_mut().closed.insert(number);
                    let commit = world.assignments[number].progress.commit();
                    let from = commit.map_or(0, |Offset(next)| next - 1);
                    world.next_offset.insert(partition, from);
                    world.assign(partition);
                }
                _ => drop(world.turn(40)),
            }
        }
        world.settle();
        world.check_at_rest();
    }
}

fn plan(assignment: usize, offset: i64, key: u64, ends: &[(u32, End)]) -> Planned {
    let attempts = ends
        .iter()
        .map(|(polls, end)| Attempt {
            polls: *polls,
            end: *end,
        })
        .collect();
    Planned {
        assignment,
        offset,
        key,
        attempts,
    }
}

fn send(world: &mut World, records: Vec<Planned>) {
    let metas = records.iter().map(|record| RecordMeta {
        partition: PartitionNo::from(record.assignment),
        offset: Offset(record.offset),
        key: (record.key != 0).then(|| KeyHash::from(record.key)),
        bytes: 3,
    });
    let metas = metas.collect();
    for record in &records {
        world.assignments[record.assignment]
            .taken
            .push(record.offset);
    }
    world.engine.admit(PolledBatch {
        batch: Rc::new(records),
        records: metas,
    });
}

fn world_with_slots(slots: usize, partitions: u64) -> World {
    let mut world = World::new(1);
    let player = Player {
        ledger: world.ledger.clone(),
        slots: vec![None; slots],
    };
    world.engine = Dispatcher::new(player, slots, 100, world.hand.clock().now());
    world.slots = slots;
    (1..=partitions).for_each(|partition| world.assign(partition));
    world
}

#[test]
fn a_retry_keeps_its_key_waiting_and_gives_its_slot_to_others() {
    let mut world = world_with_slots(1, 1);
    let fails_once = [(0, End::Park), (0, End::Finish)];
    let ready = [(0, End::Finish)];
    send(
        &mut world,
        vec![
            plan(0, 0, 5, &fails_once),
            plan(0, 1, 5, &ready),
            plan(0, 2, 6, &ready),
        ],
    );
    let turn = world.turn(0);
    assert_eq!(
        turn.next_due,
        Some(world.hand.clock().now() + Duration::from_millis(10))
    );
    assert_eq!(world.ledger.borrow().finished[&0], [(6, 2)]);
    assert_eq!(world.assignments[0].commit, None);
    world.hand.advance(Duration::from_millis(10));
    world.turn(0);
    assert_eq!(world.ledger.borrow().finished[&0], [(6, 2), (5, 0), (5, 1)]);
    assert_eq!(world.assignments[0].commit, Some(3));
}

#[test]
fn a_halted_partition_waits_at_its_record_and_the_others_go_on() {
    let mut world = world_with_slots(2, 2);
    let ready = [(0, End::Finish)];
    send(
        &mut world,
        vec![
            plan(0, 7, 1, &ready),
            plan(0, 8, 2, &[(0, End::Halt)]),
            plan(0, 9, 3, &ready),
            plan(1, 0, 4, &ready),
        ],
    );
    world.turn(0);
    assert_eq!(world.assignments[0].commit, Some(8));
    assert!(world.assignments[0].progress.is_halted());
    assert_eq!(world.assignments[1].commit, Some(1));
    assert_eq!(world.ledger.borrow().finished[&0], [(1, 7)]);
    assert_eq!(world.engine.take_released().records, 4);
}

#[test]
fn a_revocation_does_not_wait_for_a_back_off() {
    let mut world = world_with_slots(2, 1);
    send(
        &mut world,
        vec![plan(0, 0, 1, &[(0, End::Park), (0, End::Finish)])],
    );
    assert!(world.turn(0).next_due.is_some());
    world.revoke(0);
    let turn = world.turn(0);
    assert_eq!(turn.next_due, None);
    assert!(world.assignments[0].drain.as_ref().unwrap().is_done());
    assert_eq!(world.assignments[0].commit, None);
}

#[test]
fn a_record_behind_a_cut_waits_for_the_one_of_its_key_that_still_runs() {
    let mut world = world_with_slots(2, 1);
    send(&mut world, vec![plan(0, 9, 5, &[(1, End::Finish)])]);
    world.turn(0);
    // What was read is forgotten, and the partition goes on under another number.
    world.revoke(0);
    world.assign(1);
    let ready = [(0, End::Finish)];
    send(
        &mut world,
        vec![plan(1, 4, 5, &ready), plan(1, 5, 6, &ready)],
    );
    world.turn(0);
    assert_eq!(world.ledger.borrow().finished[&1], [(6, 5)]);
    assert_eq!(world.assignments[1].commit, None);
    world.turn(100);
    assert_eq!(world.ledger.borrow().finished[&1], [(6, 5), (5, 4)]);
    assert_eq!(world.assignments[1].commit, Some(6));
}

#[test]
fn a_record_that_never_ends_is_cancelled_at_the_deadline_and_not_committed() {
    let mut world = world_with_slots(2, 1);
    let never = [(u32::MAX, End::Finish)];
    send(
        &mut world,
        vec![
            plan(0, 3, 1, &[(0, End::Finish)]),
            plan(0, 4, 2, &never),
            plan(0, 5, 2, &never),
        ],
    );
    world.turn(0);
    world.revoke(0);
    world.turn(100);
    let drain = world.assignments[0].drain.clone().unwrap();
    assert!(!drain.is_done());
    assert!(drain.request_cancel());
    world.turn(0);
    assert!(drain.is_done());
    assert_eq!(drain.cancelled(), 1);
    assert_eq!(world.assignments[0].commit, Some(4));
    world.turn(100);
    assert_eq!(world.engine.take_released().records, 3);
}

#[test]
fn a_long_chain_does_not_keep_the_turn() {
    let mut world = world_with_slots(1, 1);
    let records =
        |from: i64, to: i64| (from..to).map(|offset| plan(0, offset, 1, &[(0, End::Finish)]));
    let first = plan(0, 0, 1, &[(1, End::Finish)]);
    world.engine.partitions.set_max_span(10_000);
    world.assign(9);
    world
        .engine
        .assign(PartitionNo::from(0), world.assignments[0].progress.clone());
    send(
        &mut world,
        std::iter::once(first).chain(records(1, 1000)).collect(),
    );
    world.turn(0);
    let turn = world.turn(100);
    assert!(turn.has_more);
    let finished = world.ledger.borrow().finished[&0].len();
    assert!(finished <= MAX_STEPS as usize, "{finished}");
    world.settle();
    assert_eq!(world.assignments[0].commit, Some(1000));
}
