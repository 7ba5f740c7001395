//! Time, tasks and the way down: what the rest of the house may not take from the runtime directly.
//!
//! A room never asks the operating system what time it is, never sleeps on its own and never spawns
//! a task that nobody owns. It is handed a [`Clock`], puts its tasks into [`Tasks`], and hears of
//! the end through [`Shutdown`]. That is what lets a test move time by hand and see every task
//! gone.

mod clock;
mod shutdown;
mod tasks;
mod words;
#[cfg(test)]
pub(crate) mod written;

pub(crate) use clock::later;
pub use clock::{Clock, Elapsed, ManualClock, Sleep};
pub use shutdown::{Shutdown, ShutdownTrigger};
pub use tasks::{Leftover, Tasks};
pub(crate) use words::{Bounded, chain, sources};
