//! Where the counts and the archive are: a folder that is given, or one that ends with the program.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::options::Options;
use crate::common::Kafka;

/// The folder of an instance.
#[derive(Debug)]
pub(super) enum DataFolder {
    /// Instances on one machine share it.
    Given(PathBuf),
    /// Removed with this value.
    Temporary(TempDir),
}

impl DataFolder {
    pub(super) fn of(options: &Options, kafka: &Kafka) -> wellspring::Result<Self> {
        let Some(folder) = &options.data_dir else {
            if kafka.is_own() {
                return Ok(Self::Temporary(TempDir::with_prefix("behaviour-")?));
            }
            let address = kafka.bootstrap_servers();
            return Err(format!(
                "give --data-dir: the Kafka at {address} keeps what was read, and the counts must \
                 last as long; instances on one machine share the folder"
            )
            .into());
        };
        std::fs::create_dir_all(folder).map_err(|error| {
            format!("cannot make the data folder {}: {error}", folder.display())
        })?;
        Ok(Self::Given(folder.clone()))
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(folder) => folder,
            Self::Temporary(folder) => folder.path(),
        }
    }

    pub(super) fn unusable(&self, file: &str, error: &dyn std::error::Error) -> String {
        let cause = error.source().map(|cause| format!(": {cause}"));
        let path = self.path().join(file);
        format!(
            "cannot use {}: {error}{}",
            path.display(),
            cause.unwrap_or_default()
        )
    }
}
