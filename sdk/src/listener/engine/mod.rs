//! The engine of a consumer: one task (`task.rs`) that polls all running handlers, and the channel
//! (`channel.rs`) through which the consumer's thread sends it records.

mod task;
mod channel;

pub(super) use channel::{Blank, Mailbox, Message};
pub(super) use task::Engine;

#[cfg(test)]
mod tests;
