//! A disk that is full takes no record and loses none.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::storage::File;

/// Takes so many bytes and no more; of an append that does not fit, it takes what fits.
#[derive(Debug)]
struct SmallDisk {
    below: MemoryFs,
    left: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct SmallFile {
    below: Arc<dyn File>,
    left: Arc<AtomicUsize>,
}

impl Fs for SmallDisk {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.below.create_dir(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.below.list(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(SmallFile { below: self.below.open(path)?, left: Arc::clone(&self.left) }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.below.read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.below.write(path, content)
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
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

impl File for SmallFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        let left = self.left.load(Ordering::Relaxed);
        let fits = data.len().min(left);
        self.left.fetch_sub(fits, Ordering::Relaxed);
        self.below.append(data.slice(..fits))?;
        if fits < data.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        self.below.read(at, len)
    }

    fn size(&self) -> u64 {
        self.below.size()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.below.truncate(size)
    }

    fn seal(&self) {
        self.below.seal();
    }

    fn sync(&self) -> io::Result<()> {
        self.below.sync()
    }
}

#[test]
fn half_a_batch_is_taken_back_and_the_log_goes_on_when_there_is_room() {
    let size = batch(&[0]).len();
    let left = Arc::new(AtomicUsize::new(2 * size + size / 2));
    let fs = Arc::new(SmallDisk { below: MemoryFs::default(), left: Arc::clone(&left) });
    let mut rig = Rig::create(fs, TopicId::random(), LogConfig::default());
    rig.append(&batch(&[0]));
    rig.append(&numbered(0, 1));
    for _ in 0..2 {
        let error = rig.try_append(&numbered(1, 1)).unwrap_err();
        assert!(matches!(error, AppendError::Storage { at: Offset(2), .. }), "{error}");
        assert_eq!(rig.bases(0), [0, 1]);
    }
    left.store(10 * size, Ordering::Relaxed);
    assert_eq!(rig.append(&numbered(1, 1)), 2, "the refused batch was not noted");
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.cut), (vec![0, 1, 2], None));
}
