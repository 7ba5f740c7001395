//! The server's process: the command line of each kind, and its life.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::OwnKafkaError;
use super::ports::Ports;
use crate::process;
use crate::target::Kind;
use crate::target::jvm::{self, Jars, kafka_folder};

/// The script says the process id at once.
const SPAWN_TIMEOUT: Duration = Duration::from_secs(20);

/// Settings of every Kafka of a scenario's own on the JVM, below the scenario's settings.
///
/// One that was killed may not register again before its old session has ended, which is nine
/// seconds unless said otherwise: most of the time of a scenario that kills it.
const QUICK_RETURN: [(&str, &str); 2] = [
    ("broker.session.timeout.ms", "3000"),
    ("broker.heartbeat.interval.ms", "500"),
];

/// The program to run.
#[derive(Debug)]
pub(super) enum Program {
    /// broker-lite, by the path of its program.
    BrokerLite(PathBuf),
    /// Kafka on the JVM.
    Jvm(Jars),
}

impl Program {
    pub(super) fn of(kind: Kind, broker_node: &str) -> Result<Self, OwnKafkaError> {
        match kind {
            Kind::Jvm => Ok(Self::Jvm(Jars::resolve()?)),
            Kind::BrokerLite | Kind::Container | Kind::External => {
                Ok(Self::BrokerLite(broker_node.into()))
            }
        }
    }

    /// The command line; for a JVM's first start its folder is formatted.
    pub(super) fn command(
        &self,
        folder: &Path,
        data: &Path,
        ports: &Ports,
        settings: &[(String, String)],
    ) -> Result<Vec<OsString>, OwnKafkaError> {
        match self {
            Self::BrokerLite(program) => {
                let mut words: Vec<OsString> =
                    vec![program.into(), "--listen".into(), ports.bootstrap().into()];
                words.extend(["--data-dir".into(), data.into()]);
                for (key, value) in settings {
                    words.extend(["--set".into(), format!("{key}={value}").into()]);
                }
                Ok(words)
            }
            Self::Jvm(jars) => {
                let properties = folder.join("server.properties");
                let quick = QUICK_RETURN.map(|(key, value)| (key.to_owned(), value.to_owned()));
                let settings = [&quick, settings].concat();
                let text =
                    jvm::server_properties(folder, ports.broker, ports.controller, &settings);
                fs::write(&properties, text)
                    .map_err(OwnKafkaError::io("write server.properties"))?;
                if !data.join("meta.properties").exists() {
                    jvm::format(jars, folder, &properties)?;
                }
                let java = jars.java();
                let mut words: Vec<OsString> = vec![java.get_program().to_owned()];
                words.extend(java.get_args().map(OsString::from));
                words.extend(["kafka.Kafka".into(), properties.into()]);
                Ok(words)
            }
        }
    }
}

/// A server that was started. Dropping it kills the server.
#[derive(Debug)]
pub(super) struct Process {
    /// The script: it holds the pipe that the server's life hangs on, and ends after the server.
    script: process::Process,
    server: Pid,
}

impl Process {
    /// Starts the server under `restartable.sh`.
    pub(super) async fn start(
        command: &[OsString],
        folder: &Path,
        log: &Path,
    ) -> Result<Self, OwnKafkaError> {
        let script = kafka_folder().join("restartable.sh");
        let mut words = vec![folder.as_os_str(), log.as_os_str()];
        words.extend(command.iter().map(OsString::as_os_str));
        let mut script = process::Process::start(script, words)?;
        let said = script
            .line(SPAWN_TIMEOUT)
            .await?
            .and_then(|line| line.trim().parse().ok());
        let server = said
            .and_then(Pid::from_raw)
            .ok_or(process::ProcessError::Ended)?;
        Ok(Self { script, server })
    }

    pub(super) fn send(&self, signal: Signal) -> Result<(), OwnKafkaError> {
        kill_process(self.server, signal)
            .map_err(|errno| OwnKafkaError::io("send a signal")(errno.into()))
    }

    /// True once none of its threads runs any more, after [`Signal::STOP`]: each stops in its own
    /// time.
    pub(super) fn is_stopped(&self) -> bool {
        let Ok(threads) = fs::read_dir(format!("/proc/{}/task", self.server.as_raw_nonzero()))
        else {
            return false;
        };
        // The state is the first word behind the name, which stands in parentheses and may hold any
        // character.
        let state = |stat: &str| {
            stat.rsplit_once(") ")
                .and_then(|(_, rest)| rest.chars().next())
        };
        threads.flatten().all(|thread| {
            fs::read_to_string(thread.path().join("stat"))
                .is_ok_and(|stat| state(&stat) == Some('T'))
        })
    }

    /// True once the server is gone and its script has seen it.
    pub(super) fn has_ended(&mut self) -> bool {
        self.script.has_ended()
    }
}
