//! Deletes old segments by age and size, whether or not they were consumed.

use std::io;
use std::sync::Arc;

use super::Log;
use super::config::{LogConfig, Retention};
use super::error::LogError;
use super::segment::Segment;
use crate::types::Timestamp;

impl Log {
    /// Deletes segments that are past retention and forgets producers that are past their expiry.
    /// Returns whether the log's start moved.
    ///
    /// If even the active segment is past retention, it is closed first so that it can be deleted.
    pub(crate) fn enforce_retention(
        &mut self,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        let moved = self.delete_due(config, now);
        moved.map_err(|source| LogError::Storage {
            path: self.dir.clone(),
            doing: "cleaned",
            source,
        })
    }

    fn delete_due(&mut self, config: &LogConfig, now: Timestamp) -> io::Result<bool> {
        self.producers.expire(now, config.producer_expiry);
        let all_expired = self
            .segments()
            .all(|segment| is_expired(segment.newest(), config.retention, now));
        if all_expired
            && self.active.size() > 0
            && let Err(error) = self.check_whole().and_then(|()| self.roll(now))
        {
            // A full disk has no space for the next segment until closed ones are deleted, so this
            // must not keep them.
            tracing::warn!(dir = self.dir, %error, "can't close the segment that is past retention; the next check tries again");
        }
        let facts = |segment: &Segment| SegmentFacts {
            size: segment.size(),
            newest: segment.newest(),
        };
        let closed: Vec<_> = self.closed.iter().map(facts).collect();
        let count = due(&closed, self.active.size(), config.retention, now);
        self.delete_oldest(count)?;
        Ok(count > 0)
    }

    /// Deletes the `count` oldest closed segments.
    pub(super) fn delete_oldest(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let Some(oldest) = self.closed.pop_front() else {
                break;
            };
            // The start moves before the files go: readers that have the file open finish, and new
            // ones are told that the offsets are out of range.
            self.start = self
                .closed
                .front()
                .map_or(self.active.base, |segment| segment.base);
            oldest.remove(&*self.fs, &self.dir)?;
        }
        if count > 0 {
            Arc::make_mut(&mut self.epochs).start_at(self.start);
            if let Err(error) = self.write_epochs() {
                tracing::warn!(dir = self.dir, %error, "can't write where the log begins; the next append tries again");
            }
        }
        Ok(())
    }
}

/// The facts about a closed segment that retention decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SegmentFacts {
    /// Bytes in its file.
    size: u64,
    /// The time of its newest record.
    newest: Timestamp,
}

/// Returns the number of segments to delete, counted from the oldest. `active_size` is what the
/// active segment adds to the total.
fn due(closed: &[SegmentFacts], active_size: u64, retention: Retention, now: Timestamp) -> usize {
    let expired = closed
        .iter()
        .take_while(|segment| is_expired(segment.newest, retention, now))
        .count();
    let left = closed.get(expired..).unwrap_or_default();
    let total = active_size + left.iter().map(|segment| segment.size).sum::<u64>();
    let oversized = retention.bytes.map_or(0, |limit| {
        let mut left_over = total;
        let mut goes = |segment: &&SegmentFacts| {
            // As in Kafka, what remains must not be smaller than the limit.
            let enough = left_over - segment.size >= limit;
            left_over -= segment.size;
            enough
        };
        left.iter().take_while(|segment| goes(segment)).count()
    });
    expired + oversized
}

/// Whether a segment with this newest record is too old.
fn is_expired(newest: Timestamp, retention: Retention, now: Timestamp) -> bool {
    retention.age.is_some_and(|age| now.since(newest) > age)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Segments as `size@newest`, the active one's size, age limit in ms, byte limit; at time 1000.
    fn check(segments: &str, active: u64, age: Option<u64>, bytes: Option<u64>, expected: usize) {
        let facts: Vec<_> = segments
            .split_whitespace()
            .map(|segment| {
                let (size, newest) = segment.split_once('@').unwrap();
                SegmentFacts {
                    size: size.parse().unwrap(),
                    newest: Timestamp(newest.parse().unwrap()),
                }
            })
            .collect();
        let retention = Retention {
            age: age.map(Duration::from_millis),
            bytes,
        };
        assert_eq!(
            due(&facts, active, retention, Timestamp(1000)),
            expected,
            "{segments} +{active}"
        );
    }

    #[test]
    fn segments_are_deleted_when_their_newest_record_is_too_old() {
        check("10@100 10@500 10@900", 10, Some(500), None, 1);
        check("10@100 10@499 10@900", 10, Some(500), None, 2);
        check("10@100 10@100", 10, Some(100), None, 2);
        check("10@100 10@100", 10, None, None, 0);
    }

    #[test]
    fn an_old_segment_behind_a_newer_one_stays() {
        check("10@900 10@100", 10, Some(500), None, 0);
    }

    #[test]
    fn records_from_the_future_are_not_old() {
        check("10@5000", 10, Some(1), None, 0);
    }

    #[test]
    fn segments_go_while_enough_stays() {
        check("10@0 10@0 10@0", 5, None, Some(25), 1);
        check("10@0 10@0 10@0", 5, None, Some(24), 1);
        check("10@0 10@0 10@0", 5, None, Some(15), 2);
        check("10@0 10@0 10@0", 5, None, Some(0), 3);
        check("10@0 10@0 10@0", 5, None, Some(35), 0);
    }

    #[test]
    fn age_goes_first_and_size_counts_what_is_left() {
        check("10@100 10@900 10@900", 5, Some(500), Some(15), 2);
        check("10@100 10@900 10@900", 5, Some(500), Some(25), 1);
    }
}
