//! Commits: which offsets may be committed, when, and what became of them.
//!
//! The engine notes in `tracker.rs` which records of a partition are finished, and publishes the
//! offset to commit through `progress.rs`. On the consumer's thread `committer.rs` says when the
//! next commit is due (`pacing.rs`) and what its answer means (`stale_commits.rs`), and
//! `offsets.rs` knows what of each partition was sent. `drain.rs` is the last exchange about a
//! partition before its final commit.

mod committer;
mod pacing;
mod stale_commits;
mod offsets;
mod drain;
mod progress;
mod tracker;
mod partition_no;

pub(super) use committer::{CommitAnswer, Committer};
pub(super) use drain::Drain;
pub(super) use offsets::PartitionOffsets;
pub use pacing::CommitPolicy;
pub(super) use partition_no::PartitionNo;
pub(super) use progress::Progress;
pub(super) use tracker::{OffsetTracker, Sequence};
