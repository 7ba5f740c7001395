//! The process that measures one half of a cell, seen from the program.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use wellspring::runtime::Clock;

use super::protocol::{Assignment, Drained, Paced, Said, Sent};

/// A process that measures one half of a cell. It ends when this is dropped.
#[derive(Debug)]
pub struct ConsumerProcess {
    /// Kept for its end: it is killed when this is dropped.
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// How long it may say nothing.
    patience: Duration,
}

/// The subcommand that measures a cell.
pub const SUBCOMMAND: &str = "consume";

impl ConsumerProcess {
    /// Starts this program once more, to measure what `assignment` says.
    ///
    /// # Errors
    /// When the system gives no process.
    pub fn start(assignment: &Assignment) -> wellspring::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SUBCOMMAND)
            .arg(serde_json::to_string(assignment)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().ok_or("the process has no input")?;
        let output = child.stdout.take().ok_or("the process has no output")?;
        Ok(Self {
            _child: child,
            input,
            output: BufReader::new(output).lines(),
            // It gives up by itself, with a reason; so this is for one that hangs.
            patience: (assignment.patience + assignment.window) * 3,
        })
    }

    /// Waits for what draining came to.
    ///
    /// # Errors
    /// When it failed.
    pub async fn drained(mut self) -> wellspring::Result<Drained> {
        let said = self.said().await?;
        let Said::Drained(drained) = said else {
            return Err(unexpected(&said));
        };
        Ok(drained)
    }

    /// Waits until the paced load may begin.
    ///
    /// # Errors
    /// When it failed.
    pub async fn ready(&mut self) -> wellspring::Result {
        let said = self.said().await?;
        let Said::Ready = said else {
            return Err(unexpected(&said));
        };
        Ok(())
    }

    /// Tells how many records were sent, and waits for what handling them came to.
    ///
    /// # Errors
    /// When it failed.
    pub async fn paced(mut self, records: u64) -> wellspring::Result<Paced> {
        let sent = serde_json::to_string(&Sent { records })? + "\n";
        self.input.write_all(sent.as_bytes()).await?;
        let said = self.said().await?;
        let Said::Paced(paced) = said else {
            return Err(unexpected(&said));
        };
        Ok(paced)
    }

    async fn said(&mut self) -> wellspring::Result<Said> {
        let line = Clock::system()
            .timeout(self.patience, self.output.next_line())
            .await
            .map_err(|_| {
                format!(
                    "the process that consumes said nothing for {:?}",
                    self.patience
                )
            })??
            .ok_or("the process that consumes is gone")?;
        match serde_json::from_str(&line)? {
            Said::Failed(reason) => Err(reason.into()),
            said @ (Said::Drained(_) | Said::Ready | Said::Paced(_)) => Ok(said),
        }
    }
}

fn unexpected(said: &Said) -> wellspring::BoxError {
    format!("the process that consumes said {said:?} out of turn").into()
}
