//! Where Kafka's jars lie, and what it takes to have them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::JvmError;

/// The resolved jars of one version of Kafka.
#[derive(Debug, Clone)]
pub struct Jars {
    folder: PathBuf,
}

impl Jars {
    /// Checks that the programs are there, without starting any of them.
    ///
    /// # Errors
    ///
    /// [`JvmError::ProgramMissing`] names the first of `java` and `mvn` that is not on the path.
    pub fn check_programs() -> Result<(), JvmError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        for program in ["java", "mvn"] {
            if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
                return Err(JvmError::ProgramMissing { program });
            }
        }
        Ok(())
    }

    /// Brings the jars with Maven: some seconds the first time, nothing after that.
    ///
    /// # Errors
    ///
    /// When a program is missing, or Maven reaches neither its cache nor a registry.
    pub fn resolve() -> Result<Self, JvmError> {
        Self::check_programs()?;
        let resolved = Command::new(kafka_folder().join("jars.sh"))
            .stdin(Stdio::null())
            .output()
            .map_err(JvmError::io("run kafka/jars.sh"))?;
        if !resolved.status.success() {
            let said = String::from_utf8_lossy(&resolved.stderr).trim().to_owned();
            return Err(JvmError::Unresolved { said });
        }
        let folder = PathBuf::from(String::from_utf8_lossy(&resolved.stdout).trim());
        Ok(Self { folder })
    }

    /// The class path: a wildcard that the JVM itself expands.
    pub(super) fn class_path(&self) -> OsString {
        self.folder.join("*").into_os_string()
    }
}

/// `integration-tests/kafka`: the Maven project, the scripts, the log settings.
pub(crate) fn kafka_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka")
}
