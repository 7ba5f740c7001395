//! A disk for tests that breaks when it is told to.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::{File, Fs, MemoryFs};

/// Files in memory. Once it is broken nothing can be read or written any more.
#[derive(Debug, Default)]
pub(crate) struct BrokenFs {
    below: MemoryFs,
    switch: Switch,
}

#[derive(Debug, Default, Clone)]
struct Switch(Arc<AtomicBool>);

impl BrokenFs {
    pub(crate) fn break_down(&self) {
        self.switch.0.store(true, Ordering::SeqCst);
    }
}

impl Switch {
    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) {
            Err(io::Error::other("the disk is broken"))
        } else {
            Ok(())
        }
    }
}

impl Fs for BrokenFs {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.switch
            .check()
            .and_then(|()| self.below.create_dir(path))
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.switch.check().and_then(|()| self.below.list(path))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        self.switch.check()?;
        Ok(Arc::new(BrokenFile {
            below: self.below.open(path)?,
            switch: self.switch.clone(),
        }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.switch.check().and_then(|()| self.below.read(path))
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.switch
            .check()
            .and_then(|()| self.below.write(path, content))
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.switch
            .check()
            .and_then(|()| self.below.replace(path, content))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.switch
            .check()
            .and_then(|()| self.below.rename(from, to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.switch.check().and_then(|()| self.below.remove(path))
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.switch
            .check()
            .and_then(|()| self.below.remove_dir(path))
    }
}

#[derive(Debug)]
struct BrokenFile {
    below: Arc<dyn File>,
    switch: Switch,
}

impl File for BrokenFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        self.switch.check().and_then(|()| self.below.append(data))
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        self.switch.check().and_then(|()| self.below.read(at, len))
    }

    fn is_kept(&self, at: u64) -> bool {
        self.below.is_kept(at)
    }

    fn size(&self) -> u64 {
        self.below.size()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.switch.check().and_then(|()| self.below.truncate(size))
    }

    fn seal(&self) {
        self.below.seal();
    }

    fn sync(&self) -> io::Result<()> {
        self.switch.check().and_then(|()| self.below.sync())
    }
}
