//! A member of a group in a process of its own, which can be killed without a word.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::Cluster;
use crate::wait::{Deadline, TimedOut};

/// A running `interop-rdkafka consume`. Dropping it kills it.
#[derive(Debug)]
pub struct MemberProcess {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

/// What went wrong with a member in another process.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The process could not be started, read or killed.
    #[error("cannot work with the process of the member")]
    Io(#[from] std::io::Error),
    /// It ended by itself.
    #[error("the process of the member ended by itself")]
    Ended,
    /// It did not say what was waited for.
    #[error(transparent)]
    Late(#[from] TimedOut),
}

impl Cluster {
    /// Starts a member of `group` in a process of its own. The program is `interop-rdkafka`, which
    /// only a test knows the path of: `env!("CARGO_BIN_EXE_interop-rdkafka")`.
    ///
    /// # Errors
    ///
    /// When the process cannot be started.
    pub fn member_process(
        &self,
        program: &str,
        group: &str,
        topic: &str,
    ) -> Result<MemberProcess, ProcessError> {
        let mut process = Command::new(program)
            .args(["consume", self.bootstrap(), &self.name(group), topic])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process.stdout.take().ok_or(ProcessError::Ended)?;
        Ok(MemberProcess { process, said: BufReader::new(stdout).lines() })
    }
}

impl MemberProcess {
    /// Waits for the first assignment that is not empty.
    ///
    /// # Errors
    ///
    /// When none comes in time, or the process ends.
    ///
    /// # Cancel safety
    ///
    /// What the process said meanwhile is lost.
    pub async fn assigned(&mut self, within: Duration) -> Result<BTreeSet<i32>, ProcessError> {
        let deadline = Deadline::after(within);
        loop {
            let line = tokio::time::timeout(deadline.left(), self.said.next_line()).await.map_err(
                |_elapsed| TimedOut::new("an assignment of the member in another process", within),
            )??;
            let line = line.ok_or(ProcessError::Ended)?;
            let Some(partitions) = line.strip_prefix("assigned ") else { continue };
            let assigned: BTreeSet<i32> =
                partitions.split_whitespace().filter_map(|p| p.parse().ok()).collect();
            if !assigned.is_empty() {
                return Ok(assigned);
            }
        }
    }

    /// Kills it with SIGKILL: it neither commits nor leaves its group.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn kill(mut self) -> Result<(), ProcessError> {
        Ok(self.process.kill().await?)
    }
}
