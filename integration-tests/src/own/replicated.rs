//! Real Kafka of several brokers on the JVM, each of which can be stopped, killed and frozen.
//!
//! The controller is a process of its own and is left alone: were each broker a controller too, two
//! that are killed or frozen would take the majority with them, and nobody would elect leaders.

use std::ffi::OsString;
use std::fs;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::ports::free_ports;
use super::server::Process;
use super::{OwnKafkaError, STOP_TIMEOUT, end_of};
use crate::target::jvm::{self, Jars, Role};
use crate::wait;

/// The number of brokers.
const BROKERS: usize = 3;

/// From the start of the JVMs to the last registration. Ten seconds on an idle machine.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(150);

/// Three brokers, numbered from 1, and a controller, all on loopback.
///
/// Dropping it kills them and removes their folder; so does the end of this process.
#[derive(Debug)]
pub struct ReplicatedKafka {
    // Dropped in this order: the processes first, the folder last.
    brokers: [Server; BROKERS],
    controller: Server,
    folder: TempDir,
}

/// One node, running or not.
#[derive(Debug)]
struct Server {
    role: Role,
    command: Vec<OsString>,
    log: PathBuf,
    process: Option<Process>,
}

impl ReplicatedKafka {
    /// Starts the controller and the brokers, with these settings over Kafka's defaults, and waits
    /// until all brokers are registered.
    ///
    /// # Errors
    ///
    /// When Java or the jars are not to be had, or a node ends or does not register; the end of its
    /// log is part of the message.
    ///
    /// # Cancel safety
    ///
    /// What was started is killed.
    pub async fn start(settings: &[(String, String)]) -> Result<Self, OwnKafkaError> {
        let jars = Jars::resolve()?;
        let folder = tempfile::Builder::new()
            .prefix("wellspring-replicated-")
            .tempdir()
            .map_err(OwnKafkaError::io("make a folder"))?;
        let [controller, one, two, three] = free_ports()?;
        let server = |role| Server::prepare(&jars, folder.path(), role, controller, settings);
        let broker = |id, port| server(Role::Broker { id, port });
        let mut kafka = Self {
            brokers: [broker(1, one)?, broker(2, two)?, broker(3, three)?],
            controller: server(Role::Controller)?,
            folder,
        };
        let Self {
            brokers,
            controller,
            folder,
        } = &mut kafka;
        for server in [controller].into_iter().chain(brokers) {
            server.start(folder.path()).await?;
        }
        for number in 1..=BROKERS {
            kafka.registered(number).await?;
        }
        Ok(kafka)
    }

