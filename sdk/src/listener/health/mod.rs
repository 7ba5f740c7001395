//! The health of a listener, for operators.
//!
//! The parts of a listener tell the [`HealthReporter`] what happens (`reporter.rs`), and it keeps
//! the [`ListenerHealth`] that everyone can watch (`state.rs`). What is wrong is a
//! [`Problem`](crate::client::Problem): the client makes it, it reaches operators as it is, and
//! `problems/` knows what shows that it has passed.

mod problems;
mod reporter;
mod state;

pub(super) use reporter::HealthReporter;
pub use state::{FailedAttempt, HaltedPartition, ListenerHealth, ListenerState, TruncatedLog};
