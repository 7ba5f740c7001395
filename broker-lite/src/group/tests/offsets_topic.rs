//! `__consumer_offsets` on a file system in memory: what is written is read back, and no more.

use std::sync::Arc;

use crate::config::{Config, Settings};
use crate::controller::Controller;
use crate::group::committed::{CommittedOffset, CommittedOffsets};
use crate::group::offsets_topic::{NAME, OffsetsTopic, offsets_topic};
use crate::group::records::Record;
use crate::log::AppendOrigin;
use crate::metadata::MetadataCache;
use crate::replica::{Partition, ReplicaManager};
use crate::runtime::Clock;
use crate::state_log::StateLog;
use crate::storage::{Fs, MemoryFs};
use crate::types::{
    GroupId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicName, TopicPartition,
};
use crate::wire::record_batch::BatchBuilder;

struct Opened {
    topic: OffsetsTopic,
    replicas: Arc<ReplicaManager>,
    clock: Clock,
}

fn open(fs: &Arc<dyn Fs>, partitions: i32) -> Opened {
    let defaults = Config::resolve(Settings::new()).unwrap().topics;
    let (metadata, clock) = (Arc::new(MetadataCache::default()), Clock::new());
    let (fs, known) = (|| Arc::clone(fs), || Arc::clone(&metadata));
    let replicas = ReplicaManager::new(fs(), clock.clone(), defaults.clone(), known());
    let replicas = Arc::new(replicas);
    let controller = Controller::open(fs(), defaults, known(), Arc::clone(&replicas)).unwrap();
    let controller = Arc::new(controller);
    let topic = offsets_topic(controller, Arc::clone(&replicas), clock.clone(), partitions);
    Opened {
        topic,
        replicas,
        clock,
    }
}

impl Opened {
    fn append(&self, group: &GroupId, records: &[Record]) -> Option<()> {
        let mut appended = self.topic.append(group.as_str(), records);
        appended.poll_now()?.ok()
    }
}

fn partitions(opened: &Opened) -> Vec<Arc<Partition>> {
    opened.topic.prepare().unwrap();
    let view = opened.replicas.view();
    let topic = view.image().topic(NAME).unwrap();
    let partition = |id| Arc::clone(view.partition(topic, id).unwrap());
    topic.partitions().map(partition).collect()
}

fn record(group: &str, offset: i64) -> Record {
    let committed = CommittedOffset {
        offset: Offset(offset),
        leader_epoch: LeaderEpoch(0),
        metadata: "".into(),
        committed_at: Timestamp(1),
        expires_at: None,
        topic_id: None,
    };
    let at = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(0));
    Record::Offset {
        group: GroupId::new(group),
        at,
        committed: Some(committed),
    }
}

fn read_back(topic: &Opened) -> Vec<(String, i64)> {
    let groups = topic.topic.replay().unwrap().into_groups();
    let offset = |offsets: &CommittedOffsets| offsets.iter().next().unwrap().1.offset.0;
    let mut found: Vec<_> = groups
        .map(|(group, replayed)| (group.to_string(), offset(&replayed.offsets)))
        .collect();
    found.sort();
    found
}

#[test]
fn what_was_written_is_read_back_after_a_restart() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 50);
    assert!(read_back(&topic).is_empty());
    for (group, offset) in [("a", 1), ("b", 2), ("a", 3)] {
        topic
            .append(&GroupId::new(group), &[record(group, offset)])
            .unwrap();
    }
    assert_eq!(
        read_back(&topic),
        [("a".to_owned(), 3), ("b".to_owned(), 2)]
    );
    // A topic that is there keeps its number of partitions.
    let topic = open(&fs, 7);
    assert_eq!(
        read_back(&topic),
        [("a".to_owned(), 3), ("b".to_owned(), 2)]
    );
    assert_eq!(partitions(&topic).len(), 50);
}

fn size(topic: &Opened) -> u64 {
    partitions(topic)
        .iter()
        .map(|partition| partition.size())
        .sum()
}

