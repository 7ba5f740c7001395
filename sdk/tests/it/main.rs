//! The SDK as its users meet it, on a broker of its own in each test.
//!
//! One program, since each links librdkafka. What concerns a whole program stands alone:
//! `listeners.rs` discovers all listeners of it, `outage.rs` reads all its log lines, `run.rs`
//! sends it signals, and `ui.rs` calls the compiler.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail by panicking"
)]

mod app;
mod doubles;
mod failures;
mod hops;
mod life_cycle;
mod macros;
mod paved_path;
mod producer;
mod producer_traits;
