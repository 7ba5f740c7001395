//! Words the whole house speaks: topics, partitions, offsets, times. No I/O and no async.
//!
//! A value is checked once, when it is made, and believed ever after.

mod topic;
mod position;
mod timestamp;
mod group;

pub use group::{GroupId, InvalidGroupId};
pub(crate) use position::Position;
pub use position::{LeaderEpoch, Offset, PartitionId, TopicPartition};
pub use timestamp::{Timestamp, TimestampType};
pub use topic::{DLT_SUFFIX, InvalidTopicName, TopicName};
