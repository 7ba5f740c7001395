//! Files in a data folder.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use bytes::Bytes;

use super::tail_cache::TailCache;
use super::{DataFolder, DataFolderError, File, Fs, Reserve};

/// Bytes at the end of each growing file that stay in memory, so that consumers that keep up never
/// read from disk.
const MAX_TAIL_BYTES: u64 = 2 << 20;

/// A data folder on disk. It is locked until this value is dropped.
#[derive(Debug)]
pub(crate) struct DiskFs {
    folder: DataFolder,
    reserve: Reserve,
}

impl DiskFs {
    /// Opens and locks the data folder at `root`, and creates it if it does not exist.
    pub(crate) fn open(root: &Path) -> Result<Self, DataFolderError> {
        let folder = DataFolder::open(root)?;
        let reserve = Reserve::keep(folder.root());
        Ok(Self { folder, reserve })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.root().join(path)
    }

    /// Writes a new file and renames it over the old one, so that a crash leaves one of the two
    /// whole.
    fn put(
        &self,
        path: &str,
        content: &[u8],
        sync: impl Fn(&fs::File) -> io::Result<()>,
    ) -> io::Result<()> {
        let (new, path) = (self.path(&format!("{path}.tmp")), self.path(path));
        let file = fs::File::create(&new)?;
        if let Err(refused) = file.write_all_at(content, 0).and_then(|()| sync(&file)) {
            // On a full disk a partial file would only take space.
            drop(fs::remove_file(&new));
            return Err(refused);
        }
        // Opened before the rename: an error after it would be reported although the file is
        // replaced.
        let parent = path.parent().map(fs::File::open).transpose()?;
        fs::rename(&new, &path)?;
        parent.map_or(Ok(()), |parent| sync(&parent))
    }
}

impl Fs for DiskFs {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        match fs::create_dir(self.path(path)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(path)) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(Vec::new());
            }
            entries => entries?,
        };
        // A name that is not UTF-8 was not written by this broker.
        entries
            .filter_map(|entry| {
                entry
                    .map(|entry| entry.file_name().into_string().ok())
                    .transpose()
            })
            .collect()
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let file = fs::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path(path))?;
        let tail = Mutex::new(TailCache::after(file.metadata()?.len()));
        Ok(Arc::new(DiskFile {
            file,
            tail,
            unsynced: AtomicBool::new(false),
        }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            content => content.map(Some),
        }
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.put(path, content, |_| Ok(()))
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.reserve
            .lend(|| self.put(path, content, fs::File::sync_all))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        absent_is_fine(fs::remove_file(self.path(path)))
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        absent_is_fine(fs::remove_dir_all(self.path(path)))
    }
}

fn absent_is_fine(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[derive(Debug)]
struct DiskFile {
    file: fs::File,
    /// The newest bytes and the length of the file. The mutex is not held during a system call.
    tail: Mutex<TailCache>,
    /// Whether something was written since the last [`File::sync`].
    unsynced: AtomicBool,
}

impl DiskFile {
    fn tail(&self) -> MutexGuard<'_, TailCache> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl File for DiskFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        let end = self.size();
        self.unsynced.store(true, Ordering::Release);
        self.file.write_all_at(&data, end)?;
        let mut tail = self.tail();
        tail.push(data);
        tail.keep_newest(MAX_TAIL_BYTES);
        Ok(())
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        let end = {
            let tail = self.tail();
            if let Some(chunks) = tail.read(at, len) {
                return Ok(chunks);
            }
            tail.end()
        };
        let left = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(left)];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(vec![bytes.into()])
    }

    fn is_kept(&self, at: u64) -> bool {
        at >= self.tail().start()
    }

    fn size(&self) -> u64 {
        self.tail().end()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.unsynced.store(true, Ordering::Release);
        self.file.set_len(size)?;
        self.tail().truncate(size);
        Ok(())
    }

    fn seal(&self) {
        self.tail().keep_newest(0);
    }

    fn sync(&self) -> io::Result<()> {
        if self.unsynced.swap(false, Ordering::AcqRel) {
            self.file.sync_data()?;
        }
        Ok(())
    }
}
