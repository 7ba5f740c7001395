//! The engine of a consumer: one task that runs the handlers of all its records.
//!
//! The task (`task.rs`) polls the running handlers itself, for about a millisecond at a time
//! (`pace.rs`). It gets records from the consumer's
//! thread through a channel (`channel.rs`), which also carries the memory of finished batches back
//! (`recycling.rs`). A handler that waits is woken by the waker of its slot (`wakers.rs`).

mod task;
mod pace;
mod channel;
mod wakers;
mod recycling;

pub(super) use channel::{EngineChannel, Message};
pub(super) use recycling::SpareBatch;
pub(super) use task::Engine;

#[cfg(test)]
mod tests;
