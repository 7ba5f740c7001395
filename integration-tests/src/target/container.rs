//! Real Kafka in a container, through `testcontainers`.
//!
//! The port that clients see is mapped by the engine and known only once the container runs, while
//! Kafka wants it in its settings. So the container first waits for a file; we write the address
//! into it, and Kafka starts with that.

use std::borrow::Cow;
use std::time::Duration;

use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::core::client::docker_client_instance;
use testcontainers::core::{ContainerPort, ContainerState, ExecCommand, WaitFor};
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, Image, ImageExt as _, TestcontainersError};
use tokio::runtime::Runtime;

use super::Kafka;
use super::single_node::{SETTINGS, variable};

const NAME: &str = "apache/kafka";
const TAG: &str = "4.3.1";
const CLIENT_PORT: ContainerPort = ContainerPort::Tcp(9092);
const ADDRESS_FILE: &str = "/tmp/advertised";

/// From the start of the container to Kafka's word that it is up.
const TIME_TO_START: Duration = Duration::from_secs(120);

/// Kafka in a container. Dropping it removes the container.
#[derive(Debug)]
pub struct Container {
    bootstrap: String,
    /// `None` only while dropping: the container goes first, and needs the runtime for it.
    container: Option<ContainerAsync<KafkaImage>>,
    runtime: Runtime,
}

/// The reason why the container did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// There is no runtime to talk to the engine from.
    #[error("cannot start a runtime for the container engine's client")]
    Runtime(#[from] std::io::Error),
    /// The engine or the container failed.
    #[error("no kafka in a container of {NAME}:{TAG}")]
    Engine(#[from] TestcontainersError),
}

impl Container {
    /// Starts the container and waits until Kafka says that it is up. Blocks.
    ///
    /// # Errors
    ///
    /// When the engine refuses, or Kafka is not up within two minutes.
    pub fn start() -> Result<Self, ContainerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let (container, bootstrap) = runtime.block_on(async {
            let container = KafkaImage::default()
                .with_startup_timeout(TIME_TO_START)
                .start()
                .await?;
            let state = ContainerState::from_container(&container).await?;
            Ok::<_, TestcontainersError>((container, address(&state)?))
        })?;
        Ok(Self {
            bootstrap,
            container: Some(container),
            runtime,
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let Some(container) = self.container.take() else {
            return;
        };
        if let Err(refusal) = self.runtime.block_on(container.rm()) {
            tracing::warn!(%refusal, "could not remove the container of kafka");
        }
    }
}

impl Kafka for Container {
    fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

/// Whether an engine answers and has the image; nothing is pulled.
pub(super) fn look() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|refusal| refusal.to_string())?.block_on(async {
        let engine = docker_client_instance().await.map_err(|refusal| format!("no container engine: {refusal}"))?;
        engine.ping().await.map_err(|said| format!("no container engine answers: {said}"))?;
        match engine.inspect_image(&format!("{NAME}:{TAG}")).await {
            Ok(_) => Ok(()),
            Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => Err(format!(
                "the container engine has no image {NAME}:{TAG}: pull it, or run under integration-tests/kafka/engine.sh"
            )),
            Err(refusal) => Err(format!("the container engine cannot tell its images: {refusal}")),
        }
    })
}

fn address(state: &ContainerState) -> Result<String, TestcontainersError> {
    Ok(format!(
        "{}:{}",
        state.host(),
        state.host_port_ipv4(CLIENT_PORT)?
    ))
}

/// The public image, as one node that takes everything.
#[derive(Debug)]
struct KafkaImage {
    variables: Vec<(String, String)>,
}

impl Default for KafkaImage {
    fn default() -> Self {
        // The node talks to itself over a listener of its own: the clients' one leads to the host.
        let addresses = [
            ("controller.quorum.voters", "1@localhost:9094"),
            (
                "listeners",
                "PLAINTEXT://0.0.0.0:9092,BROKER://localhost:9093,CONTROLLER://localhost:9094",
            ),
            ("inter.broker.listener.name", "BROKER"),
            (
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
            ("log.dirs", "/tmp/kafka-logs"),
        ];
        let settings = SETTINGS.into_iter().chain(addresses);
        Self {
            variables: settings
                .map(|(key, value)| (variable(key), value.to_owned()))
                .collect(),
        }
    }
}

impl Image for KafkaImage {
    fn name(&self) -> &str {
        NAME
    }

    fn tag(&self) -> &str {
        TAG
    }

    fn ready_conditions(&self) -> Vec<WaitFor> {
        vec![WaitFor::message_on_stdout("Kafka Server started")]
    }

    fn env_vars(
        &self,
    ) -> impl IntoIterator<Item = (impl Into<Cow<'_, str>>, impl Into<Cow<'_, str>>)> {
        self.variables
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    fn entrypoint(&self) -> Option<&str> {
        Some("bash")
    }

    fn cmd(&self) -> impl IntoIterator<Item = impl Into<Cow<'_, str>>> {
        let wait_then_serve = format!(
            "while [ ! -f {ADDRESS_FILE} ]; do sleep 0.05; done; \
             export KAFKA_ADVERTISED_LISTENERS=\"$(cat {ADDRESS_FILE})\"; exec /etc/kafka/docker/run"
        );
        ["-c".to_owned(), wait_then_serve]
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &[CLIENT_PORT]
    }

    fn exec_before_ready(
        &self,
        state: ContainerState,
    ) -> Result<Vec<ExecCommand>, TestcontainersError> {
        // Written beside and moved, so that the wait never sees half an address.
        let tell = format!(
            "echo 'PLAINTEXT://{},BROKER://localhost:9093' > {ADDRESS_FILE}.new && mv {ADDRESS_FILE}.new {ADDRESS_FILE}",
            address(&state)?
        );
        Ok(vec![ExecCommand::new(["bash", "-c", &tell])])
    }
}
