//! A reserve for a full disk: without it, not even the deletion of a topic could be stored.
//!
//! A file of random bytes, so that no file system makes it smaller. When the disk is full it is
//! removed, which makes room to replace a small file; the old one goes with that, and there is room
//! for the reserve again.

use std::path::{Path, PathBuf};
use std::{fs, io};

use uuid::Uuid;

const FILE: &str = ".reserve";
/// Enough for a catalogue of some thousand topics.
const SIZE: usize = 256 * 1024;

/// The reserve of one data folder.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// Creates the reserve if it is missing and there is room for it.
    pub(super) fn keep(root: &Path) -> Self {
        let reserve = Self {
            path: root.join(FILE),
        };
        reserve.refill();
        reserve
    }

    /// Runs an operation that may need room on a full disk, if need be in the room of the reserve.
    pub(super) fn lend<T>(&self, attempt: impl Fn() -> io::Result<T>) -> io::Result<T> {
        let refused = match attempt() {
            Err(error) if is_full(error.kind()) => error,
            outcome => return outcome,
        };
        if fs::remove_file(&self.path).is_err() {
            return Err(refused);
        }
        let outcome = attempt();
        self.refill();
        outcome
    }

    fn refill(&self) {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() == SIZE as u64) {
            return;
        }
        if let Err(error) = fs::write(&self.path, noise()) {
            // Half a reserve would be of no use.
            drop(fs::remove_file(&self.path));
            tracing::debug!(%error, "no room for a reserve");
        }
    }
}

/// Bytes without a pattern, by Marsaglia's xorshift.
fn noise() -> Vec<u8> {
    let mut state = Uuid::new_v4().as_u64_pair().0 | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(SIZE).collect()
}

/// Whether the disk, or a quota, has no room left.
pub(super) fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_reserve_is_given_up_for_a_moment_when_the_disk_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::keep(folder.path());
        let file = folder.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().len(), SIZE as u64);
        let with_room = || {
            if file.exists() {
                Err(io::ErrorKind::StorageFull.into())
            } else {
                Ok(())
            }
        };
        reserve.lend(with_room).unwrap();
        assert!(file.exists(), "and there again");
        let attempts = Cell::new(0);
        let refuse = |kind: io::ErrorKind| {
            attempts.set(attempts.get() + 1);
            Err::<(), _>(io::Error::from(kind))
        };
        assert!(reserve.lend(|| refuse(io::ErrorKind::StorageFull)).is_err());
        assert!(
            reserve
                .lend(|| refuse(io::ErrorKind::PermissionDenied))
                .is_err()
        );
        assert_eq!(attempts.get(), 3, "other trouble is not one of room");
    }
}
