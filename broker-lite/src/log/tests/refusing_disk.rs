//! A disk that is full, or has turned read-only, takes no record and loses none.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::storage::File;

/// Takes so many bytes and no more; of an append that does not fit, it takes what fits. Read-only,
/// it takes no change.
#[derive(Debug, Clone, Default)]
struct SmallDisk {
    below: MemoryFs,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    left: AtomicUsize,
    read_only: AtomicBool,
    /// It turns read-only when the room runs out.
    dies_full: AtomicBool,
}

#[derive(Debug)]
struct SmallFile {
    below: Arc<dyn File>,
    state: Arc<State>,
}

impl SmallDisk {
    /// With room for this many bytes.
    fn with_room(bytes: usize) -> Self {
        let disk = Self::default();
        disk.state.left.store(bytes, Ordering::Relaxed);
        disk
    }

    fn set_room(&self, bytes: usize) {
        self.state.left.store(bytes, Ordering::Relaxed);
    }

    fn set_read_only(&self, read_only: bool) {
        self.state.read_only.store(read_only, Ordering::Relaxed);
    }
}

impl State {
    fn check_writable(&self) -> io::Result<()> {
        let read_only = self.read_only.load(Ordering::Relaxed);
        if read_only {
            Err(io::ErrorKind::ReadOnlyFilesystem.into())
        } else {
            Ok(())
        }
    }

    /// Takes room for so many bytes, or as many as there are.
    fn take(&self, bytes: usize) -> usize {
        let fits = bytes.min(self.left.load(Ordering::Relaxed));
        self.left.fetch_sub(fits, Ordering::Relaxed);
        if fits < bytes && self.dies_full.load(Ordering::Relaxed) {
            self.read_only.store(true, Ordering::Relaxed);
        }
        fits
    }

