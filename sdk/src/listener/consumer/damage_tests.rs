//! What the poll loop does when a batch of a partition can't be read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::budget::Budget;
use super::doubts::Doubts;
use super::poll_loop::PollLoop;
use super::rebalance::{Rebalancer, Surroundings};
use super::settling::Settling;
use super::silence::Silence;
use super::topic_probe::Lookout;
use super::topic_watch::TopicWatch;
use crate::client::{
    ClientError, Consumer, ConsumerHooks as _, Ends, GroupSize, Intake, KnownEnd, Notice,
    RecordParts, StartPosition, TopicAnswer, TopicIdentities, TopicsSeen,
};
use crate::endpoint::Ordering;
use crate::extract::ListenerId;
use crate::listener::commit::{CommitPolicy, PartitionNo};
use crate::listener::dispatch::KeyHash;
use crate::listener::engine::{Mailbox, Message};
use crate::listener::health::{Board, ListenerHealth, Problem};
use crate::runtime::{Clock, ShutdownTrigger};
use crate::types::{
    GroupId, LeaderEpoch, Offset, PartitionId, Position, Timestamp, TimestampType, TopicName,
    TopicPartition,
};

/// What lies in the client's queue.
#[derive(Clone)]
enum Arrival {
    Record(i32, i64),
    Damage(i32, i64),
    Refusal(i32, i64),
}
use Arrival::{Damage, Record, Refusal};

/// Hands over one list per drain, and stops the loop when there are no more.
struct Scripted {
    drains: VecDeque<Vec<Arrival>>,
    stop: Arc<ShutdownTrigger>,
    paused: Arc<Mutex<Vec<TopicPartition>>>,
}

impl Ends for Scripted {
    fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd> {
        vec![KnownEnd::default(); partitions.len()]
    }

    fn end(&self, _: &TopicPartition, _: Duration) -> Option<Offset> {
        None
    }
}

impl Consumer for Scripted {
    fn subscribe(&mut self, _: &[TopicName]) -> Result<(), ClientError> {
        Ok(())
    }

    fn serve(&mut self) {
        if self.drains.is_empty() {
            self.stop.give();
        }
    }

    fn drain(&mut self, _: usize, into: &mut dyn Intake) -> usize {
        let drained = self.drains.pop_front().unwrap_or_default();
        for arrival in &drained {
            let reason = "it is damaged".to_owned();
            match *arrival {
                Record(partition, offset) if wanted(into, partition, offset) => {
                    into.record(RecordParts {
                        offset: Offset(offset),
                        timestamp: (Timestamp(0), TimestampType::NotAvailable),
                        key: None,
                        payload: None,
                    })
                }
                Record(..) => {}
                Damage(partition, _) | Refusal(partition, _)
                    if !into.is_wanted("orders", partition) => {}
                Damage(partition, offset) => {
                    let (partition, offset) = (at(partition), Offset(offset));
                    into.notice(Notice::Damaged {
                        partition,
                        offset,
                        reason,
                    });
                }
                Refusal(partition, offset) => {
                    let (partition, offset) = (at(partition), Offset(offset));
                    into.notice(Notice::FetchFailing {
                        partition,
                        offset,
                        reason,
                    });
                }
            }
        }
        drained.len()
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.paused.lock().unwrap().extend_from_slice(partitions);
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.paused
            .lock()
            .unwrap()
            .retain(|paused| !partitions.contains(paused));
        Ok(())
    }

    fn look_at(&mut self, _: &[TopicName], _: Duration) -> Option<TopicsSeen> {
        None
    }

    fn seek(&mut self, positions: &[(TopicPartition, Position)]) -> Vec<TopicPartition> {
        positions.iter().map(|(at, _)| at.clone()).collect()
    }

    fn group_size(&mut self, _: &GroupId, _: &[TopicName], _: Duration) -> Option<GroupSize> {
        None
    }

    fn ask_for_topics(&mut self, _: &[TopicName]) -> bool {
        true
    }

    fn topics_answer(&mut self) -> Option<TopicAnswer> {
        Some(TopicAnswer::Unsupported)
    }

    fn seek_to_beginning(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        partitions.to_vec()
    }

    fn topic_identities(&self, _: &[TopicName]) -> TopicIdentities {
        TopicIdentities::new()
    }

    fn commit(&mut self, _: &[(TopicPartition, Position)]) -> Result<(), ClientError> {
        Ok(())
    }

    fn commit_within(
        &mut self,
        _: &[(TopicPartition, Position)],
        _: Duration,
    ) -> Result<(), ClientError> {
        Ok(())
    }
}

fn wanted(into: &mut dyn Intake, partition: i32, offset: i64) -> bool {
    into.source("orders", partition) && into.admits(Offset(offset), LeaderEpoch::UNKNOWN)
}

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(partition))
}

/// What became of the arrivals, with two partitions assigned.
struct Seen {
    handed_on: Vec<(i32, i64)>,
    /// The number of the partition of each of these, and the key that orders it.
    orders: Vec<(PartitionNo, Option<KeyHash>)>,
    paused: Vec<TopicPartition>,
    health: ListenerHealth,
}

