//! A Kafka of a scenario's own that keeps its data in a folder: killed, frozen, damaged, started
//! again.
//!
//! The scenario gets it not yet started, sets what it needs and starts it as often as it likes,
//! always on the same address and the same folder. broker-lite runs as a child process
//! (`broker-node`), real Kafka as one KRaft node on the JVM; both keep records in Kafka's own
//! segment files, so [`PartitionFiles`] damages either.
//!
//! ```no_run
//! # use integration_tests::{harness::{Outcome, Scenario}, own::OwnKafka, scenarios};
//! pub(crate) const SCENARIOS: &[Scenario] = scenarios![OwnKafka => a_cut_log_is_noticed];
//!
//! async fn a_cut_log_is_noticed(mut kafka: OwnKafka) -> Outcome {
//!     kafka.set("log.segment.bytes", "100000");
//!     kafka.start().await?;
//!     let cluster = kafka.cluster();
//!     let topic = cluster.topic("work", 1).await?;
//!     // … produce, consume …
//!     kafka.kill().await?;
//!     kafka.partition(&topic, 0).cut_bytes(100)?;
//!     kafka.start().await?;
//!     Ok(())
//! }
//! ```
//!
//! [`ReplicatedKafka`] is the same for real Kafka of several brokers: what only replicas show.
//!
//! Dropping it kills the server and removes the folder, and so does the end of the test program,
//! whichever way it ends (`kafka/restartable.sh`). A few of them run on the JVM at a time.

mod replicated;
mod server;
mod ports;
mod files;
mod volume;
mod error;

use std::future::ready;
use std::path::PathBuf;
use std::time::Duration;

pub use error::OwnKafkaError;
pub use files::{FlippedBit, PartitionFiles, StoredBatch};
pub use replicated::ReplicatedKafka;
use rustix::process::Signal;
use tempfile::TempDir;

use self::server::{Process, Program};
use self::volume::Volume;
use crate::cluster::Cluster;
use crate::target::jvm::answers;
use crate::target::{Kind, Lease};
use crate::wait;

/// From the start to the first answer. Kafka on the JVM needs some seconds, and more while others
/// compile.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);

/// From SIGTERM to the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// A Kafka that a scenario starts, ends and damages as it likes.
#[derive(Debug)]
pub struct OwnKafka {
    program: Program,
    ports: ports::Ports,
    settings: Vec<(String, String)>,
    cluster: Cluster,
    // Dropped in this order: the process first, the folder last.
    process: Option<Process>,
    volume: Option<Volume>,
    folder: TempDir,
}

impl OwnKafka {
    /// One of this kind, not started. `broker_node` is the program that runs a broker-lite.
    ///
    /// # Errors
    ///
    /// When there are no ports or no folder to be had, or Kafka's jars can't be.
    pub(crate) fn new(kind: Kind, broker_node: &str) -> Result<Self, OwnKafkaError> {
        let program = Program::of(kind, broker_node)?;
        let ports = ports::Ports::take()?;
        let folder = tempfile::Builder::new().prefix("wellspring-own-").tempdir();
        let folder = folder.map_err(OwnKafkaError::io("make a folder"))?;
        let cluster = Cluster::new(Lease::own(kind, &ports.bootstrap()));
        Ok(Self {
            program,
            ports,
            settings: Vec::new(),
            cluster,
            process: None,
            volume: None,
            folder,
        })
    }

