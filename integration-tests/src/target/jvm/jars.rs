//! Kafka's jars: their folder, and the tools it takes to have them.

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

    /// The start of a command line: Java, its options and Kafka's class path.
    ///
    /// The options make a start cheap: a node lives for seconds, so it is not worth compiling
    /// twice, and its classes are read as they were laid out before. Throughput is not what it is
    /// here for.
    pub(crate) fn java(&self) -> Command {
        let mut java = Command::new("java");
        let mut log_settings = OsString::from("-Dlog4j2.configurationFile=");
        log_settings.push(kafka_folder().join("log4j2.properties"));
        java.args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .args(self.class_archive())
            .arg(log_settings)
            .arg("-cp")
            // The JVM itself expands the wildcard.
            .arg(self.folder.join("*"));
        java
    }

    /// The option that has the JVM map Kafka's classes in place of parsing them, which halves a
    /// start; none where the archive could not be made.
    fn class_archive(&self) -> Option<OsString> {
        let archive = self.folder.join("kafka.jsa");
        let mut option = OsString::from("-XX:SharedArchiveFile=");
        option.push(&archive);
        archive.is_file().then_some(option)
    }
}

/// `integration-tests/kafka`: the Maven project, the scripts, the log settings.
pub(crate) fn kafka_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka")
}
