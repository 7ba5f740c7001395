//! The health of a listener: its state, and the partitions and records that it is about.

use std::fmt;

use crate::client::{Problem, Record};
use crate::extract::ListenerId;
use crate::types::{Offset, TopicPartition};

/// The health of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerHealth {
    /// The listener's id.
    pub id: ListenerId,
    /// The phase of its life.
    pub state: ListenerState,
    /// The partitions it has now, in order.
    pub partitions: Vec<TopicPartition>,
    /// Partitions that wait at a failed record, or at one that can't be read.
    pub halted: Vec<HaltedPartition>,
    /// Partitions of which a broker lost records that had been read here. They are read on, so
    /// they are no problem.
    pub truncated: Vec<TruncatedLog>,
    /// Problems that exist right now and may pass by themselves.
    pub problems: Vec<Problem>,
    /// The latest attempt that failed, whatever became of its record: it may be waiting for its
    /// retry, be dead-lettered, or be handled by now.
    pub last_failure: Option<FailedAttempt>,
}

/// An attempt to handle a record that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedAttempt {
    /// The record's partition.
    pub partition: TopicPartition,
    /// The record.
    pub offset: Offset,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
    /// The error and its causes, cut after 500 characters.
    pub reason: String,
}

/// The phases of a listener's life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenerState {
    /// The listener waits for its share of the partitions.
    Starting,
    /// The listener has been given its share of the partitions, which may be none.
    Running,
    /// The listener takes nothing new and lets running handlers end.
    Stopping,
    /// The listener has left its group because it was told to.
    Stopped,
    /// The listener's client has failed for good, and another one is about to take over.
    Restarting {
        /// The reason of the failure.
        reason: String,
    },
    /// The listener has left its group because it could not go on.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// A partition that waits at a record which failed for good, or which can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaltedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// The record it waits at.
    pub offset: Offset,
    /// The failure, and what to do.
    pub reason: String,
}

/// A partition whose log lost its end: a broker came back with less than had been read of it
/// (KIP-320).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruncatedLog {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset that would have been read next.
    pub read_to: Offset,
    /// The end of the log after the cut, from where it is read now. Records that were read from
    /// there on are gone from the broker.
    pub cut_at: Offset,
}

impl fmt::Display for TruncatedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            read_to,
            cut_at,
        } = self;
        write!(
            f,
            "{partition} was read to offset {read_to} when a broker lost its records from {cut_at} on; it is read from \
             there again"
        )
    }
}

impl ListenerHealth {
    /// Whether it has had its first assignment and has not ended.
    #[must_use]
    pub fn is_started(&self) -> bool {
        matches!(self.state, ListenerState::Running | ListenerState::Stopping)
    }

    /// Whether it does what it is for: it runs, no partition is halted, and nothing is wrong.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == ListenerState::Running && self.halted.is_empty() && self.problems.is_empty()
    }

    /// Whether leaving it alone may help; a failed listener needs a restart.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.state, ListenerState::Failed { .. })
    }
}

impl FailedAttempt {
    pub(in crate::listener) fn new(record: &Record, attempt: u32, reason: &str) -> Self {
        const MAX_CHARS: usize = 500;
        let cut = reason
            .char_indices()
            .nth(MAX_CHARS)
            .and_then(|(at, _)| reason.get(..at));
        let reason = cut.map_or_else(|| reason.to_owned(), |cut| format!("{cut}…"));
        Self {
            partition: record.source().clone(),
            offset: record.offset(),
            attempt,
            reason,
        }
    }
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            offset,
            attempt,
            reason,
        } = self;
        write!(f, "{partition}@{offset}, attempt {attempt}: {reason}")
    }
}

impl fmt::Display for HaltedPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            offset,
            reason,
        } = self;
        write!(f, "{partition} waits at offset {offset}: {reason}")
    }
}
