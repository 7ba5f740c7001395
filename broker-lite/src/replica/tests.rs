//! A partition and the manager from the outside.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::*;
use crate::config::{Config, Settings, TopicConfig};
use crate::log::{
    AppendError, AppendOrigin, LogConfig, OffsetSpec, OpenMode, ReadBudget, ReadError,
};
use crate::metadata::Topic;
use crate::runtime::Clock;
use crate::storage::{FaultyFs, Fs, MemoryFs};
use crate::types::{LeaderEpoch, Offset, PartitionId, TopicId, TopicName, TopicPartition};
use crate::wire::record_batch::{BatchBuilder, BatchHeader};

const ALL: ReadBudget = ReadBudget::at_most(1 << 20);

fn home() -> PartitionHome {
    PartitionHome {
        fs: Arc::new(MemoryFs::default()),
        clock: Clock::new(),
        topic_id: TopicId::random(),
        mode: OpenMode::Create,
        at: TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(0)),
    }
}

fn open(home: &PartitionHome) -> Partition {
    Partition::open(home.clone(), LogConfig::default()).unwrap()
}

/// A batch of `count` records of some `size` bytes, written now.
fn batch(clock: &Clock, count: usize, size: usize) -> Bytes {
    let value = vec![b'v'; size];
    let add = |batch: BatchBuilder, _| batch.record(clock.wall(), None, Some(&value));
    (0..count).fold(BatchBuilder::new(), add).build().unwrap()
}

fn append(partition: &Partition, home: &PartitionHome, count: usize, size: usize) -> i64 {
    partition
        .append(&batch(&home.clock, count, size), AppendOrigin::Client)
        .unwrap()
        .base_offset
        .0
}

/// Base offsets of what a read answers.
fn read(partition: &Partition, from: i64, budget: ReadBudget) -> Vec<i64> {
    let mut rest = Bytes::from(
        partition
            .read(Offset(from), budget)
            .unwrap()
            .chunks
            .concat(),
    );
    let mut bases = Vec::new();
    while !rest.is_empty() {
        let header = BatchHeader::check(&rest).unwrap();
        bases.push(header.base_offset.0);
        rest = rest.split_off(header.size);
    }
    bases
}

#[test]
fn a_batch_gets_the_next_offsets_and_reads_back_whole() {
    let home = home();
    let partition = open(&home);
    let first = partition
        .append(&batch(&home.clock, 3, 10), AppendOrigin::Client)
        .unwrap();
    assert_eq!(
        (first.base_offset, first.last_offset, first.log_append_time),
        (Offset(0), Offset(2), None)
    );
    append(&partition, &home, 2, 5000);
    assert_eq!(read(&partition, 0, ALL), [0, 3]);
    assert_eq!(
        read(&partition, 2, ALL),
        [0, 3],
        "an offset in the middle of a batch gives it whole"
    );
    assert_eq!(read(&partition, 4, ALL), [3]);
    assert_eq!(
        read(&partition, 5, ALL),
        [] as [i64; 0],
        "the end is not an error"
    );
    for outside in [-1, 6] {
        let error = partition.read(Offset(outside), ALL).unwrap_err();
        assert!(
            matches!(error, ReadError::OutOfRange { end: Offset(5), .. }),
            "{error}"
        );
    }
}

#[test]
fn a_first_batch_larger_than_the_budget_goes_out_if_asked_for() {
    let home = home();
    let partition = open(&home);
    append(&partition, &home, 1, 100_000);
    append(&partition, &home, 1, 10);
    assert_eq!(
        read(&partition, 0, ReadBudget::at_most(1000)),
        [] as [i64; 0]
    );
    assert_eq!(
        read(&partition, 0, ReadBudget::at_most(1000).or_one_batch()),
        [0]
    );
    assert_eq!(
        read(&partition, 0, ReadBudget::at_most(0).or_one_batch()),
        [0]
    );
}

#[tokio::test]
async fn news_wakes_who_registered_before_it() {
    let home = home();
    let partition = open(&home);
    let waiter = Arc::new(Notify::new());
    let registration = partition.register(&waiter);
    append(&partition, &home, 1, 10);
    waiter.notified().await;
    home.clock.advance(Duration::from_secs(8 * 24 * 60 * 60));
    partition.enforce_retention(home.clock.wall()).unwrap();
    waiter.notified().await;
    assert_eq!(partition.offsets().unwrap().log_start, Offset(1));
    partition.close().unwrap();
    waiter.notified().await;
    drop(registration);
    assert_eq!(
        Arc::strong_count(&waiter),
        1,
        "nobody holds the notifier any more"
    );
}

