//! A file system for tests that fails on command.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{File, Fs, MemoryFs};

/// Files in memory, behind rules by which calls fail. At first nothing fails. Clones share files
/// and rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaultyFs {
    below: MemoryFs,
    /// Locked to read or change a rule.
    rules: Arc<Mutex<Rules>>,
}

/// The rules by which calls fail.
#[derive(Debug, Default)]
struct Rules {
    /// Nothing can be read or written.
    broken: bool,
    /// Nothing can be changed.
    read_only: bool,
    /// The first write that finds no room makes the file system read-only.
    read_only_when_full: bool,
    /// Bytes that can still be written; `None` for no limit.
    room: Option<usize>,
    /// The one file that cannot be written.
    refused: Option<String>,
    /// The next replacement of the refused file is made before it fails; those after it succeed.
    fails_after_write: bool,
}

impl FaultyFs {
    /// With room for this many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let fs = Self::default();
        fs.set_room(bytes);
        fs
    }

    /// From now on this many bytes can be written. Of an append that does not fit, what fits is.
    pub(crate) fn set_room(&self, bytes: usize) {
        self.rules().room = Some(bytes);
    }

    /// From now on nothing can be changed, or everything again.
    pub(crate) fn set_read_only(&self, read_only: bool) {
        self.rules().read_only = read_only;
    }

    /// The first write that finds no room makes the file system read-only.
    pub(crate) fn turn_read_only_when_full(&self) {
        self.rules().read_only_when_full = true;
    }

    /// From now on this file cannot be written; `None` for none.
    pub(crate) fn refuse(&self, path: Option<&str>) {
        self.rules().refused = path.map(str::to_owned);
    }

    /// The next replacement of this file is made and then fails, as when a disk does not say
    /// whether the bytes are safe. Those after it succeed.
    pub(crate) fn fail_after_write(&self, path: &str) {
        self.refuse(Some(path));
        self.rules().fails_after_write = true;
    }

    /// From now on nothing can be read or written.
    pub(crate) fn break_down(&self) {
        self.rules().broken = true;
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn check_readable(&self) -> io::Result<()> {
        if self.broken {
            Err(io::Error::other("the disk is broken"))
        } else {
            Ok(())
        }
    }

    fn check_writable(&self) -> io::Result<()> {
        self.check_readable()?;
        if self.read_only {
            Err(io::ErrorKind::ReadOnlyFilesystem.into())
        } else {
            Ok(())
        }
    }

    fn check_not_refused(&self, path: &str) -> io::Result<()> {
        match &self.refused {
            Some(refused) if refused == path => Err(io::ErrorKind::StorageFull.into()),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes room for so many bytes, or for as many as there is.
    fn take(&mut self, bytes: usize) -> usize {
        let Some(room) = &mut self.room else {
            return bytes;
        };
        let fits = bytes.min(*room);
        *room -= fits;
        self.read_only |= fits < bytes && self.read_only_when_full;
        fits
    }

    /// Checks that a file of this size can be written, and takes the room for it.
    fn take_all(&mut self, path: &str, bytes: usize) -> io::Result<()> {
        self.check_writable()?;
        self.check_not_refused(path)?;
        if self.take(bytes) < bytes {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }
}

impl Fs for FaultyFs {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.rules().check_writable()?;
        self.below.create_dir(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.rules().check_readable()?;
        self.below.list(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let rules = self.rules();
        rules.check_readable()?;
        rules.check_not_refused(path)?;
        Ok(Arc::new(FaultyFile {
            below: self.below.open(path)?,
            fs: self.clone(),
        }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.rules().check_readable()?;
        self.below.read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.rules().take_all(path, content.len())?;
        self.below.write(path, content)
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let mut rules = self.rules();
        let taken = rules.take_all(path, content.len());
        if taken.is_err() && rules.refused.as_deref() == Some(path) && rules.fails_after_write {
            self.below.replace(path, content)?;
            (rules.fails_after_write, rules.refused) = (false, None);
            return taken;
        }
        taken?;
        self.below.replace(path, content)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.rules().check_writable()?;
        self.below.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.rules().check_writable()?;
        self.below.remove(path)
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.rules().check_readable()?;
        self.below.remove_dir(path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    below: Arc<dyn File>,
    fs: FaultyFs,
}

impl File for FaultyFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        let mut rules = self.fs.rules();
        rules.check_writable()?;
        let fits = rules.take(data.len());
        self.below.append(data.slice(..fits))?;
        if fits < data.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        self.fs.rules().check_readable()?;
        self.below.read(at, len)
    }

    fn is_kept(&self, at: u64) -> bool {
        self.below.is_kept(at)
    }

    fn size(&self) -> u64 {
        self.below.size()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.fs.rules().check_writable()?;
        self.below.truncate(size)
    }

    fn seal(&self) {
        self.below.seal();
    }

    fn sync(&self) -> io::Result<()> {
        self.fs.rules().check_readable()?;
        self.below.sync()
    }
}