    /// Returns the addresses for clients: every broker, separated by commas.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.brokers.each_ref().map(Server::bootstrap).join(",")
    }

    /// Starts a broker that was stopped or killed, and waits until it is registered again.
    ///
    /// # Errors
    ///
    /// [`OwnKafkaError::Ended`] when it refuses to start, with the end of what it said.
    ///
    /// # Cancel safety
    ///
    /// It may have been started.
    pub async fn start_broker(&mut self, number: u16) -> Result<(), OwnKafkaError> {
        let folder = self.folder.path().to_owned();
        self.broker(number)?.start(&folder).await?;
        self.registered(number.into()).await
    }

    /// Stops a broker as one should: SIGTERM, and a wait for its end. It hands over what it leads.
    ///
    /// # Errors
    ///
    /// When it does not end within a minute.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn stop_broker(&mut self, number: u16) -> Result<(), OwnKafkaError> {
        self.broker(number)?.end(Signal::TERM).await
    }

    /// `kill -9`, also of a frozen one.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn kill_broker(&mut self, number: u16) -> Result<(), OwnKafkaError> {
        self.broker(number)?.end(Signal::KILL).await
    }

    /// Takes all processor time from a broker, and waits until none of its threads runs.
    ///
    /// # Errors
    ///
    /// When it doesn't run.
    ///
    /// # Cancel safety
    ///
    /// The signal may have been sent.
    pub async fn freeze_broker(&mut self, number: u16) -> Result<(), OwnKafkaError> {
        let process = self.broker(number)?.running()?;
        process.send(Signal::STOP)?;
        let is_stopped = || ready(process.is_stopped().then_some(()));
        Ok(wait::until("the end of all its threads' work", STOP_TIMEOUT, is_stopped).await?)
    }

    /// Lets a frozen broker go on.
    ///
    /// # Errors
    ///
    /// When it doesn't run.
    pub fn thaw_broker(&mut self, number: u16) -> Result<(), OwnKafkaError> {
        self.broker(number)?.running()?.send(Signal::CONT)
    }

    fn broker(&mut self, number: u16) -> Result<&mut Server, OwnKafkaError> {
        let index = usize::from(number).checked_sub(1);
        let brokers = self.brokers.len();
        index
            .and_then(|index| self.brokers.get_mut(index))
            .ok_or(OwnKafkaError::NoBroker { number, brokers })
    }

    /// Waits until a broker is registered, as it says itself.
    async fn registered(&mut self, number: usize) -> Result<(), OwnKafkaError> {
        let Some(server) = self.brokers.get_mut(number - 1) else {
            return Ok(());
        };
        let bootstrap = server.bootstrap();
        let what = format!("the registration of the broker at {bootstrap}");
        let is_up = wait::until(what, REGISTER_TIMEOUT, || {
            let id = server.role.id().into();
            let up = jvm::registered(&bootstrap).contains(&id).then_some(true);
            ready(up.or_else(|| server.has_ended().then_some(false)))
        });
        if is_up.await? {
            return Ok(());
        }
        Err(OwnKafkaError::Ended {
            bootstrap,
            log: end_of(&fs::read_to_string(&server.log).unwrap_or_default()),
        })
    }
}

impl Server {
    /// Writes its settings and formats its folder.
    fn prepare(
        jars: &Jars,
        root: &Path,
        role: Role,
        controller_port: u16,
        settings: &[(String, String)],
    ) -> Result<Self, OwnKafkaError> {
        let folder = root.join(role.id().to_string());
        fs::create_dir(&folder).map_err(OwnKafkaError::io("make the folder of a node"))?;
        let properties = folder.join("server.properties");
        let text = jvm::replicated_properties(&folder, role, controller_port, settings);
        fs::write(&properties, text).map_err(OwnKafkaError::io("write server.properties"))?;
        jvm::format_as(role.id(), jars, &folder, &properties)?;

        let java = jars.java();
        let mut command: Vec<OsString> = vec![java.get_program().to_owned()];
        command.extend(java.get_args().map(OsString::from));
        command.extend(["kafka.Kafka".into(), properties.into()]);
        Ok(Self {
            role,
            command,
            log: folder.join("server.log"),
            process: None,
        })
    }

    fn bootstrap(&self) -> String {
        match self.role {
            Role::Broker { port, .. } => format!("127.0.0.1:{port}"),
            Role::Controller => String::new(),
        }
    }

    /// Starts its process. The folder of the whole cluster goes with this one.
    async fn start(&mut self, root: &Path) -> Result<(), OwnKafkaError> {
        if self.process.is_some() {
            return Err(OwnKafkaError::Runs);
        }
        self.process = Some(Process::start(&self.command, root, &self.log).await?);
        Ok(())
    }

    async fn end(&mut self, signal: Signal) -> Result<(), OwnKafkaError> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        process.send(signal)?;
        let ended = || ready(process.has_ended().then_some(()));
        wait::until("the end of a broker", STOP_TIMEOUT, ended).await?;
        self.process = None;
        Ok(())
    }

    fn running(&self) -> Result<&Process, OwnKafkaError> {
        self.process.as_ref().ok_or(OwnKafkaError::IsDown)
    }

    fn has_ended(&mut self) -> bool {
        self.process.as_mut().is_none_or(Process::has_ended)
    }
}
