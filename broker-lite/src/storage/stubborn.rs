//! A file system for tests that does not write one file, or says so.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::{File, Fs, MemoryFs};

/// Files in memory; writing the one whose path is told fails.
///
/// A write that fails has happened all the same if it was to happen: what is on a disk may be there
/// and not be safe.
#[derive(Debug, Default)]
pub(crate) struct StubbornFs {
    below: MemoryFs,
    /// Guards the path; held for a look or a change.
    refused: Mutex<Option<String>>,
    /// The next content that replaces the refused file's is written and refused. Guarded for a
    /// look or a change.
    unsafe_once: Mutex<bool>,
}

impl StubbornFs {
    /// From now on this file cannot be written; `None` for none.
    pub(crate) fn refuse(&self, path: Option<&str>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = path.map(str::to_owned);
    }

    /// The next replacement of this file is made, and then refused; those after it succeed.
    pub(crate) fn doubt(&self, path: &str) {
        self.refuse(Some(path));
        *self
            .unsafe_once
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
    }

    fn check(&self, path: &str) -> io::Result<()> {
        match &*self.refused.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(refused) if refused == path => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }
}

impl Fs for StubbornFs {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.below.create_dir(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.below.list(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        self.check(path)?;
        self.below.open(path)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.below.read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.check(path)?;
        self.below.write(path, content)
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let refused = self.check(path);
        if refused.is_err()
            && std::mem::take(
                &mut *self
                    .unsafe_once
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            )
        {
            self.below.replace(path, content)?;
            self.refuse(None);
            return refused;
        }
        refused?;
        self.below.replace(path, content)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.below.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.below.remove(path)
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.below.remove_dir(path)
    }
}