    fn take_all(&self, bytes: usize) -> io::Result<()> {
        self.check_writable()?;
        if self.take(bytes) < bytes {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }
}

impl Fs for SmallDisk {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.state.check_writable()?;
        self.below.create_dir(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.below.list(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(SmallFile {
            below: self.below.open(path)?,
            state: Arc::clone(&self.state),
        }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.below.read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.state.take_all(content.len())?;
        self.below.write(path, content)
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.state.take_all(content.len())?;
        self.below.replace(path, content)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.state.check_writable()?;
        self.below.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.state.check_writable()?;
        self.below.remove(path)
    }

    fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.below.remove_dir(path)
    }
}

impl File for SmallFile {
    fn append(&self, data: Bytes) -> io::Result<()> {
        self.state.check_writable()?;
        let fits = self.state.take(data.len());
        self.below.append(data.slice(..fits))?;
        if fits < data.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<Bytes>> {
        self.below.read(at, len)
    }

    fn is_kept(&self, at: u64) -> bool {
        self.below.is_kept(at)
    }

    fn size(&self) -> u64 {
        self.below.size()
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.state.check_writable()?;
        self.below.truncate(size)
    }

    fn seal(&self) {
        self.below.seal();
    }

    fn sync(&self) -> io::Result<()> {
        self.below.sync()
    }
}

/// A log of ten batches over several segments, and its disk.
fn ten() -> (Rig, SmallDisk) {
    let disk = SmallDisk::with_room(1 << 20);
    let mut rig = Rig::create(
        Arc::new(disk.clone()),
        TopicId::random(),
        small_segments(400),
    );
    (0..10).for_each(|time| _ = rig.append(&batch(&[time])));
    (rig, disk)
}

fn is_refused(rig: &mut Rig) -> bool {
    matches!(
        rig.try_append(&batch(&[99])),
        Err(AppendError::Storage { .. })
    )
}

#[test]
fn half_a_batch_is_taken_back_and_the_log_goes_on_when_there_is_room() {
    let size = batch(&[0]).len();
    let disk = SmallDisk::with_room(1 << 20);
    let mut rig = Rig::create(
        Arc::new(disk.clone()),
        TopicId::random(),
        LogConfig::default(),
    );
    disk.set_room(2 * size + size / 2);
    rig.append(&batch(&[0]));
    rig.append(&numbered(0, 1));
    for _ in 0..2 {
        let error = rig.try_append(&numbered(1, 1)).unwrap_err();
        assert!(
            matches!(error, AppendError::Storage { at: Offset(2), .. }),
            "{error}"
        );
        assert_eq!(rig.bases(0), [0, 1]);
    }
    disk.set_room(1 << 20);
    assert_eq!(
        rig.append(&numbered(1, 1)),
        2,
        "the refused batch was not noted"
    );
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), (vec![0, 1, 2], None));
}

#[test]
fn a_log_on_a_full_disk_opens_after_any_stop_is_read_and_goes_on_when_there_is_room() {
    for clean in [true, false] {
        let (rig, disk) = ten();
        let topic = rig.topic;
        disk.set_room(0);
        if clean {
            let Rig { log, .. } = rig;
            let error = log.close().unwrap_err();
            assert!(
                matches!(
                    error,
                    LogError::Storage {
                        doing: "closed",
                        ..
                    }
                ),
                "its last notes find no room: {error}"
            );
        }
        let mut rig = Rig::open(Arc::new(disk.clone()), topic, small_segments(400));
        assert_eq!(
            (rig.bases(0), rig.truncation.as_ref()),
            ((0..10).collect(), None)
        );
        assert!(is_refused(&mut rig));
        disk.set_room(1 << 20);
        assert_eq!(rig.append(&batch(&[10])), 10);
        assert_eq!(rig.stop_and_start().bases(0), (0..11).collect::<Vec<_>>());
    }
}

#[test]
fn half_a_batch_that_can_not_be_moved_aside_is_hidden_until_there_is_room() {
    let (rig, disk) = ten();
    let torn = batch(&[10]).slice(..40);
    rig.log.active.file.append(torn.clone()).unwrap();
    let path = files::path(DIR, rig.log.active.base, Kind::Log);
    let whole = rig.log.active.size() - 40;
    disk.set_room(10);
    let mut rig = rig.kill_and_start();
    assert!(
        rig.truncation
            .as_ref()
            .is_some_and(|truncation| truncation.stuck.is_some()),
        "{:?}",
        rig.truncation
    );
    assert_eq!(
        (rig.bases(0), rig.log.end()),
        ((0..10).collect(), Offset(10))
    );
    assert!(is_refused(&mut rig));
    let mut rig = rig.stop_and_start();
    assert!(is_refused(&mut rig), "and after another start");
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[10])), 10);
    let aside = rig
        .fs
        .read(&format!("{path}.{whole}.cut"))
        .unwrap()
        .unwrap();
    assert_eq!(aside, torn, "nothing is destroyed");
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), ((0..11).collect(), None));
}

#[test]
fn retention_makes_room_on_a_full_disk() {
    let (rig, disk) = ten();
    disk.set_room(0);
    let mut rig = rig.kill_and_start();
    rig.config.retention.bytes = Some(300);
    assert!(
        rig.log
            .enforce_retention(&rig.config, Timestamp(10))
            .unwrap()
    );
    assert!(rig.log.start() > Offset(0));
    rig.config.retention = Retention {
        age: Some(std::time::Duration::from_millis(1)),
        bytes: None,
    };
    rig.log
        .enforce_retention(&rig.config, Timestamp(1000))
        .unwrap();
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[1000])), 10, "offsets go on");
    assert_eq!(rig.kill_and_start().log.end(), Offset(11));
}

#[test]
fn a_disk_that_turns_read_only_under_a_running_log_loses_nothing() {
    let (mut rig, disk) = ten();
    disk.set_read_only(true);
    for _ in 0..2 {
        assert!(is_refused(&mut rig));
        assert_eq!(rig.bases(0), (0..10).collect::<Vec<_>>());
    }
    assert!(
        !rig.log
            .enforce_retention(&rig.config, Timestamp(10))
            .unwrap(),
        "nothing is due"
    );
    disk.set_read_only(false);
    assert_eq!(rig.append(&batch(&[10])), 10);
    // It takes half a batch, and can't even cut that off again.
    disk.state.dies_full.store(true, Ordering::Relaxed);
    disk.set_room(30);
    for _ in 0..2 {
        assert!(is_refused(&mut rig));
        assert_eq!(rig.bases(0), (0..11).collect::<Vec<_>>());
    }
    disk.set_read_only(false);
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[11])), 11);
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), ((0..12).collect(), None));
}
