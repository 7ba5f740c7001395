//! A member of a group in a process of its own, which can be killed.
//!
//! `kafka-by-doing member` is this program again, hidden: a listener that says on standard output
//! which order it has begun and which it has done. It never gets done with a refund, so that whoever
//! started it can kill it in the middle of one.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use wellspring::prelude::*;

use super::client::{Client, SOON};

/// How long a group waits for a member that says nothing: the least that Kafka's brokers allow.
pub const SESSION: Duration = Duration::from_secs(6);

/// The order that is never done.
pub const REFUND: &str = "refund";

/// Handles an order, and gets stuck in a refund.
#[kafka_listener(
    topic = "${doing.topic}",
    group = "${doing.group}",
    id = "member",
    workers = 8,
    ordering = "partition",
    properties("session.timeout.ms" = "6000")
)]
async fn handle(order: Text, meta: Metadata) {
    let at = format!("{} {}", meta.partition, meta.offset);
    say(&format!("begun {at}"));
    if order.0 == REFUND {
        std::future::pending::<()>().await;
    }
    say(&format!("done {at}"));
}

/// Runs a member until standard input closes.
///
/// # Errors
/// When the listener does not start.
pub async fn run(bootstrap_servers: &str, topic: &str, group: &str) -> wellspring::Result {
    let app = Client::new(bootstrap_servers)?.app(topic, group)?;
    let app = app.listener(handle).start().await?;
    say("started");
    let mut stdin = tokio::io::stdin();
    while matches!(stdin.read(&mut [0; 64]).await, Ok(1..)) {}
    app.stop(Duration::ZERO).await;
    Ok(())
}

/// A reader that went away has no use for the line.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

/// A running member. Dropping it kills it.
#[derive(Debug)]
pub struct Member {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    client: Client,
}

impl Member {
    /// Starts this program again as a member of `group`; it has its partitions when this returns.
    ///
    /// # Errors
    /// When it does not start within half a minute.
    pub async fn start(client: &Client, topic: &str, group: &str) -> wellspring::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["member", client.bootstrap_servers(), topic, group])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process.stdout.take();
        let stdout = stdout.ok_or("a process without standard output")?;
        let mut member = Self {
            process,
            lines: BufReader::new(stdout).lines(),
            client: client.clone(),
        };
        member.says(&["started".to_owned()]).await?;
        Ok(member)
    }

    /// Reads what it says until it has said all these lines, in any order.
    ///
    /// # Errors
    /// When it does not say them within half a minute, or has ended.
    ///
    /// # Cancel safety
    /// Lines that were read are lost.
    pub async fn says(&mut self, lines: &[String]) -> wellspring::Result {
        let clock = self.client.clock().clone();
        let deadline = clock.after(SOON);
        let mut missing: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
        while !missing.is_empty() {
            let left = deadline.saturating_duration_since(clock.now());
            let next = clock.timeout(left, self.lines.next_line()).await;
            let next =
                next.map_err(|_late| format!("the other member has not said {missing:?}"))?;
            let said = next?.ok_or("the other member has ended by itself")?;
            missing.remove(&*said);
        }
        Ok(())
    }

    /// Kills it with SIGKILL: it can neither finish, nor commit, nor say goodbye.
    ///
    /// # Errors
    /// When the system refuses.
    ///
    /// # Cancel safety
    /// The signal may have been sent.
    pub async fn kill(mut self) -> io::Result<()> {
        self.process.kill().await
    }
}
