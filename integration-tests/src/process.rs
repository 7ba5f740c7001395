//! A program in a process of its own, which tells in lines what it does and can be killed without a
//! word.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::wait::{Deadline, TimedOut};

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

/// A failure of a process.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The process could not be started, read or killed.
    #[error("cannot work with the process")]
    Io(#[from] std::io::Error),
    /// The process ended by itself.
    #[error("the process ended by itself")]
    Ended,
    /// The process did not print the line that was waited for.
    #[error(transparent)]
    Late(#[from] TimedOut),
}

impl Process {
    /// Starts a program of this crate, which only a test knows the path of:
    /// `env!("CARGO_BIN_EXE_…")`.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn start(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Self, ProcessError> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or(ProcessError::Ended)?;
        Ok(Self {
            child,
            said: BufReader::new(stdout).lines(),
        })
    }

    /// Reads on until a line starts with `word`, and returns what follows it.
    ///
    /// # Errors
    ///
    /// When none comes in time, or the process ends.
    ///
    /// # Cancel safety
    ///
    /// Lines that were read are lost.
    pub async fn says(&mut self, word: &str, within: Duration) -> Result<String, ProcessError> {
        let deadline = Deadline::after(within);
        loop {
            let line = self
                .line(deadline.left())
                .await?
                .ok_or(ProcessError::Ended)?;
            if let Some(rest) = line.strip_prefix(word) {
                return Ok(rest.trim().to_owned());
            }
        }
    }

    /// The next line, `None` once the process has ended and everything it said was read.
    ///
    /// # Errors
    ///
    /// When none comes in time.
    ///
    /// # Cancel safety
    ///
    /// Half a line may be lost.
    pub async fn line(&mut self, within: Duration) -> Result<Option<String>, ProcessError> {
        let line = tokio::time::timeout(within, self.said.next_line()).await;
        Ok(line.map_err(|_elapsed| TimedOut::new("a line from the process", within))??)
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it with SIGKILL. What it said before can still be read.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn kill(&mut self) -> Result<(), ProcessError> {
        Ok(self.child.kill().await?)
    }
}
