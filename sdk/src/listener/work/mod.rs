//! The work on one record, from its first attempt to its end.
//!
//! `worker.rs` starts and polls what runs in the slots. A slot holds one unit of work (`unit.rs`):
//! an attempt to handle a record (`attempt.rs`), or the forwarding of one that failed for good
//! (`forward.rs`). `failure.rs` decides what follows a failed attempt, and `settle.rs` does it. A
//! record has one way out: its unit ends with a [`Step`](super::dispatch::Step).

mod worker;
mod unit;
mod attempt;
mod forward;
mod settle;
mod listener_work;
mod route;
mod failure;
mod held;
mod panics;

pub(super) use listener_work::ListenerWork;
pub(super) use worker::RecordWorker;
