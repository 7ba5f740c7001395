//! One node: formatted, started, watched until it answers, ended.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::metadata::MetadataBroker;

use super::format::format;
use super::jars::kafka_folder;
use super::properties::server_properties;
use super::{Jars, JvmError};
use crate::target::Kafka;
use crate::wait::Deadline;

/// From the start of the JVM to the first answer. Three seconds on an idle machine.
const TIME_TO_ANSWER: Duration = Duration::from_secs(90);

/// A running Kafka node.
///
/// Dropping it ends the JVM at once and removes its folder. So does the end of this process,
/// whichever way it ends: see `kafka/supervise.sh`.
#[derive(Debug)]
pub struct Node {
    bootstrap: String,
    supervisor: Child,
}

/// The settings of a [`Node`] to come.
#[derive(Debug, Default)]
#[must_use]
pub struct NodeBuilder {
    port: u16,
    settings: Vec<(String, String)>,
}

impl Node {
    /// A node on a free port, with Kafka's defaults but for what a single node needs.
    pub fn builder() -> NodeBuilder {
        NodeBuilder::default()
    }

    /// Returns the address for clients, `127.0.0.1:port`.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }
}

impl Kafka for Node {
    fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Closing the pipe is the order to stop; the wait is for the folder to be gone.
        drop(self.supervisor.stdin.take());
        if let Err(refusal) = self.supervisor.wait() {
            tracing::warn!(bootstrap = self.bootstrap, %refusal, "could not wait for the end of kafka");
        }
    }
}

impl NodeBuilder {
    /// The port for clients on 127.0.0.1. Default: 0, which takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// One broker setting by Kafka's own name, over ours.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((key.into(), value.into()));
        self
    }

    /// Formats a fresh folder, starts the node and waits until it answers a client. Blocks.
    ///
    /// # Errors
    ///
    /// When Java or the jars are not to be had, the port is taken, or the node does not answer
    /// within 90 seconds; the end of its log is part of the message.
    pub fn start(self) -> Result<Node, JvmError> {
        let jars = Jars::resolve()?;
        let scratch = tempfile::Builder::new()
            .prefix("wellspring-kafka-")
            .tempdir()
            .map_err(JvmError::io("make a folder for the node"))?;
        let folder = scratch.path().to_owned();

        let (broker_port, controller_port) = free_ports(self.port)?;
        let properties = folder.join("server.properties");
        fs::write(
            &properties,
            server_properties(&folder, broker_port, controller_port, &self.settings),
        )
        .map_err(JvmError::io("write server.properties"))?;
        format(&jars, &folder, &properties)?;

        let supervisor = supervise(&jars, &folder, &properties)?;
        // From here on the supervisor removes the folder, also when we are gone.
        _ = scratch.keep();
        let mut node = Node {
            bootstrap: format!("127.0.0.1:{broker_port}"),
            supervisor,
        };
        await_answer(&mut node, &folder)?;
        Ok(node)
    }
}

/// Two ports that nobody listens on now: for clients, and for the controller.
fn free_ports(wanted: u16) -> Result<(u16, u16), JvmError> {
    // Both are held until both are known, or the system may hand out the same one twice.
    let bind = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|held| Ok((held.local_addr()?.port(), held)))
    };
    let (broker, _held) =
        bind(wanted).map_err(JvmError::io("bind the port for clients on 127.0.0.1"))?;
    let (controller, _held) =
        bind(0).map_err(JvmError::io("find a free port for the controller"))?;
    Ok((broker, controller))
}

/// Starts the node under `supervise.sh`, which ends it when our end of the pipe closes.
fn supervise(jars: &Jars, folder: &Path, properties: &Path) -> Result<Child, JvmError> {
    let log =
        File::create(log_file(folder)).map_err(JvmError::io("create the log file of the node"))?;
    let errors = log
        .try_clone()
        .map_err(JvmError::io("share the log file of the node"))?;
    let node = jars.java();
    Command::new(kafka_folder().join("supervise.sh"))
        .arg(folder)
        .arg(node.get_program())
        .args(node.get_args())
        .arg("kafka.Kafka")
        .arg(properties)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        // A ctrl-c in the terminal is for us; the supervisor hears of it through the pipe.
        .process_group(0)
        .spawn()
        .map_err(JvmError::io("start kafka/supervise.sh"))
}

fn await_answer(node: &mut Node, folder: &Path) -> Result<(), JvmError> {
    let deadline = Deadline::after(TIME_TO_ANSWER);
    let bootstrap = node.bootstrap.clone();
    let is_over = deadline.poll(|| node.has_ended() || answers(&bootstrap));
    if node.has_ended() {
        return Err(JvmError::Ended {
            bootstrap,
            log: end_of_log(folder),
        });
    }
    if is_over {
        return Ok(());
    }
    Err(JvmError::Silent {
        bootstrap,
        waited: TIME_TO_ANSWER,
        log: end_of_log(folder),
    })
}

/// An open port is not enough: the broker must have registered, or clients see a cluster of none.
pub(crate) fn answers(bootstrap: &str) -> bool {
    !registered(bootstrap).is_empty()
}

/// The ids of the brokers that are registered, as the one at this address has it; none when it does
/// not answer.
pub(crate) fn registered(bootstrap: &str) -> Vec<i32> {
    // A client that finds the port closed tries again after its own, longer pause.
    if TcpStream::connect(bootstrap).is_err() {
        return Vec::new();
    }
    let metadata = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("log_level", "0")
        .create::<BaseConsumer>()
        .and_then(|client| client.fetch_metadata(None, Duration::from_millis(500)));
    let brokers = metadata.iter().flat_map(|metadata| metadata.brokers());
    brokers.map(MetadataBroker::id).collect()
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("kafka.log")
}

fn end_of_log(folder: &Path) -> String {
    let log = fs::read_to_string(log_file(folder)).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
