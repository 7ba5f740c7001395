//! The listener engine: from the poll to the user's function, and back to the commit.
//!
//! A [`Container`] is a running listener. It has one or more consumers, and each of them has
//!
//! - a **poll thread** (`poll.rs`) that serves the Kafka client, takes as many records as the
//!   budget allows (`backpressure.rs`), commits what is finished (`commit.rs`), and gives
//!   partitions back when they are revoked (`rebalance.rs`). It never waits for a handler, so a
//!   slow one costs no membership;
//! - an **engine** (`engine/`), one task that polls all running handlers itself: `dispatch/`
//!   decides which record runs next, `worker.rs` runs it and does what the failure policy says
//!   (`failure.rs`).
//!
//! They meet in a mailbox (`mailbox.rs`) and, for each partition, in one atomic number
//! (`progress.rs`).

mod container;
mod error;
mod guarantee;
mod health;
mod lifeline;
mod lookout;
mod settling;
mod properties;
mod poll;
mod doubts;
mod topic_watch;
mod silence;
mod rebalance;
mod outrun;
mod backpressure;
mod commit;
mod engine;
mod worker;
mod failure;
mod mailbox;
mod dispatch;
mod lane;
mod partition;
mod parcel;
mod progress;
mod reading;
mod leader_epochs;
mod offsets;
mod keys;
mod slab;
#[cfg(test)]
mod random;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod damage_tests;

pub use commit::CommitPolicy;
pub use container::{Container, ContainerBuilder, StopReport};
pub use error::ListenerError;
pub use guarantee::{Delivery, Guarantee};
pub use health::{
    FailedAttempt, HaltedPartition, ListenerHealth, ListenerState, Problem, TruncatedLog,
};
pub(crate) use properties::queue_kbytes;
pub(crate) use rebalance::GRACE;
