//! What the cluster knows about itself: its topics, its id, which producer ids are taken.
//!
//! Readers take an immutable [`Image`] and never wait; changes are made one after the other by the
//! [`Catalogue`], written down before they are shown. With a data folder all of it survives `kill
//! -9`.

mod topic;
mod image;
mod catalogue;
mod notes;
mod identity;
mod producer_ids;
mod leadership;
mod log_config;
mod error;

pub(crate) use catalogue::{Catalogue, NewTopic};
pub(crate) use error::CatalogueError;
pub(crate) use identity::Identity;
pub(crate) use image::Image;
#[cfg(fuzzing)]
pub(crate) use notes::fuzz as fuzz_catalogue;
pub(crate) use producer_ids::ProducerIds;
pub(crate) use topic::{Topic, is_internal};
