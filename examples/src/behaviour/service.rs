//! Puts the parts together: a broker when none is configured, the database and the archive, the
//! listeners, the routes.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use wellspring::app::RunningApp;
use wellspring::prelude::*;
use wellspring::runtime::{Clock, Tasks};

use super::archive::Archive;
use super::collect::{Collector, KafkaUserEvents};
use super::dashboard::{Dashboard, Source};
use super::data_folder::DataFolder;
use super::groups::Presence;
use super::http::router;
use super::listeners::{ARCHIVE_GROUP, COUNT_GROUP, archive, count};
use super::options::{Options, Ready};
use super::simulate::visit;
use super::store::Store;
use crate::common::Kafka;

/// Events wait in this many partitions, which the instances share.
const PARTITIONS: u16 = 4;

/// A page waits this long for a broker that does not acknowledge.
const SEND_DEADLINE: Duration = Duration::from_secs(10);

/// Requests that are under way at the end, and what runs beside them, get this long.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Runs the program until `until` resolves or a listener fails; calls `ready` once requests are
/// served.
///
/// # Errors
/// When the address is taken, the data folder cannot be used, Kafka does not answer, or a listener
/// fails.
pub async fn run(
    options: Options,
    ready: impl FnOnce(&Ready),
    until: impl Future<Output = ()>,
) -> wellspring::Result {
    let socket = TcpListener::bind(&options.listen).await.map_err(|error| {
        let address = &options.listen;
        format!("cannot listen on {address}: {error}; give another address with --listen")
    })?;
    let broker_log = options.data_dir.as_ref().map(|dir| dir.join("broker"));
    let kafka = Kafka::connect(options.bootstrap_servers.as_deref(), broker_log.as_deref()).await?;
    let data = DataFolder::of(&options, &kafka)?;

    let ready_at = Ready {
        http: socket.local_addr()?,
        bootstrap_servers: kafka.bootstrap_servers().to_owned(),
        own_broker: kafka.is_own(),
        data_dir: data.path().to_owned(),
    };
    let service = Service {
        // How its consumers are called in a group.
        name: format!("behaviour-{}", ready_at.http.port()),
        store: Store::open(&data.path().join("counts.db"))
            .map_err(|error| data.unusable("counts.db", &error))?,
        archive: Archive::open(&data.path().join("archive.jsonl"))
            .map_err(|error| data.unusable("archive.jsonl", &error))?,
        simulate: options.simulate,
    };
    let app = service.app(&kafka)?;
    let served = service.serve(app, socket, || ready(&ready_at), until).await;
    kafka.stop().await;
    served
}

/// The parts that listeners and routes share.
struct Service {
    name: String,
    store: Store,
    archive: Archive,
    simulate: u32,
}

impl Service {
    fn app(&self, kafka: &Kafka) -> wellspring::Result<App> {
        let deadline = SEND_DEADLINE.as_millis();
        Ok(kafka
            .configure(App::from_env()?)
            .set("app.name", &self.name)
            .set("kafka.producer.properties.delivery.timeout.ms", deadline)
            .topic("behaviour.events", PARTITIONS)
            .state(self.store.clone())
            .state(self.archive.clone())
            .listener(count)
            .listener(archive))
    }

    /// Starts the listeners, answers requests until `until` or until a listener has failed, and
    /// stops in order: no new requests, open streams ended, running handlers finished, offsets
    /// committed.
    async fn serve(
        &self,
        app: App,
        socket: TcpListener,
        ready: impl FnOnce(),
        until: impl Future<Output = ()>,
    ) -> wellspring::Result {
        let mut until = pin!(until);
        let app = tokio::select! {
            started = app.start() => started?,
            () = &mut until => return Ok(()),
        };
        let (clock, tasks) = (Clock::system(), Tasks::on(Handle::current()));
        let events = Arc::new(KafkaUserEvents::new(app.template()?));
        let collector = Collector::new(events, clock.clone());
        let presence = self.presence(&app, socket.local_addr()?);
        let source = Source {
            instance: self.name.as_str().into(),
            groups: presence
                .listeners
                .iter()
                .map(|(group, _)| group.clone())
                .collect(),
            partitions: PARTITIONS,
            store: self.store.clone(),
            clock: clock.clone(),
        };
        let dashboard = Dashboard::start(&tasks, source);
        let announcing = presence.announce(self.store.clone(), clock.clone(), tasks.shutdown());
        tasks.spawn("presence", announcing);
        visit(&tasks, &collector, &clock, self.simulate);

        let (end, ends) = oneshot::channel::<()>();
        let server = axum::serve(socket, router(collector, dashboard))
            .with_graceful_shutdown(async move { drop(ends.await) });
        let mut server = pin!(server.into_future());
        ready();
        let failed = tokio::select! {
            served = &mut server => return Ok(served?),
            () = &mut until => Vec::new(),
            // What is accepted now would not be counted here.
            listeners = app.ended() => listeners,
        };

        drop(end);
        tasks.stop(&clock, LAST_ANSWERS).await;
        // A client that does not take its answer holds up nobody.
        if clock.timeout(LAST_ANSWERS, server).await.is_err() {
            tracing::warn!(within = ?LAST_ANSWERS, "requests were cut off");
        }
        let drain = app.config().app().drain_deadline;
        // A client whose broker has gone before it may not end at all.
        if clock
            .timeout(drain + LAST_ANSWERS, app.stop(drain))
            .await
            .is_err()
        {
            tracing::warn!("a Kafka client did not stop: events may be delivered again");
        }
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("events are not counted: {}", failed.join("; ")).into())
    }

    /// What this instance reads, under the groups that are configured.
    fn presence(&self, app: &RunningApp, http: SocketAddr) -> Presence {
        let listener = |(id, group): (&str, &str)| {
            let configured = app.config().get(&format!("listeners.{id}.group"));
            let group = configured.unwrap_or_else(|| group.to_owned());
            Some((group, app.listener(id)?))
        };
        let listeners = [("count", COUNT_GROUP), ("archive", ARCHIVE_GROUP)];
        Presence {
            client: self.name.clone(),
            host: http.to_string(),
            listeners: listeners.into_iter().filter_map(listener).collect(),
        }
    }
}
