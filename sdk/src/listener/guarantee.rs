//! The guarantee of a listener, computed from its settings.

use std::fmt;
use std::time::Duration;

use super::commit::CommitPolicy;
use super::dispatch::MAX_SPAN;
use crate::endpoint::{Ordering, ResolvedEndpoint};
use crate::retry::OnExhausted;

/// Most records of a partition that may finish before an older one. The engine looks no further
/// ahead.
const MAX_OUT_OF_ORDER: u64 = MAX_SPAN - 1;

/// The guarantee of a listener. Logged at start; a test can compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guarantee {
    /// The number of deliveries of a record.
    pub delivery: DeliveryGuarantee,
    /// The records that are handled one after another.
    pub ordering: Ordering,
    /// The end of a record that cannot be handled.
    pub on_exhausted: OnExhausted,
    /// After a crash, everything finished within this time before it, and the time that a commit
    /// takes, may be delivered again, …
    pub commit_interval: Duration,
    /// … and so may records that were finished while an older one of their partition was not: at
    /// most this many of each partition.
    pub out_of_order: u64,
}

/// The number of deliveries of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryGuarantee {
    /// At least once: more often only after a crash, a rebalance or a failed commit.
    AtLeastOnce,
}

impl Guarantee {
    pub(super) fn of(endpoint: &ResolvedEndpoint, commits: CommitPolicy) -> Self {
        let workers = endpoint.processing.workers.get();
        let in_order = workers == 1 && endpoint.processing.ordering == Ordering::Partition;
        Self {
            delivery: DeliveryGuarantee::AtLeastOnce,
            ordering: endpoint.processing.ordering,
            on_exhausted: endpoint.failing.on_exhausted,
            commit_interval: commits.interval,
            // With one worker and partition order nothing overtakes within a partition.
            out_of_order: if in_order { 0 } else { MAX_OUT_OF_ORDER },
        }
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DeliveryGuarantee::AtLeastOnce = self.delivery;
        let ordering = match self.ordering {
            Ordering::Key => "records of a key in order",
            Ordering::Partition => "records of a partition in order",
            Ordering::None => "records in any order",
        };
        let failed = match self.on_exhausted {
            OnExhausted::Halt => "a failed record halts its partition",
            OnExhausted::DeadLetter => "a failed record goes to the dead letters",
            OnExhausted::Skip => "a failed record is logged and skipped",
            OnExhausted::Stop => "a failed record stops the listener",
        };
        write!(
            f,
            "at least once; {ordering}; {failed}; after a crash what was finished in the last {:?} comes again",
            self.commit_interval
        )?;
        match self.out_of_order {
            0 => Ok(()),
            records => {
                write!(
                    f,
                    ", and up to {records} records of a partition that had overtaken an unfinished one"
                )
            }
        }
    }
}
