//! The one seam between the log and the file system.
//!
//! Everything above writes against [`Fs`] and [`File`] and does not know whether the bytes live in
//! memory ([`MemoryFs`]) or in a data folder ([`DiskFs`]). Plain blocking code: no call waits for
//! anything but the disk.
//!
//! Paths are relative to the root and use `/`.

mod memory;
mod disk;
mod data_folder;
mod reserve;
mod tail_cache;
#[cfg(test)]
mod faulty;

use std::sync::Arc;
use std::{fmt, io};

use bytes::Bytes;
use data_folder::DataFolder;
pub(crate) use data_folder::DataFolderError;
pub(crate) use disk::DiskFs;
#[cfg(test)]
pub(crate) use faulty::FaultyFs;
pub(crate) use memory::MemoryFs;
use reserve::Reserve;

#[cfg(test)]
mod tests;

/// A tree of folders with append-only files.
pub(crate) trait Fs: fmt::Debug + Send + Sync {
    /// Makes a folder in one that is there. One that is there already is fine.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn create_dir(&self, path: &str) -> io::Result<()>;

    /// The names in a folder, in no order. What is not there, or is a file, has none.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Opens a file to append to, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn open(&self, path: &str) -> io::Result<Arc<dyn File>>;

    /// The content of a small file, or `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a small file at one stroke: if this process dies it holds the old content or the new.
    ///
    /// For what can be computed again: after a loss of power the file may be damaged.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Like [`write`](Self::write), and the new content is there after a loss of power too. Slower.
    /// A full disk has room for it as long as it has a reserve.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Gives a file or a folder another name. What had that name before is gone, if it was a file.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. One that is not there is fine; who has it open can still read it.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Removes a folder with all that is in it. One that is not there is fine.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn remove_dir(&self, path: &str) -> io::Result<()>;
}

/// A file that grows at its end. One writes, any number read at the same time.
pub(crate) trait File: fmt::Debug + Send + Sync {
    /// Writes `data` at the end. When this returns the bytes survive the death of this process.
    ///
    /// # Errors
    ///
    /// What the file system says. The file may then end in part of the data.
    fn append(&self, data: Bytes) -> io::Result<()>;

    /// The bytes from `at` on, up to `len` of them; less at the end of the file.
    ///
    /// They may come in several chunks. A chunk ends inside what one `append` wrote only if the
    /// range does.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>>;

    /// Whether the bytes from `at` on are kept in memory since they were appended. Once they are
    /// not they never are again: asked after a [`read`](Self::read), it says whether that read
    /// what a disk had.
    fn is_kept(&self, at: u64) -> bool;

    /// Bytes in the file.
    fn size(&self) -> u64;

    /// Cuts the file down to `size` bytes.
    ///
    /// # Errors
    ///
    /// What the file system says.
    fn truncate(&self, size: u64) -> io::Result<()>;

    /// Says that nothing more will be appended: what was kept in memory for readers at the end may
    /// go.
    fn seal(&self);

    /// Returns when the bytes would also survive a loss of power.
    ///
    /// # Errors
    ///
    /// What the file system says. The bytes written before may then be lost: stop using the file.
    fn sync(&self) -> io::Result<()>;
}
