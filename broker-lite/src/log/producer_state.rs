//! The last batches of each idempotent producer, so that a batch sent twice is stored once
//! (KIP-98).
//!
//! Pure: no clock and no I/O. A batch is checked before it is written ([`ProducerStates::check`])
//! and noted after it ([`ProducerStates::note`]).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::error::AppendError;
use crate::types::{Offset, ProducerEpoch, ProducerId, Timestamp};
use crate::wire::record_batch::{BatchHeader, next_sequence};

/// Batches remembered for each producer: as many as a client may have in flight (KIP-98).
const MAX_BATCHES: usize = 5;

/// All producers of one partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ProducerStates(HashMap<ProducerId, ProducerState>);

/// One producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProducerState {
    pub(super) epoch: ProducerEpoch,
    /// The time of its last write.
    pub(super) seen: Timestamp,
    /// The newest batches of this epoch, oldest first; never empty.
    pub(super) batches: VecDeque<WrittenBatch>,
}

/// A batch that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenBatch {
    pub(super) first_sequence: i32,
    pub(super) last_sequence: i32,
    pub(super) base_offset: Offset,
    pub(super) last_offset: Offset,
}

/// The result of checking a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Write it.
    Fresh,
    /// Do not write it: it is in the log already.
    Duplicate(WrittenBatch),
}

impl ProducerStates {
    /// Checks whether the batch is the next of its producer, or a repetition of one of its last
    /// five.
    ///
    /// # Errors
    /// [`AppendError::ProducerEpoch`] for a producer that was fenced,
    /// [`AppendError::OutOfSequence`] if batches are missing in between.
    pub(super) fn check(&self, batch: &BatchHeader) -> Result<Verdict, AppendError> {
        let Some(state) = self
            .0
            .get(&batch.producer_id)
            .filter(|_| batch.has_producer())
        else {
            // The producer is new, or its state has expired or was deleted by retention. As in
            // Kafka any sequence is accepted then: refusing it would stop the producer
            // for good.
            return Ok(Verdict::Fresh);
        };
        if batch.producer_epoch < state.epoch {
            return Err(AppendError::ProducerEpoch {
                producer: batch.producer_id,
                current: state.epoch,
                found: batch.producer_epoch,
            });
        }
        let expected = if batch.producer_epoch > state.epoch {
            // A new epoch starts its sequence again.
            0
        } else {
            if let Some(written) = state.find(batch) {
                return Ok(Verdict::Duplicate(written));
            }
            state
                .batches
                .back()
                .map_or(0, |last| next_sequence(last.last_sequence, 1))
        };
        if batch.base_sequence == expected {
            return Ok(Verdict::Fresh);
        }
        Err(AppendError::OutOfSequence {
            producer: batch.producer_id,
            epoch: batch.producer_epoch,
            expected,
            found: batch.base_sequence,
        })
    }

    /// Notes a batch that was written, as its header now stands in the log.
    pub(super) fn note(&mut self, batch: &BatchHeader, now: Timestamp) {
        // Markers carry a producer's id but no sequence.
        if !batch.has_producer() || batch.is_control() {
            return;
        }
        let state = self
            .0
            .entry(batch.producer_id)
            .or_insert_with(|| ProducerState {
                epoch: batch.producer_epoch,
                seen: now,
                batches: VecDeque::with_capacity(MAX_BATCHES),
            });
        if state.epoch != batch.producer_epoch {
            state.epoch = batch.producer_epoch;
            state.batches.clear();
        }
        if state.batches.len() == MAX_BATCHES {
            state.batches.pop_front();
        }
        state.seen = now;
        state.batches.push_back(WrittenBatch {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
            last_offset: batch.last_offset(),
        });
    }

    /// Forgets producers that have been silent for longer than `expiry`.
    pub(super) fn expire(&mut self, now: Timestamp, expiry: Duration) {
        self.0.retain(|_, state| now.since(state.seen) <= expiry);
    }

    /// Returns the number of known producers.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns all producers, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerState)> {
        let mut all: Vec<_> = self.0.iter().map(|(id, state)| (*id, state)).collect();
        all.sort_by_key(|(id, _)| *id);
        all.into_iter()
    }
}

impl FromIterator<(ProducerId, ProducerState)> for ProducerStates {
    fn from_iter<T: IntoIterator<Item = (ProducerId, ProducerState)>>(producers: T) -> Self {
        Self(producers.into_iter().collect())
    }
}