fn poll<const DRAINS: usize>(drains: [&[Arrival]; DRAINS]) -> Seen {
    let (clock, mailbox) = (Clock::system(), Mailbox::new(1));
    let board = Arc::new(Board::new(ListenerId::new("shop")));
    let (stop, paused) = (Arc::new(ShutdownTrigger::new()), Arc::default());
    let rebalancer = Arc::new(Rebalancer::new(Surroundings {
        mailbox: mailbox.clone(),
        board: board.clone(),
        clock: clock.clone(),
        within: Duration::ZERO,
        stop_by: Arc::default(),
        unassigned: Arc::default(),
        stop: stop.clone(),
        seed: 0,
    }));
    rebalancer.assigned(&[at(0), at(1)].map(|at| StartPosition {
        at,
        committed: None,
        topic_id: None,
    }));
    let drains = drains.into_iter().map(<[Arrival]>::to_vec).collect();
    let mut poll = PollLoop {
        consumer: Box::new(Scripted {
            drains,
            stop: stop.clone(),
            paused: Arc::clone(&paused),
        }),
        rebalancer,
        mailbox: mailbox.clone(),
        ordering: Ordering::Partition,
        budget: Budget::for_workers(1),
        commits: PollLoop::commit_timer(CommitPolicy::default(), &clock),
        clock: clock.clone(),
        shutdown: stop.listen(),
        settling: Settling::new(GroupId::new("shop").unwrap(), Vec::new(), clock.clone()),
        topics: TopicWatch::new(clock.now()),
        lookout: Lookout::new(board.clone(), Vec::new(), clock.clone()),
        doubts: Doubts::new(clock.now()),
        silence: Silence::new(clock.now()),
        expected_bytes: 0,
    };
    poll.run();
    let mut messages = VecDeque::new();
    mailbox.take(&mut messages);
    let parcels = messages.into_iter().filter_map(|message| match message {
        Message::Records(parcel) => Some(parcel),
        Message::Assigned { .. } | Message::Drain(_) | Message::End => None,
    });
    let mut orders = Vec::new();
    let handed_on = parcels.flat_map(|parcel| {
        orders.extend(
            parcel
                .records
                .iter()
                .map(|record| (record.partition, record.key)),
        );
        let records = (0..parcel.batch.len()).filter_map(|index| parcel.batch.record(index));
        records
            .map(|record| (record.partition().0, record.offset().0))
            .collect::<Vec<_>>()
    });
    let handed_on = handed_on.collect();
    let paused = paused.lock().unwrap().clone();
    Seen {
        handed_on,
        orders,
        paused,
        health: board.health(),
    }
}

#[test]
fn what_came_with_damage_and_behind_it_is_not_handed_on() {
    let seen = poll([&[
        Record(0, 7),
        Damage(0, 8),
        Record(0, 9),
        Record(1, 3),
        Record(0, 10),
    ]]);
    assert_eq!(seen.handed_on, [(0, 7), (1, 3)]);
    let [halted] = seen.health.halted.as_slice() else {
        panic!("{:?}", seen.health)
    };
    assert_eq!((&halted.partition, halted.offset), (&at(0), Offset(8)));
    assert!(
        halted
            .to_string()
            .contains("orders-0 waits at offset 8: it is damaged; nothing"),
        "{halted}"
    );
    assert!(!seen.health.is_ready());
}

#[test]
fn what_was_fetched_behind_damage_and_comes_later_is_not_handed_on_either() {
    let seen = poll([
        &[Damage(0, 8)],
        &[Record(0, 9), Damage(0, 11), Record(1, 3)],
        &[Record(0, 12)],
    ]);
    assert_eq!(seen.handed_on, [(1, 3)]);
    assert_eq!(
        seen.health
            .halted
            .iter()
            .map(|halted| halted.offset)
            .collect::<Vec<_>>(),
        [Offset(8)]
    );
}

#[test]
fn the_offset_is_the_first_one_that_was_not_read_also_in_the_middle_of_a_batch() {
    let seen = poll([&[Record(0, 7), Damage(0, 5)]]);
    assert_eq!(
        seen.health
            .halted
            .iter()
            .map(|halted| halted.offset)
            .collect::<Vec<_>>(),
        [Offset(8)]
    );
}

#[test]
fn a_damaged_partition_is_not_fetched_any_more_and_the_others_are() {
    let seen = poll([&[Damage(1, 8)], &[Record(0, 0)]]);
    assert_eq!(seen.paused, [at(1)]);
}

#[test]
fn a_partition_that_the_broker_refuses_is_red_until_a_record_comes() {
    let refused = poll([&[Record(0, 7), Refusal(0, 8), Refusal(0, 8)]]);
    let problems = refused.health.problems.as_slice();
    assert!(
        matches!(problems, [Problem::FetchFailing { partition, offset: Offset(8), .. }] if *partition == at(0)),
        "{problems:?}"
    );
    let passed = poll([&[Refusal(0, 8)], &[Record(0, 8)]]);
    assert_eq!(passed.handed_on, [(0, 8)]);
    assert_eq!(passed.health.problems, []);
}

#[test]
fn records_behind_a_cut_are_in_one_order_with_those_from_before_it() {
    let seen = poll([&[Record(0, 7), Record(1, 2), Record(0, 3)]]);
    assert_eq!(seen.handed_on, [(0, 7), (1, 2), (0, 3)]);
    let [before, other, behind] = seen.orders.try_into().unwrap();
    assert_ne!(before.0, behind.0, "what was read is forgotten");
    assert!(before.1.is_some() && before.1 == behind.1);
    assert_ne!(before.1, other.1);
}
