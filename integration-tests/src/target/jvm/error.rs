//! Why there is no Kafka on the JVM.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What kept a node from starting.
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
        /// What it wrote to standard error.
        said: String,
    },
    /// The node's folder could not be formatted.
    #[error("kafka's storage tool refused to format {folder}: {said}")]
    Unformatted {
        /// The folder of the node.
        folder: PathBuf,
        /// What it wrote.
        said: String,
    },
    /// The node ended by itself before it answered.
    #[error("kafka on {bootstrap} ended while starting; the end of its log: {log}")]
    Ended {
        /// Where it should have listened.
        bootstrap: String,
        /// The last lines of its log.
        log: String,
    },
    /// The node runs but does not answer.
    #[error("kafka on {bootstrap} did not answer within {waited:?}; the end of its log: {log}")]
    Silent {
        /// Where it should listen.
        bootstrap: String,
        /// How long it was given.
        waited: Duration,
        /// The last lines of its log.
        log: String,
    },
    /// A file, a port or a process could not be had.
    #[error("cannot {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl JvmError {
    /// For `map_err`: notes what was being done when the system said no.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
