//! Puts the parts together: a broker when none is configured, the ledger, the listener, the routes.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wellspring::prelude::*;

use super::crash::CrashPoint;
use super::http::{Resources, router};
use super::ledger::Ledger;
use super::listener::credit;
use crate::common::Kafka;

/// How to run the service.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where HTTP listens.
    pub listen: String,
    /// Where the ledger, and the broker when it is our own, keep their data; `None` keeps all in
    /// memory.
    pub data_dir: Option<PathBuf>,
    /// The Kafka to use; `None` asks the configuration, and starts a broker when that names none.
    pub bootstrap_servers: Option<String>,
    /// For crash tests: abort the process right after this many credits, before any offset is
    /// committed.
    pub crash_after_credits: Option<u64>,
}

/// Where a running service can be reached.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where HTTP listens.
    pub http: SocketAddr,
    /// The Kafka in use.
    pub bootstrap_servers: String,
    /// Whether that Kafka is a broker of our own.
    pub own_broker: bool,
}

/// Records wait in this many partitions.
const PARTITIONS: u16 = 4;

/// A client waits this long for a broker that does not acknowledge.
const SEND_DEADLINE: Duration = Duration::from_secs(10);

/// Requests that are under way at the end get this long.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Runs the service until `until` resolves or its listener fails; calls `ready` once requests are
/// served.
///
/// Then it stops in order: no new requests, running ones finished, running handlers finished,
/// offsets committed, broker stopped.
///
/// # Errors
/// When the address is taken, the data folder cannot be used, Kafka does not answer, or the
/// listener fails.
pub async fn run(
    options: Options,
    ready: impl FnOnce(&Ready),
    until: impl Future<Output = ()>,
) -> wellspring::Result {
    let socket = TcpListener::bind(&options.listen).await.map_err(|error| {
        format!(
            "cannot listen on {}: {error}; give another address with --listen",
            options.listen
        )
    })?;
    let ledger = open_ledger(options.data_dir.as_deref())?;
    let folder = options.data_dir.as_deref().map(|dir| dir.join("broker"));
    let kafka = Kafka::connect(options.bootstrap_servers.as_deref(), folder.as_deref()).await?;

    let mut app = kafka.configure(App::from_env()?);
    if kafka.is_own() {
        // Nobody else can be on it, so a restart takes its own place again, where a Kafka that is
        // shared has to wait for the session of the member that was killed (KIP-345).
        app = app.set(
            "listeners.credit.properties.group.instance.id",
            "campus-card",
        );
    }
    let app = app
        .set(
            "kafka.producer.properties.delivery.timeout.ms",
            SEND_DEADLINE.as_millis().to_string(),
        )
        .topic("card.topups", PARTITIONS)
        .state(ledger.clone())
        .state(CrashPoint::after(options.crash_after_credits))
        .listener(credit);

    let ready_at = Ready {
        http: socket.local_addr()?,
        bootstrap_servers: kafka.bootstrap_servers().to_owned(),
        own_broker: kafka.is_own(),
    };
    let served = serve(app, socket, ledger, || ready(&ready_at), until).await;
    kafka.stop().await;
    served
}

/// Starts the listener, answers requests until `until` or until the listener has failed, and stops
/// both.
async fn serve(
    app: App,
    socket: TcpListener,
    ledger: Ledger,
    ready: impl FnOnce(),
    until: impl Future<Output = ()>,
) -> wellspring::Result {
    let mut until = pin!(until);
    let app = tokio::select! {
        started = app.start() => started?,
        () = &mut until => return Ok(()),
    };

    let routes = router(Resources {
        template: app.template()?,
        ledger,
    });
    let (end, ends) = oneshot::channel::<()>();
    let server =
        axum::serve(socket, routes).with_graceful_shutdown(async move { drop(ends.await) });
    let mut server = pin!(server.into_future());
    ready();
    let failed = tokio::select! {
        served = &mut server => return Ok(served?),
        () = &mut until => Vec::new(),
        // What is accepted now would never be credited.
        listeners = app.ended() => listeners,
    };

    drop(end);
    // A client that does not take its answer holds up nobody.
    if tokio::time::timeout(LAST_ANSWERS, server).await.is_err() {
        tracing::warn!(within = ?LAST_ANSWERS, "requests were cut off");
    }
    let drain = app.config().app().drain_deadline;
    app.stop(drain).await;
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("top-ups are not credited: {}", failed.join("; ")).into())
}

fn open_ledger(folder: Option<&Path>) -> wellspring::Result<Ledger> {
    let Some(folder) = folder else {
        return Ok(Ledger::open(None)?);
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make the data folder {}: {error}", folder.display()))?;
    let path = folder.join("ledger.db");
    Ok(Ledger::open(Some(&path))
        .map_err(|error| format!("cannot open {}: {error}", path.display()))?)
}
