//! Programs a newcomer runs in the first five minutes; each one is also a test.

pub mod behaviour;
#[cfg(doctest)]
mod book;
pub mod campus_card;
pub mod concurrency_models;
pub mod kafka_by_doing;
pub mod common;
