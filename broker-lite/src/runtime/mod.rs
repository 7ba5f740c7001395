//! What every room stands on: time, the tasks that run in it, and words for what went wrong.

pub mod clock;
mod tasks;
mod turn;
mod trouble;
mod words;

pub use clock::Clock;
pub(crate) use tasks::{Shutdown, Tasks};
pub(crate) use trouble::Trouble;
pub(crate) use turn::Turn;
pub(crate) use words::chain;
