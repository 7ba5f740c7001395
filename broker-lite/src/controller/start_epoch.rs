//! How often the broker was started: each start is a new leadership of every partition.
//!
//! In Kafka the controller's log knows the leader epoch of each partition. Here each partition
//! notes its own, in a file that is not synced; this number is, right after the start, so that an
//! epoch that clients were told of does not come again after a loss of power, when they would take
//! what the log lost for what it still has (KIP-320).

use super::CatalogueError;
use crate::storage::Fs;
use crate::types::LeaderEpoch;

const FILE: &str = "starts";

/// The number of this start: an epoch that no leader of an existing partition had before it. To be
/// noted with [`note`].
///
/// # Errors
/// [`CatalogueError::Storage`] if the number of starts cannot be read.
pub(super) fn next(fs: &dyn Fs) -> Result<LeaderEpoch, CatalogueError> {
    let failed = |source| CatalogueError::Storage {
        file: FILE,
        doing: "read",
        source,
    };
    let content = fs.read(FILE).map_err(failed)?;
    let before = content.map(|content| {
        parse(&content).unwrap_or_else(|| {
            tracing::warn!(
                file = FILE,
                "the number of starts is damaged; leader epochs go on from the partitions' own"
            );
            0
        })
    });
    Ok(LeaderEpoch(before.unwrap_or(0).saturating_add(1)))
}

/// Writes the number of this start down, which takes a disk some milliseconds.
pub(super) fn note(fs: &dyn Fs, start: LeaderEpoch) {
    if let Err(error) = fs.replace(FILE, format!("{start}\n").as_bytes()) {
        // The partitions' own notes carry on; a broker that can't write at all has no records to
        // lose track of.
        tracing::warn!(file = FILE, %error, "the number of starts can't be written");
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
    use crate::storage::{MemoryFs, StubbornFs};

    fn start(fs: &dyn Fs) -> i32 {
        let start = next(fs).unwrap();
        note(fs, start);
        start.0
    }

    #[test]
    fn every_start_has_a_number_of_its_own() {
        let fs = MemoryFs::default();
        assert_eq!([(); 3].map(|()| start(&fs)), [1, 2, 3]);
        fs.write(FILE, b"rubbish").unwrap();
        assert_eq!(start(&fs), 1);
    }

    #[test]
    fn a_disk_that_takes_no_number_is_no_reason_not_to_start() {
        let fs = StubbornFs::default();
        fs.refuse(Some(FILE));
        assert_eq!(start(&fs), 1);
    }
}
