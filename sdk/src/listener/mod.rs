//! The listener engine: from the poll to the user's function, and back to the commit.
//!
//! A [`Container`] is a running listener. It has one or more consumers, and each of them has
//!
//! - a **poll thread** (`consumer/`) that serves the Kafka client, takes as many records as the
//!   budget allows, commits what is finished, and gives partitions back when they are revoked. It
//!   never waits for a handler, so a slow one costs no membership;
//! - an **engine** (`engine/`), one task that polls all running handlers itself: `dispatch/`
//!   decides which record runs next, `work/` runs it and does what the failure policy says.
//!
//! They meet in a channel (`engine/channel.rs`) and, for each partition, in one atomic number
//! (`commit/progress.rs`).
//!
//! Each module uses only modules below it.

mod container;
mod guarantee;
mod consumer;
mod engine;
mod work;
mod dispatch;
mod commit;
mod shared;
mod command;
mod health;
#[cfg(test)]
mod random;
#[cfg(test)]
mod testing;

pub use crate::client::problem::{Problem, ProblemKind, ProblemSubject};
pub use commit::CommitPolicy;
pub(crate) use consumer::{CANCEL_TIMEOUT, queue_kbytes};
pub use container::{Container, ContainerBuilder, ListenerError, StopReport};
pub use guarantee::{DeliveryGuarantee, Guarantee};
pub use health::{FailedAttempt, HaltedPartition, ListenerHealth, ListenerState, TruncatedLog};
