//! One consumer of a listener: its thread, what it reads, and which partitions it has.
//!
//! The thread (`thread.rs`) makes the Kafka client and runs the loop (`poll_loop.rs`), which serves
//! the client, takes as many records as the budget allows (`budget.rs`) and commits what is
//! finished. `rebalance.rs` hears from the client which partitions come and go. It never waits for
//! a handler, so a slow one costs no membership.

mod thread;
mod poll_loop;
mod sink;
mod topic_watch;
mod doubts;
mod silence;
mod rebalance;
mod reading;
mod leader_epochs;
mod topic_probe;
mod settling;
mod budget;
mod properties;
#[cfg(test)]
mod damage_tests;

pub(super) use properties::consumer_properties;
pub(crate) use properties::queue_kbytes;
pub(crate) use rebalance::GRACE;
pub(super) use rebalance::{Drained, Rebalancer, Surroundings};
pub(super) use thread::Member;
