//! The few calls of librdkafka that its safe wrapper does not offer, and all of our `unsafe`.
//!
//! A consumer's records are drained from a queue of our own, many per call: less than half of what
//! handing them out one by one costs. Partitions are forwarded to it when they are assigned. The
//! queue that the wrapper polls keeps everything else (rebalances, commits, errors) and must not be
//! drained here: an unanswered rebalance would give the assignment away.
#![expect(
    unsafe_code,
    reason = "the raw queue calls; nothing else in the crate may"
)]

mod client;
mod commit;
mod topics;
mod queue;
mod positions;
mod message;
mod layout;

pub(super) use client::{ask_for_brokers, waiting_events};
pub(super) use commit::{commit, commit_within};
pub(super) use message::{Message, may_be_written};
pub(super) use positions::{known_end, leader_epoch, seek, set_leader_epoch};
pub(super) use queue::{MessageBuffer, RecordQueue};
pub(super) use topics::Described;
