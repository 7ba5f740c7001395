//! Time, tasks and shutdown, which no other module takes from the operating system or tokio
//! directly.
//!
//! A module is handed a [`Clock`], spawns its tasks on [`Tasks`], and is told to end by
//! [`Shutdown`]. So a test can move time by hand, and every task has an owner that ends it.

mod clock;
mod shutdown;
mod tasks;
mod error_text;
#[cfg(test)]
pub(crate) mod written;

pub(crate) use clock::later;
pub use clock::{Clock, Elapsed, ManualClock, Sleep};
pub(crate) use error_text::{BoundedText, MAX_SHOWN_VALUE, error_chain, sources};
pub use shutdown::{Shutdown, ShutdownTrigger};
pub use tasks::{Leftover, Tasks};