impl ProducerState {
    fn find(&self, batch: &BatchHeader) -> Option<WrittenBatch> {
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        self.batches
            .iter()
            .find(|known| (known.first_sequence, known.last_sequence) == (first, last))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays batches `epoch:first-last` and says what happened to each: its offset, `=` and the
    /// offset of the batch it repeats, or the reason it was refused.
    fn check(script: &str, expected: &str) {
        let (mut states, mut end) = (ProducerStates::default(), 0);
        let mut answers = Vec::new();
        for step in script.split(' ') {
            let batch = batch(step, end);
            answers.push(match states.check(&batch) {
                Ok(Verdict::Duplicate(written)) => format!("={}", written.base_offset),
                Ok(Verdict::Fresh) => {
                    states.note(&batch, Timestamp(0));
                    end = batch.last_offset().next().0;
                    batch.base_offset.to_string()
                }
                Err(AppendError::OutOfSequence { expected, .. }) => format!("gap:{expected}"),
                Err(AppendError::ProducerEpoch { current, .. }) => format!("fenced:{current}"),
                Err(other) => panic!("{other}"),
            });
        }
        assert_eq!(answers.join(" "), expected, "after {script}");
    }

    fn batch(step: &str, end: i64) -> BatchHeader {
        let (epoch, range) = step.split_once(':').unwrap();
        let (first, last) = range.split_once('-').unwrap();
        let (first, last): (i64, i64) = (first.parse().unwrap(), last.parse().unwrap());
        let count = if last >= first {
            last - first + 1
        } else {
            last + (1 << 31) - first + 1
        };
        BatchHeader {
            base_offset: Offset(end),
            size: 61,
            leader_epoch: crate::types::LeaderEpoch::ZERO,
            crc: 0,
            attributes: 0,
            last_offset_delta: i32::try_from(count - 1).unwrap(),
            base_timestamp: Timestamp(0),
            max_timestamp: Timestamp(0),
            producer_id: ProducerId(7),
            producer_epoch: ProducerEpoch(epoch.parse().unwrap()),
            base_sequence: i32::try_from(first).unwrap(),
            record_count: i32::try_from(count).unwrap(),
        }
    }

    #[test]
    fn batches_in_order_are_written() {
        check("0:0-4 0:5-5 0:6-9", "0 5 6");
    }

    #[test]
    fn one_of_the_last_five_again_answers_its_old_offset() {
        check("0:0-1 0:2-3 0:0-1 0:2-3 0:4-5", "0 2 =0 =2 4");
        check("0:0-0 0:1-1 0:2-2 0:3-3 0:4-4 0:0-0", "0 1 2 3 4 =0");
    }

    #[test]
    fn a_repeat_from_further_back_is_out_of_order() {
        check(
            "0:0-0 0:1-1 0:2-2 0:3-3 0:4-4 0:5-5 0:0-0",
            "0 1 2 3 4 5 gap:6",
        );
    }

    #[test]
    fn a_repeat_with_other_bounds_is_out_of_order() {
        check("0:0-4 0:0-3 0:1-4", "0 gap:5 gap:5");
    }

    #[test]
    fn a_gap_is_out_of_order_and_changes_nothing() {
        check("0:0-4 0:7-9 0:5-6", "0 gap:5 5");
    }

    #[test]
    fn an_unknown_producer_may_start_anywhere() {
        check("3:41-42 3:43-43", "0 2");
    }

    #[test]
    fn a_new_epoch_starts_at_zero_and_fences_the_old_one() {
        check("0:0-4 1:5-6 1:0-1 0:5-6", "0 gap:0 5 fenced:1");
        check("0:0-4 1:0-4 1:0-4", "0 5 =5");
    }

    #[test]
    fn sequences_wrap_to_zero_between_and_inside_batches() {
        check("0:2147483646-2147483647 0:0-3 0:0-3", "0 2 =2");
        check("0:2147483646-1 0:2-2 0:2147483646-1", "0 4 =0");
    }

    #[test]
    fn a_silent_producer_is_forgotten() {
        let mut states = ProducerStates::default();
        states.note(&batch("0:0-4", 0), Timestamp(1000));
        states.expire(Timestamp(2000), Duration::from_secs(1));
        assert!(
            states.check(&batch("0:99-99", 5)).is_err(),
            "not silent for longer than that"
        );
        states.expire(Timestamp(2001), Duration::from_secs(1));
        assert_eq!(states.check(&batch("0:99-99", 5)).unwrap(), Verdict::Fresh);
    }
}
