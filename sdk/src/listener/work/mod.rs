//! The work on one record: `worker.rs` calls the handler and polls it, `failure.rs` decides what
//! becomes of a record that failed.

mod worker;
mod failure;

pub(super) use worker::{RecordWorker, Workshop};
