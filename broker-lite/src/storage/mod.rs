//! The file system as the broker uses it.
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
    /// Creates a folder in an existing one. An existing one is fine.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn create_dir(&self, path: &str) -> io::Result<()>;

    /// Returns the names in a folder, in no order. A missing folder, or a file, has none.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Opens a file to append to, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn open(&self, path: &str) -> io::Result<Arc<dyn File>>;

    /// The content of a small file, or `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a small file atomically: if this process dies it holds the old content or the new.
    ///
    /// For content that can be computed again: after a power failure the file may be damaged.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Like [`write`](Self::write), and the new content survives a power failure too. Slower.
    /// A full disk has room for it as long as it has a reserve.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Renames a file or a folder. An existing file of the new name is replaced.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. A missing one is fine; open handles can still read it.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Removes a folder with all its content. A missing one is fine.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn remove_dir(&self, path: &str) -> io::Result<()>;
}

/// An append-only file. One writes, any number may read at the same time.
pub(crate) trait File: fmt::Debug + Send + Sync {
    /// Writes `data` at the end. When this returns the bytes survive the death of this process.
    ///
    /// # Errors
    ///
    /// An error of the file system. The file may then end in part of the data.
    fn append(&self, data: Bytes) -> io::Result<()>;

    /// The bytes from `at` on, up to `len` of them; less at the end of the file.
    ///
    /// They may come in several chunks. A chunk ends inside what one `append` wrote only if the
    /// range does.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>>;

    /// Whether the bytes from `at` on are kept in memory since they were appended. Once they are
    /// not they never are again: asked after a [`read`](Self::read), it says whether that read
    /// what a disk had.
    fn is_kept(&self, at: u64) -> bool;

    /// Returns the size in bytes.
    fn size(&self) -> u64;

    /// Truncates the file to `size` bytes.
    ///
    /// # Errors
    ///
    /// An error of the file system.
    fn truncate(&self, size: u64) -> io::Result<()>;

    /// Declares that nothing more will be appended, so that the cached tail can be dropped.
    fn seal(&self);

    /// Returns when the bytes would also survive a power failure.
    ///
    /// # Errors
    ///
    /// An error of the file system. Bytes written before may then be lost: stop using the file.
    fn sync(&self) -> io::Result<()>;
}
