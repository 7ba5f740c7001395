//! The work of a shard once its state log has acknowledged an append.

use std::collections::VecDeque;

use crate::group::committed::CommittedOffset;
use crate::group::error::GroupError;
use crate::group::reply::{Answer, Reply};
use crate::state_log::{Acknowledgement, StateLogError};
use crate::types::{GroupId, TopicPartition};

/// The rest of a request, after its records are written or refused.
#[derive(Debug)]
pub(super) enum Continuation {
    /// Send these answers; `saves` says whether the records are the group's state.
    Answer { answers: Vec<Answer>, saves: bool },
    /// Apply the offsets, then answer row by row.
    Commit {
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        rows: Vec<Result<(), GroupError>>,
        reply: Reply<Vec<Result<(), GroupError>>>,
    },
    /// Delete the offsets of a deleted topic, then answer.
    Forget {
        offsets: Vec<TopicPartition>,
        reply: Reply<()>,
    },
    /// Delete expired offsets, and the group with its last one.
    Expire { offsets: Vec<TopicPartition> },
    /// Drop the group.
    Remove,
}

/// Continuations in the order of their appends.
///
/// They are resumed in this order even if a later append is acknowledged first: a later answer may
/// tell of what an earlier append decides.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged(VecDeque<(Acknowledgement, GroupId, Continuation)>);

impl Unacknowledged {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, appended: Acknowledgement, group: GroupId, then: Continuation) {
        self.0.push_back((appended, group, then));
    }

    /// Returns the outcome of the oldest append once it is known; [`Unacknowledged::pop`] must
    /// follow. Never returns if there is none.
    ///
    /// # Cancel safety
    /// Nothing is lost: the append stays the oldest.
    pub(super) async fn outcome(&mut self) -> Result<(), StateLogError> {
        match self.0.front_mut() {
            Some((appended, ..)) => appended.outcome().await,
            None => std::future::pending().await,
        }
    }

    /// Takes the oldest append.
    pub(super) fn pop(&mut self) -> Option<(GroupId, Continuation)> {
        self.0.pop_front().map(|(_, group, then)| (group, then))
    }
}
