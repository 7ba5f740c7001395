//! The folder that one broker owns: its lock, and the file that marks it as a data folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::reserve::is_full;

/// The file that the broker which uses the folder holds locked.
const LOCK: &str = ".lock";
/// The file that marks a data folder and names its format.
const MARK: &str = "broker-lite.format";
/// The content of the mark. Since 2 the catalogue has a checksum.
const FORMAT: &str = "2";
/// Names that a fresh volume may contain, beside hidden ones such as `.snapshot`, `.Trash-0` or a
/// kubelet's `..data`.
const VOLUME_NAMES: &[&str] = &[
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

/// The reason why a folder cannot be the data folder. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DataFolderError {
    /// Another process has it locked.
    #[error("data folder {} is held by another process: stop it, or give each broker a folder of its own", path.display())]
    Held {
        /// The folder.
        path: PathBuf,
    },
    /// The folder contains files of another program.
    #[error(
        "data folder {} contains {found:?} and was not written by broker-lite: give an empty folder or a new one",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The name of one of these files.
        found: String,
    },
    /// Another version of broker-lite wrote it.
    #[error("data folder {} has format {found:?}, this broker reads {FORMAT:?}: use the broker that wrote it", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// The format.
        found: String,
    },
    /// The file system returned an error.
    #[error("data folder {} can't be {doing}{}", path.display(), advice(source))]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// The attempt, as a past participle.
        doing: &'static str,
        /// The error of the file system.
        source: io::Error,
    },
}

/// Returns what a user can do about an error, where that is known.
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
    /// Opens and locks the folder, and creates it if it does not exist.
    pub(super) fn open(root: &Path) -> Result<Self, DataFolderError> {
        let refused = |doing| {
            move |source| DataFolderError::Storage {
                path: root.to_owned(),
                doing,
                source,
            }
        };
        fs::create_dir_all(root).map_err(refused("made"))?;
        // Checked before anything is written: a folder of another program stays as it is.
        let mark = read_mark(root).map_err(refused("read"))?;
        if mark.is_none()
            && let Some(found) = foreign_file(root).map_err(refused("read"))?
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

/// Writes the mark and syncs it. Files that are written after it would otherwise look like those of
/// another program after a power failure.
fn write_mark(root: &Path) -> io::Result<()> {
    let mut mark = fs::File::create(root.join(MARK))?;
    mark.write_all(format!("{FORMAT}\n").as_bytes())?;
    mark.sync_all()
}

/// Returns the mark, if there is one. An empty mark counts as none: the broker died while it wrote
/// it, before any other file.
fn read_mark(root: &Path) -> io::Result<Option<String>> {
    let mark = match fs::read(root.join(MARK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        mark => String::from_utf8_lossy(&mark?).trim().to_owned(),
    };
    Ok((!mark.is_empty()).then_some(mark))
}

/// Returns the name of a file that belongs to another program, if there is one. A lock file without
/// a mark is fine: a broker may have died between the two.
fn foreign_file(root: &Path) -> io::Result<Option<String>> {
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != MARK && !is_volume_name(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Whether a fresh volume may contain this name.
fn is_volume_name(name: &str) -> bool {
    name.starts_with('.') || VOLUME_NAMES.contains(&name)
}
