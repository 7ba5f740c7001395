//! A small file system of its own under a Kafka's data, which can be filled, grown and made
//! read-only.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::OwnKafkaError;

/// A mounted `tmpfs`. Dropping it unmounts it; what is in it is gone then.
#[derive(Debug)]
pub(super) struct Volume {
    path: PathBuf,
}

impl Volume {
    /// Mounts one of so many bytes on a folder.
    pub(super) fn mount(path: &Path, bytes: u64) -> Result<Self, OwnKafkaError> {
        std::fs::create_dir_all(path).map_err(OwnKafkaError::io("make a folder to mount on"))?;
        run(
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"],
            path,
        )?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Mounts it again with other options, such as `ro` or `size=BYTES`. What is in it stays.
    pub(super) fn remount(&self, options: &str) -> Result<(), OwnKafkaError> {
        run("mount", &["-o", &format!("remount,{options}")], &self.path)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily, for whoever still has a file open.
        if let Err(refusal) = run("umount", &["-l"], &self.path) {
            tracing::warn!(path = %self.path.display(), %refusal, "a volume stays mounted");
        }
    }
}

fn run(program: &'static str, arguments: &[&str], path: &Path) -> Result<(), OwnKafkaError> {
    let ran = Command::new(program).args(arguments).arg(path).output();
    let ran = ran.map_err(OwnKafkaError::io("run mount or umount"))?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    Err(OwnKafkaError::NoVolume { program, said })
}
