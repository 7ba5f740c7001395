//! What every room stands on: time, and the tasks that run in it.

pub mod clock;
mod tasks;

pub use clock::Clock;
pub(crate) use tasks::{Shutdown, Tasks};
