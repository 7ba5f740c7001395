//! Time, tasks and error texts, which every module uses.

pub mod clock;
mod tasks;
mod yield_budget;
mod trouble;
mod error_chain;

pub use clock::Clock;
pub(crate) use error_chain::error_chain;
pub(crate) use tasks::{Shutdown, Tasks};
pub(crate) use trouble::Trouble;
pub(crate) use yield_budget::YieldBudget;
