//! Why a scenario's own Kafka does not do as it is told.

use std::io;

use crate::process::ProcessError;
use crate::target::jvm::JvmError;
use crate::wait::TimedOut;

/// What went wrong with a scenario's own Kafka.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnKafkaError {
    /// It ended instead of answering.
    #[error("kafka on {bootstrap} ended while starting; the end of its log: {log}")]
    Ended {
        /// Where it should have listened.
        bootstrap: String,
        /// The last lines of its log.
        log: String,
    },
    /// It is to be started and runs already.
    #[error("kafka runs already")]
    Runs,
    /// It has no broker of this number.
    #[error("there is no broker {number}: there are 1 to {brokers}")]
    NoBroker {
        /// The number that was given.
        number: u16,
        /// How many there are.
        brokers: usize,
    },
    /// It is to be frozen or thawed and doesn't run.
    #[error("kafka does not run")]
    IsDown,
    /// It did not answer, or not end, in time.
    #[error(transparent)]
    Late(#[from] TimedOut),
    /// Its process can't be started or watched.
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
        /// What it said.
        said: String,
    },
    /// A file or a port could not be had.
    #[error("cannot {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl OwnKafkaError {
    /// For `map_err`: notes what was being done when the system said no.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
