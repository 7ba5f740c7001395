//! Three real brokers on the JVM, in the hands of the program `kafka-node`.
//!
//! `kafka-node --nodes 3` starts them and takes one command a line: `kill 2` and the like. Its
//! status is 3 where Java, Maven or Kafka's jars are not to be had.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use wellspring::runtime::Clock;

use super::client::Client;
use super::inspect::PartitionState;

/// From the start of the program to its ready line: the first time Maven brings the jars.
const TIME_TO_START: Duration = Duration::from_secs(600);

/// Longest time for one command; most of it is for a broker that starts.
const TIME_TO_OBEY: Duration = Duration::from_secs(200);

/// Longest wait for a leader and its followers. A broker that was killed is missed after 9 s.
const TIME_TO_ELECT: Duration = Duration::from_secs(60);

/// Longest wait for the end of a program that has closed its output.
const TIME_TO_END: Duration = Duration::from_secs(10);

/// The status of `kafka-node` on a machine where Kafka can't be had.
const UNAVAILABLE: i32 = 3;

/// Three brokers with the ids 1 to 3. Dropping it ends them.
#[derive(Debug)]
pub struct Cluster {
    client: Client,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The program that starts it is nowhere.
    #[error(
        "there is no program `kafka-node` beside this one: build it with `cargo build --bin kafka-node`, or name it with --cluster. It needs Java 17 and Maven (Debian: default-jdk-headless, maven)"
    )]
    NoProgram,
    /// The machine lacks what Kafka needs.
    #[error("{said}. The brokers need Java 17 and Maven (Debian: default-jdk-headless, maven)")]
    Unavailable {
        /// What the program said.
        said: String,
    },
    /// It did not start.
    #[error("the brokers did not start: {said}")]
    Failed {
        /// What the program said.
        said: String,
    },
}

impl Cluster {
    /// Starts the brokers with `program`, or with the `kafka-node` that lies beside this program.
    ///
    /// # Errors
    /// [`ClusterError`] when there is no such program, when the machine lacks Java, Maven or the
    /// jars, and when a broker does not start.
    pub async fn start(program: Option<&Path>) -> Result<Self, ClusterError> {
        let beside = beside_this_program();
        let program = program.map(Path::to_owned).or(beside);
        let program = program.ok_or(ClusterError::NoProgram)?;
        let failed = |error: std::io::Error| ClusterError::Failed {
            said: format!("{}: {error}", program.display()),
        };
        let mut process = Command::new(&program)
            .args(["--nodes", "3", "--until-stdin-closes"])
            .args(["--set", "default.replication.factor=3"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A ctrl-c in the terminal is for this program, which ends that one.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (Some(commands), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            let said = "it has no standard input and output".to_owned();
            return Err(ClusterError::Failed { said });
        };
        let mut answers = BufReader::new(stdout).lines();
        let clock = Clock::system();
        let ready = clock.timeout(TIME_TO_START, answers.next_line());
        let line = ready.await.ok().and_then(Result::ok).flatten();
        let Some(addresses) = line.as_deref().and_then(|line| line.rsplit(' ').next()) else {
            return Err(why_not(process).await);
        };
        let client = Client::new(addresses).map_err(|error| ClusterError::Failed {
            said: error.to_string(),
        })?;
        Ok(Self {
            client,
            commands,
            answers,
            _process: process,
        })
    }

    /// The cluster as a client sees it.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Does something to a broker, `stop`, `kill`, `start`, `freeze` or `thaw`, and waits until it
    /// is done.
    ///
    /// # Errors
    /// When it can't be done; the error says why.
    ///
    /// # Cancel safety
    /// The command may be under way.
    pub async fn command(&mut self, verb: &str, broker: i32) -> wellspring::Result {
        let command = format!("{verb} {broker}");
        self.commands
            .write_all(format!("{command}\n").as_bytes())
            .await?;
        let clock = self.client.clock().clone();
        let answer = clock.timeout(TIME_TO_OBEY, self.answers.next_line());
        let answer = answer
            .await
            .map_err(|_late| format!("{command}: no answer"))?;
        match answer?.as_deref() {
            Some("done") => Ok(()),
            Some(refusal) => Err(format!("{command}: {refusal}").into()),
            None => Err(format!("{command}: the program that runs the brokers has ended").into()),
        }
    }

    /// Waits until the only partition of a topic has a leader and so many in-sync replicas, all of
    /// them running, and returns it.
    ///
    /// # Errors
    /// When it has not within a minute.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn in_sync(&self, topic: &str, count: usize) -> wellspring::Result<PartitionState> {
        let look = async || {
            let partitions = self.client.inspector().partitions(topic).await.ok()?;
            partitions
                .into_iter()
                .find(|state| state.leader >= 0 && state.isr.len() == count)
        };
        let what = format!("{topic} to have a leader and {count} in-sync replicas");
        self.client.until(&what, TIME_TO_ELECT, look).await
    }

    /// Waits until readers are handed what is in front of offset `next`: all in-sync replicas have
    /// fetched that.
    ///
    /// # Errors
    /// When they have not within a minute.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn fetched(&self, topic: &str, next: i64) -> wellspring::Result {
        let look = async || {
            let ends = self.client.inspector().ends(topic, 0).await.ok()?;
            (ends.next >= next).then_some(())
        };
        let what = format!("the replicas of {topic} to have fetched up to {next}");
        self.client.until(&what, TIME_TO_ELECT, look).await
    }
}

/// What a program that did not start has said, and what that means.
async fn why_not(process: Child) -> ClusterError {
    // It has closed its output, so it is about to end; if it does not, it is killed here.
    let clock = Clock::system();
    let ended = clock.timeout(TIME_TO_END, process.wait_with_output());
    let Ok(Ok(output)) = ended.await else {
        let said = format!("it said nothing within {TIME_TO_START:?}");
        return ClusterError::Failed { said };
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("kafka-node: ").to_owned();
    if output.status.code() == Some(UNAVAILABLE) {
        ClusterError::Unavailable { said }
    } else {
        ClusterError::Failed { said }
    }
}

/// `kafka-node` in the folder of this program, where cargo puts both.
fn beside_this_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.with_file_name("kafka-node")).filter(|beside| beside.is_file())
}
