//! What every room stands on: time, and the tasks that run in it.

pub mod clock;

pub use clock::Clock;
