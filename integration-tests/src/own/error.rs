//! Failures of a scenario's own Kafka.

use std::io;

use crate::process::ProcessError;
use crate::target::jvm::JvmError;
use crate::wait::TimedOut;

/// A failure of a scenario's own Kafka.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnKafkaError {
    /// The process ended instead of answering.
    #[error("kafka on {bootstrap} ended while starting; the end of its log: {log}")]
    Ended {
        /// The address where it should have listened.
        bootstrap: String,
        /// The last lines of its log.
        log: String,
    },
    /// The process is to be started and runs already.
    #[error("kafka runs already")]
    Runs,
    /// The Kafka has no broker of this number.
    #[error("there is no broker {number}: there are 1 to {brokers}")]
    NoBroker {
        /// The number that was given.
        number: u16,
        /// The number of brokers.
        brokers: usize,
    },
    /// The process is to be frozen or thawed and doesn't run.
    #[error("kafka does not run")]
    IsDown,
    /// The process did not answer, or not end, in time.
    #[error(transparent)]
    Late(#[from] TimedOut),
    /// The process can't be started or watched.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// There is no Kafka on the JVM.
    #[error(transparent)]
    Jvm(#[from] JvmError),
    /// A volume can't be mounted: mostly that takes root.
    #[error("{program} refused: {said}")]
    NoVolume {
        /// `mount` or `umount`.
        program: &'static str,
        /// The process' output.
        said: String,
    },
    /// A file or a port could not be had.
    #[error("cannot {doing}")]
    Io {
        /// The attempt.
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl OwnKafkaError {
    /// For `map_err`: notes what was being done when the system said no.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
