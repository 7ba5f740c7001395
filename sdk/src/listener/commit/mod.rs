//! Which offsets may be committed, and when.
//!
//! The engine notes in `tracker.rs` which records of a partition are finished, and publishes the
//! offset to commit through `progress.rs`; `pacing.rs` says when the poll thread sends it.

mod pacing;
mod outrun;
mod progress;
mod tracker;
mod partition_no;

pub(super) use outrun::Outrun;
pub use pacing::CommitPolicy;
pub(super) use pacing::CommitTimer;
pub(super) use partition_no::PartitionNo;
pub(super) use progress::{Drain, Progress};
pub(super) use tracker::{OffsetTracker, Sequence};
