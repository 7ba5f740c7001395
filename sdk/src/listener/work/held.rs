//! The state of a parked record until it is started again.

use crate::client::Record;
use crate::dead_letter::Failure;

/// The state of a parked record until it is started again.
#[derive(Debug)]
pub(in crate::listener) enum Held {
    /// The next attempt has this number.
    Retry { attempt: u32 },
    /// The record is to be offered to its destination again, for the `offer`th time.
    Forward {
        failed: Box<FailedRecord>,
        offer: u32,
    },
}

/// A record that failed for good.
#[derive(Clone, Debug)]
pub(in crate::listener) struct FailedRecord {
    pub(super) record: Record,
    pub(super) failure: Failure,
}
