//! The partitions that this node holds, and one partition as its leader sees it.
//!
//! The [`ReplicaManager`] opens, keeps and removes partitions; a request takes a [`LocalView`] of
//! them. A [`Partition`] appends, reads, looks up, and wakes those who wait for news. With one
//! replica everything written is visible at once: high watermark, last stable offset and log end
//! are the same number.
//!
//! A mutex stands around the log of each partition. Appending writes under it, on a thread of the
//! runtime: a write goes to the page cache, and requests that append many batches yield between
//! them. Reading plans under it and reads the disk without it; only a [`LockedPartition`], which is
//! there to keep others away, reads while it holds the log.

mod manager;
mod hosted;
mod leader;
mod locked;
mod waiters;
mod disk_reports;
mod offsets;
mod error;

pub(crate) use error::ReplicaError;
pub(crate) use hosted::{LocalView, PartitionError};
pub(crate) use leader::{Partition, PartitionHome};
pub(crate) use locked::LockedPartition;
pub(crate) use manager::ReplicaManager;
pub(crate) use offsets::{PartitionOffsets, ReadAnswer};
pub(crate) use waiters::Registration;

#[cfg(test)]
mod tests;
