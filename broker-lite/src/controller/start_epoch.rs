//! The number of starts: each start makes this node the new leader of every partition.
//!
//! In Kafka the controller's log knows the leader epoch of each partition. Here each partition
//! keeps its own, in a file that is not synced. The number of starts is synced, right after the
//! start. So an epoch that clients were told of is not used again after a loss of power, when they
//! would take what the log has lost for what it still has (KIP-320).

use std::sync::Arc;

use super::StoreError;
use crate::storage::Fs;
use crate::types::LeaderEpoch;

const FILE: &str = "starts";

/// The number of this start, as a leader epoch.
#[derive(Debug)]
pub(super) struct StartEpoch {
    fs: Arc<dyn Fs>,
    epoch: LeaderEpoch,
}

impl StartEpoch {
    /// Reads the number of the last start and adds one. It is used up once it is
    /// [recorded](Self::record).
    ///
    /// # Errors
    /// [`StoreError::Storage`] if the number of starts cannot be read.
    pub(super) fn next(fs: Arc<dyn Fs>) -> Result<Self, StoreError> {
        let content = fs.read(FILE).map_err(|source| StoreError::Storage {
            file: FILE,
            doing: "read",
            source,
        })?;
        let last = content.map(|content| {
            parse(&content).unwrap_or_else(|| {
                tracing::warn!(
                    file = FILE,
                    "the number of starts is damaged; leader epochs go on from the partitions' own"
                );
                0
            })
        });
        let epoch = LeaderEpoch(last.unwrap_or(0).saturating_add(1));
        Ok(Self { fs, epoch })
    }

    /// Returns an epoch that no leader of an existing partition had before this start.
    pub(super) const fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// Writes the number of this start, which takes a disk some milliseconds.
    pub(super) fn record(&self) {
        let text = format!("{}\n", self.epoch);
        if let Err(error) = self.fs.replace(FILE, text.as_bytes()) {
            // No reason not to start: the epochs that partitions keep carry on, and a disk that
            // takes nothing takes no records either.
            tracing::warn!(file = FILE, %error, "the number of starts can't be written");
        }
    }
}

fn parse(content: &[u8]) -> Option<i32> {
    std::str::from_utf8(content)
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|starts| (1..i32::MAX).contains(starts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{FaultyFs, MemoryFs};

    fn start(fs: &Arc<dyn Fs>) -> i32 {
        let start = StartEpoch::next(Arc::clone(fs)).unwrap();
        start.record();
        start.epoch().0
    }

    #[test]
    fn every_start_has_a_number_of_its_own() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        assert_eq!([(); 3].map(|()| start(&fs)), [1, 2, 3]);
        fs.write(FILE, b"rubbish").unwrap();
        assert_eq!(start(&fs), 1);
    }

    #[test]
    fn a_disk_that_takes_no_number_is_no_reason_not_to_start() {
        let faulty = FaultyFs::default();
        faulty.refuse(Some(FILE));
        let fs: Arc<dyn Fs> = Arc::new(faulty);
        assert_eq!(start(&fs), 1);
    }
}
