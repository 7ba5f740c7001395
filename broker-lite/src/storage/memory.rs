//! A file system in memory, for brokers without a data folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::tail_cache::TailCache;
use super::{File, Fs};

/// Files in memory, none at first. Clones share one tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryFs(Arc<Mutex<Tree>>);

/// Guarded by the mutex of [`MemoryFs`], which is held for a look-up only.
#[derive(Debug, Default)]
struct Tree {
    folders: BTreeSet<String>,
    files: BTreeMap<String, Arc<MemoryFile>>,
}

impl MemoryFs {
    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fs for MemoryFs {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.tree().folders.insert(path.to_owned());
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let tree = self.tree();
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}/")
        };
        let inside =
            |full: &String| Some(full.strip_prefix(&prefix)?.split('/').next()?.to_owned());
        // The map is sorted, so names with a common prefix are neighbours.
        let files = tree
            .files
            .range(prefix.clone()..)
            .map_while(|(full, _)| inside(full));
        let folders = tree.folders.range(prefix.clone()..).map_while(inside);
        let names: BTreeSet<String> = files.chain(folders).collect();
        Ok(names.into_iter().collect())
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        Ok(Arc::clone(self.tree().files.entry(path.to_owned()).or_default()) as Arc<dyn File>)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let file = self.tree().files.get(path).cloned();
        file.map(|file| Ok(file.read(0, usize::MAX)?.concat()))
            .transpose()
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let file = MemoryFile::default();
        file.append(Bytes::copy_from_slice(content))?;
        self.tree().files.insert(path.to_owned(), Arc::new(file));
        Ok(())
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.write(path, content)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut tree = self.tree();
        let inside = format!("{to}/");
        if tree
            .files
            .keys()
            .chain(&tree.folders)
            .any(|path| path.starts_with(&inside))
        {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        let renamed = |path: &str| match path.strip_prefix(from) {
            Some("") => Some(to.to_owned()),
            Some(rest) if rest.starts_with('/') => Some(format!("{to}{rest}")),
            _ => None,
        };
        let moved: Vec<String> = tree
            .files
            .keys()
            .filter(|path| renamed(path).is_some())
            .cloned()
            .collect();
        for old in moved {
            if let (Some(file), Some(new)) = (tree.files.remove(&old), renamed(&old)) {
                tree.files.insert(new, file);
            }
        }
        tree.folders = tree
            .folders
            .iter()
            .map(|path| renamed(path).unwrap_or_else(|| path.clone()))
            .collect();
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.tree().files.remove(path);
        Ok(())
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        let outside = |full: &str| match full.strip_prefix(path) {
            Some(rest) => !rest.is_empty() && !rest.starts_with('/'),
            None => true,
        };
        let mut tree = self.tree();
        tree.files.retain(|full, _| outside(full));
        tree.folders.retain(|full| outside(full));
        Ok(())
    }
}

/// The mutex guards the list of chunks, whose bytes never change.
#[derive(Debug, Default)]
struct MemoryFile(Mutex<TailCache>);

impl MemoryFile {
    fn pieces(&self) -> MutexGuard<'_, TailCache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl File for MemoryFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        self.pieces().push(data);
        Ok(())
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        Ok(self.pieces().read(at, len).unwrap_or_default())
    }

    fn is_kept(&self, _at: u64) -> bool {
        true
    }

    fn size(&self) -> u64 {
        self.pieces().end()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.pieces().truncate(size);
        Ok(())
    }

    fn seal(&self) {}

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