#[test]
fn a_closed_partition_refuses_and_opens_again_where_it_was() {
    let home = home();
    let partition = open(&home);
    append(&partition, &home, 2, 10);
    partition.close().unwrap();
    let error = partition
        .append(&batch(&home.clock, 1, 0), AppendOrigin::Client)
        .unwrap_err();
    assert!(matches!(error, AppendError::Closed), "{error}");
    assert!(matches!(
        partition.read(Offset(0), ALL),
        Err(ReadError::Closed)
    ));
    assert!(matches!(
        partition.lookup(OffsetSpec::Latest),
        Err(ReadError::Closed)
    ));
    assert!(
        matches!(partition.offsets(), Err(ReadError::Closed)),
        "and not offset 0"
    );
    partition.close().unwrap();
    let again = open(&home);
    assert_eq!(append(&again, &home, 1, 10), 2);
    assert_eq!(again.leader_epoch(), LeaderEpoch(1));
    let end_of = |epoch| {
        again
            .end_offset_for_epoch(LeaderEpoch(epoch))
            .unwrap()
            .unwrap()
            .end
    };
    assert_eq!((end_of(0), end_of(1)), (Offset(2), Offset(3)));
}

#[test]
fn a_deleted_partition_leaves_nothing() {
    let home = home();
    let partition = open(&home);
    append(&partition, &home, 2, 10);
    partition.delete().unwrap();
    assert_eq!(home.fs.list("").unwrap(), [] as [String; 0]);
    assert_eq!(append(&open(&home), &home, 1, 10), 0);
}

#[test]
fn readers_on_other_threads_see_every_batch_once_and_in_order() {
    const BATCHES: i64 = 500;
    let home = home();
    let config = LogConfig {
        segment_bytes: 20_000,
        ..LogConfig::default()
    };
    let partition = &Partition::open(home.clone(), config).unwrap();
    let home = &home;
    thread::scope(|scope| {
        for size in [10, 3000] {
            scope.spawn(move || {
                for _ in 0..BATCHES {
                    append(partition, home, 1, size);
                }
            });
        }
        for budget in [100, 5000, 1 << 20] {
            scope.spawn(move || {
                let mut next = 0;
                while next < 2 * BATCHES {
                    let bases = read(partition, next, ReadBudget::at_most(budget).or_one_batch());
                    let expected: Vec<i64> = (next..).take(bases.len()).collect();
                    assert_eq!(bases, expected);
                    next += i64::try_from(bases.len()).unwrap();
                    thread::yield_now();
                }
            });
        }
    });
}

fn manager(fs: Arc<dyn Fs>) -> ReplicaManager {
    let defaults = Config::resolve(Settings::new()).unwrap().topics;
    ReplicaManager::new(fs, Clock::new(), defaults, Arc::default())
}

fn topic(partitions: i32) -> Topic {
    let name = TopicName::new("orders").unwrap();
    let (settings, config) = (Settings::new(), TopicConfig::default());
    Topic::new(name, TopicId::random(), partitions, settings, config)
}

#[test]
fn a_topic_whose_files_cannot_be_removed_is_closed_and_no_longer_hosted() {
    let disk = Arc::new(FaultyFs::default());
    let (manager, topic) = (manager(Arc::clone(&disk) as Arc<dyn Fs>), topic(3));
    manager.open(&topic, OpenMode::Create).unwrap();
    let before = manager.view();
    disk.break_down();
    assert!(manager.delete(&topic).is_err());
    for id in topic.partitions() {
        assert!(before.partition(&topic, id).unwrap().is_closed());
        let gone = manager.view().partition(&topic, id).err();
        assert_eq!(gone, Some(PartitionError::NotHosted));
    }
}

#[test]
fn a_topic_is_hosted_whole_or_not_at_all() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = topic(2);
    let existing = OpenMode::Existing {
        min_epoch: LeaderEpoch(1),
    };
    manager(Arc::clone(&fs))
        .open(&topic, OpenMode::Create)
        .unwrap();
    fs.remove_dir("orders-1").unwrap();
    let manager = manager(fs);
    assert!(manager.open(&topic, existing).is_err());
    let first = manager.view().partition(&topic, PartitionId(0)).err();
    assert_eq!(first, Some(PartitionError::NotHosted));
}