#[test]
fn a_group_that_commits_for_ever_takes_no_room_for_it() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 1);
    let forgotten = match record("forgotten", 5) {
        Record::Offset { group, at, .. } => Record::Offset {
            group,
            at,
            committed: None,
        },
        Record::Group { .. } => unreachable!(),
    };
    topic
        .append(&GroupId::new("silent"), &[record("silent", 7)])
        .unwrap();
    topic
        .append(
            &GroupId::new("forgotten"),
            &[record("forgotten", 5), forgotten],
        )
        .unwrap();
    let (mut written, mut largest) = (0, 0);
    for offset in 0..40_000 {
        let before = size(&topic);
        topic
            .append(&GroupId::new("busy"), &[record("busy", offset)])
            .unwrap();
        written += size(&topic).saturating_sub(before);
        largest = size(&topic).max(largest);
    }
    assert!(
        written > 3 * 1024 * 1024 && largest < 1024 * 1024 + 4096,
        "{written} {largest}"
    );
    let expected = [("busy".to_owned(), 39_999), ("silent".to_owned(), 7)];
    assert_eq!(read_back(&topic), expected);
    assert_eq!(read_back(&open(&fs, 1)), expected, "after a restart");
}

#[test]
fn what_others_write_while_a_partition_is_summed_up_counts() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 1);
    let names = ["a", "b", "c"];
    std::thread::scope(|scope| {
        for name in names {
            let topic = &topic;
            scope.spawn(move || {
                for offset in 0..20_000 {
                    topic
                        .append(&GroupId::new(name), &[record(name, offset)])
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(
        read_back(&topic),
        names.map(|name| (name.to_owned(), 19_999))
    );
    assert!(size(&topic) < 2 * 1024 * 1024, "{}", size(&topic));
}

#[test]
fn records_that_are_not_understood_are_not_summed_away() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 1);
    let foreign = BatchBuilder::new().record(topic.clock.wall(), Some(b"\0\x10a"), Some(b"later"));
    let partition = Arc::clone(&partitions(&topic)[0]);
    partition
        .append(&foreign.build().unwrap(), AppendOrigin::Coordinator)
        .unwrap();
    for offset in 0..12_000 {
        topic
            .append(&GroupId::new("busy"), &[record("busy", offset)])
            .unwrap();
    }
    assert_eq!(partition.offsets().unwrap().log_start, Offset(0));
    assert_eq!(read_back(&topic), [("busy".to_owned(), 11_999)]);
}

#[test]
fn a_batch_that_is_damaged_on_the_disk_costs_no_other() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 1);
    for (group, offset) in [("a", 1), ("b", 2), ("a", 3)] {
        topic
            .append(&GroupId::new(group), &[record(group, offset)])
            .unwrap();
    }
    topic.replicas.close();
    let path = format!("{NAME}-0/00000000000000000000.log");
    let mut log = fs.read(&path).unwrap().unwrap();
    // In the value of the last record, where a clean stop has nobody look.
    let at = log.len() - 12;
    log[at] ^= 0x40;
    fs.write(&path, &log).unwrap();
    assert_eq!(
        read_back(&open(&fs, 1)),
        [("a".to_owned(), 1), ("b".to_owned(), 2)]
    );
}

#[test]
fn a_record_that_is_not_understood_costs_no_other() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let topic = open(&fs, 1);
    topic.append(&GroupId::new("a"), &[record("a", 1)]).unwrap();
    let foreign =
        BatchBuilder::new().record(topic.clock.wall(), Some(b"\0\x02\0\x01a"), Some(b"\0\x63"));
    partitions(&topic)[0]
        .append(&foreign.build().unwrap(), AppendOrigin::Coordinator)
        .unwrap();
    topic.append(&GroupId::new("b"), &[record("b", 2)]).unwrap();
    assert_eq!(
        read_back(&topic),
        [("a".to_owned(), 1), ("b".to_owned(), 2)]
    );
}
