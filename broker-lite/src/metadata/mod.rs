//! The topics of the cluster with their partitions and settings, and the identity of its nodes.
//!
//! Pure data. An [`Image`] holds ids, names and settings and nothing that is open or running: a
//! node that holds a partition's log knows that in its replica manager. An image does not change,
//! so a request that has taken one from the [`MetadataCache`] sees one state from start to end.

mod image;
mod topic;
mod node;
mod cache;

pub(crate) use cache::MetadataCache;
pub(crate) use image::Image;
pub(crate) use node::NodeIdentity;
pub(crate) use topic::{Topic, is_internal};
