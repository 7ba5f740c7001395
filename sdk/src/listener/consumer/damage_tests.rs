//! What the poll loop does when a batch of a partition can't be read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::poll_loop::PollLoop;
use super::rebalance::Rebalancer;
use super::scripted::Arrival::{self, Damage, Record, Refusal};
use super::scripted::{Requests, ScriptedConsumer, at, starts};
use crate::client::{ConsumerHooks as _, Problem, ProblemKind, ProblemSubject};
use crate::listener::command::CommandSender;
use crate::listener::commit::{CommitPolicy, PartitionNo};
use crate::listener::dispatch::KeyHash;
use crate::listener::engine::{EngineChannel, Message};
use crate::listener::health::ListenerHealth;
use crate::listener::testing::{endpoint, shared};
use crate::types::{Offset, TopicPartition};

/// What became of the arrivals, with two partitions assigned.
struct Seen {
    handed_on: Vec<(i32, i64)>,
    /// The number of the partition of each of these, and the key that orders it.
    orders: Vec<(PartitionNo, Option<KeyHash>)>,
    paused: Vec<TopicPartition>,
    health: ListenerHealth,
}

fn poll<const DRAINS: usize>(drains: [&[Arrival]; DRAINS]) -> Seen {
    let (shared, channel) = (shared(), EngineChannel::new(1));
    let (sender, commands) = mpsc::channel();
    shared.add_consumer(CommandSender::new(sender, std::thread::current()));
    let rebalancer = Arc::new(Rebalancer::new(
        shared.clone(),
        channel.clone(),
        CommitPolicy::default(),
        Duration::ZERO,
    ));
    rebalancer.assigned(&starts());
    let (stopping, requests) = (shared.clone(), Arc::<Mutex<Requests>>::default());
    let consumer = Box::new(ScriptedConsumer {
        drains: drains.into_iter().map(<[Arrival]>::to_vec).collect(),
        at_end: Box::new(move || stopping.stop()),
        requests: requests.clone(),
        hooks: None,
    });
    let mut poll = PollLoop::new(
        endpoint("orders", || async {}),
        consumer,
        rebalancer,
        commands,
    );
    poll.run();
    let mut messages = VecDeque::new();
    channel.take(&mut messages);
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
    let paused = requests.lock().unwrap().paused.clone();
    Seen {
        handed_on,
        orders,
        paused,
        health: shared.health.health(),
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
        matches!(problems, [Problem { kind: ProblemKind::FetchFailing, subject: ProblemSubject::Record { partition, offset: Offset(8) }, .. }] if *partition == at(0)),
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
