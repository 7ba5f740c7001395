//! What the cluster knows about itself: its topics, its id, which producer ids are taken.
//!
//! Readers take an immutable [`Image`] and never wait; changes are made one after the other by the
//! [`Catalogue`], written down before they are shown. With a data folder all of it survives `kill
//! -9`.

mod topic;
mod image;
mod catalogue;
mod topic_file;
mod meta_properties;
mod producer_ids;
mod start_epoch;
mod log_config;
mod error;

pub(crate) use catalogue::{Catalogue, NewTopic};
pub(crate) use error::CatalogueError;
pub(crate) use image::Image;
pub(crate) use meta_properties::Identity;
pub(crate) use producer_ids::ProducerIds;
pub(crate) use topic::{Topic, is_internal};
#[cfg(fuzzing)]
pub(crate) use topic_file::fuzz as fuzz_catalogue;
