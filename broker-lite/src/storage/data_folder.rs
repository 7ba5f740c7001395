//! The folder that one broker owns: its lock, and the mark that tells it from any other folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::reserve::is_full;

/// Held by the broker that uses the folder.
const LOCK: &str = ".lock";
/// Says that the folder is ours, and in which format.
const MARK: &str = "broker-lite.format";
/// What stands in the mark. 2: the catalogue has a checksum.
const FORMAT: &str = "2";
/// What a fresh volume has in it, beside hidden names such as `.snapshot`, `.Trash-0` or a
/// kubelet's `..data`.
const OF_A_VOLUME: &[&str] = &[
    "lost+found",
    "System Volume Information",
    "$RECYCLE.BIN",
    "aquota.user",
    "aquota.group",
    "quota.user",
    "quota.group",
];

/// A data folder that belongs to this process as long as this value lives.
#[derive(Debug)]
pub(super) struct DataFolder {
    root: PathBuf,
    /// The system releases the lock when the file is closed, also after `kill -9`.
    _lock: fs::File,
}

/// Why a folder can't be the data folder. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DataFolderError {
    /// Another broker has it open.
    #[error("data folder {} is held by another process: stop it, or give each broker a folder of its own", path.display())]
    Held {
        /// The folder.
        path: PathBuf,
    },
    /// Something else wrote it.
    #[error(
        "data folder {} contains {found:?} and was not written by broker-lite: give an empty folder or a new one",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// A broker-lite of another version wrote it.
    #[error("data folder {} has format {found:?}, this broker reads {FORMAT:?}: use the broker that wrote it", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// The file system refuses.
    #[error("data folder {} can't be {doing}{}", path.display(), advice(source))]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the file system said.
        source: io::Error,
    },
}

/// What to do about it, where that is known.
fn advice(refusal: &io::Error) -> &'static str {
    let kind = refusal.kind();
    if kind == io::ErrorKind::ReadOnlyFilesystem {
        ": its file system is read-only, and has to be mounted for writing"
    } else if kind == io::ErrorKind::PermissionDenied {
        ": it has to belong to the user that runs the broker (chown), or take another folder"
    } else if is_full(kind) {
        ": make room, or take another folder"
    } else {
        ""
    }
}

impl DataFolder {
    /// Makes the folder if it is not there, and takes its lock.
    pub(super) fn open(root: &Path) -> Result<Self, DataFolderError> {
        let refused = |doing| {
            move |source| DataFolderError::Storage {
                path: root.to_owned(),
                doing,
                source,
            }
        };
        fs::create_dir_all(root).map_err(refused("made"))?;
        // Look before touching anything: a folder of somebody else stays as it is.
        let mark = read_mark(root).map_err(refused("read"))?;
        if mark.is_none()
            && let Some(found) = anything_in(root).map_err(refused("read"))?
        {
            return Err(DataFolderError::Foreign {
                path: root.to_owned(),
                found,
            });
        }
        let lock = fs::File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(root.join(LOCK));
        let lock = lock.map_err(refused("written to"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => DataFolderError::Held {
                path: root.to_owned(),
            },
            fs::TryLockError::Error(source) => refused("locked")(source),
        })?;
        match mark {
            Some(found) if found != FORMAT => {
                return Err(DataFolderError::Format {
                    path: root.to_owned(),
                    found,
                });
            }
            Some(_) => {}
            None => write_mark(root).map_err(refused("written to"))?,
        }
        Ok(Self {
            root: root.to_owned(),
            _lock: lock,
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }
}

/// When this returns the mark survives a loss of power: without it, what is written next would be
/// somebody else's.
fn write_mark(root: &Path) -> io::Result<()> {
    let mut mark = fs::File::create(root.join(MARK))?;
    mark.write_all(format!("{FORMAT}\n").as_bytes())?;
    mark.sync_all()
}

/// The mark, if there is one. A broker that died while it wrote the mark has left an empty one, and
/// nothing else yet.
fn read_mark(root: &Path) -> io::Result<Option<String>> {
    let mark = match fs::read(root.join(MARK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        mark => String::from_utf8_lossy(&mark?).trim().to_owned(),
    };
    Ok((!mark.is_empty()).then_some(mark))
}

/// The name of something in the folder that is neither a volume's own nor a lock: a broker may have
/// died between taking the lock and marking.
fn anything_in(root: &Path) -> io::Result<Option<String>> {
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != MARK && !is_of_a_volume(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Whether a fresh volume may have this in it. Nothing of ours, and none of our business.
fn is_of_a_volume(name: &str) -> bool {
    name.starts_with('.') || OF_A_VOLUME.contains(&name)
}
