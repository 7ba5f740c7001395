//! One consumer of a listener: its thread, what it reads, and which partitions it has.
//!
//! The thread (`thread.rs`) makes the Kafka client with a factory (`factory.rs`) and runs the loop
//! (`poll_loop.rs`), which serves commands and the client's events, takes as many records as the
//! budget (`budget.rs`) allows, and commits what is finished. It never waits for a handler, so a
//! slow one costs no membership.
//!
//! `assignment.rs` is the table of the partitions the consumer has. Everything else reads or writes
//! it: the hooks of a rebalance (`rebalance.rs`, `drain.rs`), records as they come (`sink.rs`,
//! `fetch_position.rs`), pauses (`pause.rs`, `pause_reasons.rs`), the client's news (`news.rs`),
//! and the checks that a log was not truncated (`validation.rs`), a topic not created again
//! (`topic_id_check.rs`) and a partition not stuck (`stall_check.rs`).

mod thread;
mod poll_loop;
mod factory;
mod sink;
mod topic_id_check;
mod validation;
mod stall_check;
mod news;
mod drain;
mod rebalance;
mod pause;
mod assignment;
mod pause_reasons;
mod fetch_position;
mod leader_epochs;
mod topic_probe;
mod first_assignment;
mod budget;
mod properties;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod damage_tests;

pub(crate) use drain::CANCEL_TIMEOUT;
pub(super) use drain::Drained;
pub(super) use factory::{ConsumerFactory, KafkaConsumerFactory};
pub(crate) use properties::queue_kbytes;
#[cfg(test)]
pub(super) use scripted::{Arrival, Requests, ScriptedConsumer};
pub(super) use thread::ConsumerThread;
