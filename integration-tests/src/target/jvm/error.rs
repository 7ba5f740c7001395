//! Reasons why there is no Kafka on the JVM.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The reason why a node did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JvmError {
    /// A program that the node needs is not on the path.
    #[error("no `{program}` on the path: install it (integration-tests/install.sh jvm)")]
    ProgramMissing {
        /// The missing program.
        program: &'static str,
    },
    /// Maven could not bring the jars.
    #[error("maven could not resolve kafka's jars: {said}")]
    Unresolved {
        /// The node's standard error.
        said: String,
    },
    /// The node's folder could not be formatted.
    #[error("kafka's storage tool refused to format {folder}: {said}")]
    Unformatted {
        /// The folder of the node.
        folder: PathBuf,
        /// The output.
        said: String,
    },
    /// The node ended by itself before it answered.
    #[error("kafka on {bootstrap} ended while starting; the end of its log: {log}")]
    Ended {
        /// The address where it should have listened.
        bootstrap: String,
        /// The last lines of its log.
        log: String,
    },
    /// The node runs but does not answer.
    #[error("kafka on {bootstrap} did not answer within {waited:?}; the end of its log: {log}")]
    Silent {
        /// The address where it should listen.
        bootstrap: String,
        /// The time it was given.
        waited: Duration,
        /// The last lines of its log.
        log: String,
    },
    /// A file, a port or a process could not be had.
    #[error("cannot {doing}")]
    Io {
        /// The attempt.
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl JvmError {
    /// For `map_err`: notes what was being done when the system said no.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
