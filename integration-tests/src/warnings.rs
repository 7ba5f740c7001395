//! The warnings that this process writes into its log, for scenarios about what an operator reads.
//!
//! One subscriber for the process, since the lines come from threads of the client; scenarios tell
//! their lines apart by the names of their listeners.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::Level;

/// Everything at the level of warnings and above, from the first call on.
#[derive(Debug, Clone, Default)]
pub struct Warnings {
    /// Held for one line, or for a copy.
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Warnings {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        static WARNINGS: OnceLock<Warnings> = OnceLock::new();
        let subscribe = || {
            let warnings = Self::default();
            let writer = warnings.clone();
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(Level::WARN)
                .with_ansi(false);
            subscriber.with_writer(move || writer.clone()).init();
            warnings
        };
        WARNINGS.get_or_init(subscribe).clone()
    }

    /// The lines that hold this text.
    #[must_use]
    pub fn with(&self, text: &str) -> Vec<String> {
        let bytes = self
            .bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let lines = String::from_utf8_lossy(&bytes).into_owned();
        lines
            .lines()
            .filter(|line| line.contains(text))
            .map(str::to_owned)
            .collect()
    }
}

impl Write for Warnings {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
