//! A partition from the outside.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;

use super::*;
use crate::{
    runtime::Clock,
    storage::MemoryFs,
    types::{Offset, PartitionId, TopicId, TopicName, TopicPartition},
    wire::record_batch::{BatchHeader, patch},
};

fn partition() -> Partition {
    let at = TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(0));
    let fs = Arc::new(MemoryFs::new());
    Partition::open(
        PartitionHome { fs, clock: Clock::new(), topic_id: TopicId::random(), at },
        LogConfig::default(),
    )
    .unwrap()
}

/// A batch of `count` records that nobody will open, with `padding` bytes of them.
fn batch(count: i32, padding: usize) -> Vec<u8> {
    let mut bytes = vec![0; BatchHeader::SIZE + padding];
    let length = i32::try_from(bytes.len() - BatchHeader::UNCOUNTED).unwrap();
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    bytes[16] = 2;
    bytes[23..27].copy_from_slice(&(count - 1).to_be_bytes());
    bytes[43..57].fill(0xff);
    bytes[57..61].copy_from_slice(&count.to_be_bytes());
    let crc = patch::checksum(&bytes);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn bases(chunks: &[Bytes]) -> Vec<i64> {
    let mut rest = Bytes::from(chunks.concat());
    let mut bases = Vec::new();
    while !rest.is_empty() {
        let header = BatchHeader::check(&rest).unwrap();
        bases.push(header.base_offset.0);
        rest = rest.split_off(header.size);
    }
    bases
}

fn read(partition: &Partition, from: i64, budget: ReadBudget) -> Vec<i64> {
    bases(&partition.read(Offset(from), budget).unwrap().chunks)
}

#[test]
fn a_batch_gets_the_next_offsets_and_reads_back_whole() {
    let partition = partition();
    let first = partition.append(&batch(3, 10), AppendOrigin::Client).unwrap();
    assert_eq!((first.base_offset, first.last_offset), (Offset(0), Offset(2)));
    partition.append(&batch(2, 5000), AppendOrigin::Client).unwrap();
    let all = ReadBudget::at_most(1 << 20);
    assert_eq!(read(&partition, 0, all), [0, 3]);
    assert_eq!(read(&partition, 2, all), [0, 3], "an offset in the middle of a batch gives it whole");
    assert_eq!(read(&partition, 4, all), [3]);
    assert_eq!(read(&partition, 5, all), [] as [i64; 0], "the end is not an error");
    assert!(matches!(partition.read(Offset(6), all), Err(ReadError::OutOfRange { end: Offset(5), .. })));
}

#[test]
fn a_first_batch_larger_than_the_budget_goes_out_if_asked_for() {
    let partition = partition();
    partition.append(&batch(1, 100_000), AppendOrigin::Client).unwrap();
    partition.append(&batch(1, 10), AppendOrigin::Client).unwrap();
    assert_eq!(read(&partition, 0, ReadBudget::at_most(1000)), [] as [i64; 0]);
    assert_eq!(read(&partition, 0, ReadBudget::at_most(1000).or_one_batch()), [0]);
    assert_eq!(read(&partition, 0, ReadBudget::at_most(0).or_one_batch()), [0]);
}

#[tokio::test]
async fn an_append_wakes_who_registered_before_it() {
    let partition = partition();
    let waiter = Arc::new(Notify::new());
    let registration = partition.register(&waiter);
    partition.append(&batch(1, 0), AppendOrigin::Client).unwrap();
    waiter.notified().await;
    partition.close().unwrap();
    waiter.notified().await;
    drop(registration);
    assert!(partition.is_closed());
    assert!(matches!(partition.append(&batch(1, 0), AppendOrigin::Client), Err(AppendError::Closed)));
}
