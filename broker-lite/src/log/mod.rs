//! The log of one partition: record batches in the order of their offsets, in segments.
//!
//! A batch is validated and copied without the lock ([`ValidatedBatch`]), then given its offsets
//! and written ([`Log::append`]). Reading is planned under the lock ([`Log::plan`]) and done
//! without it ([`ReadPlan`](read::ReadPlan)). Batches are walked over once when they arrive and
//! stay as they are then; only a look-up by time opens them again.
//!
//! Plain blocking code without a lock of its own and without a clock; the module `replica` brings
//! both.

mod partition_log;
mod config;
mod validator;
mod producer_state;
mod segment;
mod index;
mod walk;
mod read;
mod collect;
mod range;
mod budget;
mod lookup;
mod leader_epoch;
mod open;
mod retention;
mod clean_stop;
mod repair;
mod replacement;
mod snapshot;
mod files;
mod error;

pub(crate) use budget::ReadBudget;
pub(crate) use config::LogConfig;
pub(crate) use error::{AppendError, LogError, ReadError, RejectedRecord};
pub(crate) use files::is_partition_folder;
pub(crate) use leader_epoch::EpochEnd;
pub(crate) use lookup::{FoundOffset, Lookup, OffsetSpec};
pub(crate) use open::{LogFolder, OpenMode, Truncation, discard};
pub(crate) use partition_log::{Appended, Log};
pub(crate) use read::Batches;
pub(crate) use validator::{AppendOrigin, ValidatedBatch};
#[cfg(fuzzing)]
pub(crate) use {
    index::fuzz as fuzz_index, leader_epoch::fuzz as fuzz_leader_epochs,
    snapshot::fuzz as fuzz_snapshot,
};

#[cfg(test)]
mod tests;
