//! Creates, deletes and stores topics, and gives out numbers that must not come twice.
//!
//! The [`Controller`] makes changes one after the other: partitions are opened, the topics are
//! written to the disk, and then a new image is published to the metadata cache. With a data folder
//! all of it survives `kill -9`.
//!
//! Each fact that is kept has a file of its own: the topics, the names of cluster and node, the
//! number of starts, and how far producer ids are given out.

mod topics;
mod new_topic;
mod store;
mod topic_file;
mod meta_properties;
mod start_epoch;
mod producer_ids;
mod error;

pub(crate) use error::{StoreError, TopicError};
pub(crate) use meta_properties::open_identity;
pub(crate) use new_topic::NewTopic;
pub(crate) use producer_ids::ProducerIds;
#[cfg(fuzzing)]
pub(crate) use topic_file::fuzz as fuzz_topic_file;
pub(crate) use topics::Controller;

#[cfg(test)]
mod tests;
