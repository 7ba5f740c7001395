//! One fetch session (KIP-227): the partitions that a client follows, so that it need not name them
//! each time.
//!
//! Pure: no clock, no lock, no I/O. A partition is always read at the offset that the client sent
//! last, since only the client knows what it has processed.

use std::collections::HashMap;

use super::target::{FetchTarget, PartitionKey};
use crate::types::TopicName;
use crate::wire::ErrorCode;
use crate::wire::fetch::{FetchPartition, FetchRequest, FetchedPartition};

/// The partitions that one client follows.
#[derive(Debug)]
pub(super) struct FetchSession {
    /// Whether topics are named by id: all requests of a session name them alike.
    by_id: bool,
    /// The epoch that the next request must carry.
    epoch: i32,
    followed: HashMap<PartitionKey, CachedPartition>,
    /// Counts up, so that a partition that had data goes behind all others.
    turn: u64,
}

/// A partition as its client asked for it last.
#[derive(Debug)]
struct CachedPartition {
    fetch: FetchPartition,
    topic_name: Option<TopicName>,
    turn: u64,
    /// The watermarks last sent to the client, none after an error.
    last_sent: Option<(i64, i64)>,
}

impl FetchSession {
    /// A session over what the request names.
    pub(super) fn new(request: &FetchRequest, by_id: bool) -> Self {
        let mut session = Self {
            by_id,
            epoch: 1,
            followed: HashMap::new(),
            turn: 0,
        };
        session.follow(request);
        session
    }

    /// Applies a request that builds on the ones before.
    ///
    /// # Errors
    /// The session's epoch, or its way to name topics, is another. Nothing has changed then.
    pub(super) fn advance(&mut self, request: &FetchRequest, by_id: bool) -> Result<(), ErrorCode> {
        if request.session_epoch != self.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if by_id != self.by_id {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        self.epoch = if self.epoch == i32::MAX {
            1
        } else {
            self.epoch + 1
        };
        self.follow(request);
        for topic in &request.forgotten {
            for index in &topic.partitions {
                self.followed.remove(&PartitionKey {
                    name: topic.name.clone(),
                    id: topic.id,
                    index: *index,
                });
            }
        }
        Ok(())
    }

    /// Returns all partitions of the session, those without data for longest first.
    pub(super) fn targets(&self) -> Vec<FetchTarget> {
        let mut partitions: Vec<_> = self.followed.iter().collect();
        // An answer has a size limit: without turns, a busy partition would starve those behind it.
        partitions.sort_by_key(|(_, cached)| cached.turn);
        let target = |(key, cached): (&PartitionKey, &CachedPartition)| FetchTarget {
            name: key.name.clone(),
            id: key.id,
            topic_name: cached.topic_name.clone(),
            fetch: cached.fetch,
        };
        partitions.into_iter().map(target).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.followed.is_empty()
    }

    /// Records what was read of a partition, and returns whether the answer must contain it: it has
    /// data, an error, or other watermarks than last time.
    pub(super) fn note_answer(&mut self, target: &FetchTarget, fetched: &FetchedPartition) -> bool {
        self.turn += 1;
        // A partition may have left the session while the request waited.
        let Some(cached) = self.followed.get_mut(&target.key()) else {
            return true;
        };
        if !fetched.records.is_empty() {
            cached.turn = self.turn;
        }
        if cached.topic_name.is_none() {
            cached.topic_name.clone_from(&target.topic_name);
        }
        if fetched.error != ErrorCode::None || fetched.diverging_epoch.is_some() {
            cached.last_sent = None;
            return true;
        }
        let marks = Some((fetched.high_watermark, fetched.log_start_offset));
        let changed = cached.last_sent != marks;
        cached.last_sent = marks;
        changed || !fetched.records.is_empty()
    }

    /// Adds the partitions that a request names, or replaces what it says of them.
    fn follow(&mut self, request: &FetchRequest) {
        for target in FetchTarget::all(request) {
            self.turn += 1;
            let turn = self.turn;
            self.followed
                .entry(target.owned_key())
                .and_modify(|cached| cached.fetch = target.fetch)
                .or_insert(CachedPartition {
                    fetch: target.fetch,
                    topic_name: None,
                    turn,
                    last_sent: None,
                });
        }
    }
}
