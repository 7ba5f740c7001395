//! Offsets, names, ids and times, as every module uses them.
//!
//! Plain values without I/O and without async. A name is checked once, when it is made; a
//! number is a newtype wherever a swap with another number would compile.

mod offset;
mod topic;
mod producer;
mod group;
mod node;
mod time;

pub use group::GroupId;
pub use node::NodeId;
pub use offset::{LeaderEpoch, Offset};
pub use producer::{ProducerEpoch, ProducerId};
pub use time::Timestamp;
pub use topic::{InvalidTopicName, PartitionId, TopicId, TopicName, TopicPartition};
