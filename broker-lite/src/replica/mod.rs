//! One partition as its leader sees it: append, read, look up, wait.
//!
//! A [`Partition`] is shared as an `Arc`. A short mutex stands around its log, never held while a
//! reader touches the disk; whoever wants to know about news registers a notifier. With one replica
//! everything written is visible at once: high watermark, last stable offset and log end are the
//! same number.

mod leader;
mod locked;
mod waiters;
mod answer;

pub(crate) use answer::{PartitionOffsets, ReadAnswer};
pub(crate) use leader::{Partition, PartitionHome};
pub(crate) use locked::LockedPartition;
pub(crate) use waiters::Registration;

#[cfg(test)]
mod tests;
