//! Log lines about a disk that loses, refuses or damages the records of a partition.
//!
//! A disk that is full refuses every batch, and a consumer asks for a damaged one again and again.
//! So each trouble is reported when it begins and when it ends, not each time it is met.

use std::sync::{Mutex, PoisonError};

use crate::log::{AppendError, ReadError, Truncation};
use crate::runtime::{Clock, Trouble, error_chain};
use crate::types::{Offset, TopicPartition};

/// The reports of one partition.
#[derive(Debug)]
pub(super) struct DiskReports {
    at: TopicPartition,
    /// Guards the batches that the disk has refused in a row. Held to count one, inside the lock
    /// of the log.
    refused: Mutex<Trouble>,
    /// Guards the offset that was last reported as damaged. Held to compare it.
    damaged: Mutex<Option<Offset>>,
}

impl DiskReports {
    pub(super) fn new(at: TopicPartition) -> Self {
        Self {
            at,
            refused: Mutex::default(),
            damaged: Mutex::default(),
        }
    }

    /// Reports what recovery cut off.
    pub(super) fn truncated(&self, truncation: &Truncation) {
        let Truncation {
            file,
            position,
            bytes,
            later_segments,
            reason,
            end,
            stuck,
        } = truncation;
        let (topic, partition) = (&self.at.topic, self.at.partition);
        match stuck {
            None => tracing::warn!(
                %topic, %partition, offset = %end, file, position, bytes, later_segments, %reason,
                "cut damaged bytes off the log; they are kept beside it in files that end in .cut"
            ),
            Some(error) => tracing::error!(
                %topic, %partition, offset = %end, file, position, bytes, later_segments, %reason, error,
                "damaged bytes at the end of the log can't be moved aside; it can be read, and takes records once they are"
            ),
        }
    }

    /// Reports when the disk begins to refuse records, and when it takes them again.
    pub(super) fn appended(&self, error: Option<&AppendError>, clock: &Clock) {
        let (topic, partition) = (&self.at.topic, self.at.partition);
        let mut refusals = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            Some(error @ AppendError::Storage { at, .. }) => {
                if let Some(refused) = refusals.refused(clock.now()) {
                    tracing::error!(
                        %topic, %partition, offset = %at, refused, error = error_chain(error),
                        "the disk takes no records; producers are told KAFKA_STORAGE_ERROR and try again, consumers read on"
                    );
                }
            }
            // The batch was at fault, which says nothing about the disk.
            Some(_) => {}
            None => {
                if let Some(refused) = refusals.over() {
                    tracing::info!(%topic, %partition, refused, "the disk takes records again");
                }
            }
        }
    }

    /// Reports, once for each offset, that a reader cannot get past damage.
    pub(super) fn unreadable(&self, error: &ReadError) {
        let ReadError::Damaged { at, .. } = error else {
            return;
        };
        let mut reported = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.replace(*at) != Some(*at) {
            tracing::error!(
                topic = %self.at.topic, partition = %self.at.partition, offset = %at, error = error_chain(error),
                "records are damaged on the disk and are not sent; consumers are told CORRUPT_MESSAGE and wait in front of \
                 them: put the segment back from a copy, or have them seek past it"
            );
        }
    }
}