    /// Returns the reason why a scenario can't have one of this kind; `None` if it can.
    pub(crate) fn refusal(kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::BrokerLite | Kind::Jvm => None,
            Kind::Container | Kind::External => Some(
                "only a Kafka that the scenario starts itself (broker-lite, jvm) can be killed and damaged",
            ),
        }
    }

    /// A broker setting by Kafka's own name, from the next start on. The last one counts.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// Puts its data on a volume of its own, of so many bytes. Before the first start.
    ///
    /// # Errors
    ///
    /// [`OwnKafkaError::NoVolume`] where none can be mounted: skip the scenario then.
    pub fn limit_disk(&mut self, bytes: u64) -> Result<(), OwnKafkaError> {
        self.volume = Some(Volume::mount(&self.data_folder(), bytes)?);
        Ok(())
    }

    /// Mounts its volume again with other options: `ro`, `rw`, `size=BYTES`. What is in it stays.
    ///
    /// # Errors
    ///
    /// When it has no volume, or the system refuses: a read-only one has no file open for writing.
    pub fn remount_disk(&self, options: &str) -> Result<(), OwnKafkaError> {
        let none = OwnKafkaError::NoVolume {
            program: "mount",
            said: "there is no volume".to_owned(),
        };
        self.volume.as_ref().ok_or(none)?.remount(options)
    }

    /// Returns the kind of Kafka. For known gaps only: a scenario expects the same everywhere.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.cluster.kind()
    }

    /// The Kafka as clients see it, whether it runs or not.
    #[must_use]
    pub fn cluster(&self) -> Cluster {
        self.cluster.clone()
    }

    /// The folder of its data: that of a partition is in it.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The files of a partition. Damage them while it doesn't run.
    #[must_use]
    pub fn partition(&self, topic: &str, partition: i32) -> PartitionFiles {
        PartitionFiles::new(self.data_folder().join(format!("{topic}-{partition}")))
    }

    /// Returns its log so far, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Starts it and waits until it answers a client.
    ///
    /// # Errors
    ///
    /// [`OwnKafkaError::Ended`] when it refuses to start, with the end of what it said.
    ///
    /// # Cancel safety
    ///
    /// It may have been started; dropping this value ends it.
    pub async fn start(&mut self) -> Result<(), OwnKafkaError> {
        if self.process.is_some() {
            return Err(OwnKafkaError::Runs);
        }
        let command = self.program.command(
            self.folder.path(),
            &self.data_folder(),
            &self.ports,
            &self.settings,
        )?;
        let process = self
            .process
            .insert(Process::start(&command, self.folder.path(), &self.log_file()).await?);
        let bootstrap = self.ports.bootstrap();
        let answer = wait::until(
            format!("an answer of kafka on {bootstrap}"),
            ANSWER_TIMEOUT,
            || {
                ready(if process.has_ended() {
                    Some(false)
                } else {
                    answers(&bootstrap).then_some(true)
                })
            },
        );
        if answer.await? {
            return Ok(());
        }
        self.process = None;
        Err(OwnKafkaError::Ended {
            bootstrap,
            log: end_of(&self.log()),
        })
    }

    /// `kill -9`, also of a frozen one. Does nothing if it doesn't run.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn kill(&mut self) -> Result<(), OwnKafkaError> {
        self.end(Signal::KILL).await
    }

    /// Stops it as one should: SIGTERM, and a wait for its end.
    ///
    /// # Errors
    ///
    /// When it does not end within a minute.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn stop(&mut self) -> Result<(), OwnKafkaError> {
        self.end(Signal::TERM).await
    }

    async fn end(&mut self, signal: Signal) -> Result<(), OwnKafkaError> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        process.send(signal)?;
        let ended = || ready(process.has_ended().then_some(()));
        wait::until("the end of kafka", STOP_TIMEOUT, ended).await?;
        self.process = None;
        Ok(())
    }

    /// Takes all processor time from it: to clients it is there and silent. Waits until none of its
    /// threads runs.
    ///
    /// # Errors
    ///
    /// When it doesn't run.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn freeze(&self) -> Result<(), OwnKafkaError> {
        let process = self.process.as_ref().ok_or(OwnKafkaError::IsDown)?;
        process.send(Signal::STOP)?;
        let is_stopped = || ready(process.is_stopped().then_some(()));
        Ok(wait::until("the end of all its threads' work", STOP_TIMEOUT, is_stopped).await?)
    }

    /// Lets a frozen one go on.
    ///
    /// # Errors
    ///
    /// When it doesn't run.
    pub fn thaw(&self) -> Result<(), OwnKafkaError> {
        self.process
            .as_ref()
            .ok_or(OwnKafkaError::IsDown)?
            .send(Signal::CONT)
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
