//! A running broker, held by whoever started it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::builder::Threads;
use super::rooms::Rooms;

/// A running broker. It stops when the handle is dropped; [`stop`](Self::stop) waits until it has.
#[derive(Debug)]
#[must_use = "the broker stops when its handle is dropped"]
pub struct BrokerHandle {
    bootstrap: String,
    address: SocketAddr,
    rooms: Arc<Rooms>,
    threads: Option<Threads>,
}

impl BrokerHandle {
    pub(super) fn new(threads: Threads, rooms: Rooms) -> Self {
        let address = rooms.address();
        // Who listens on all interfaces is reached on this one.
        let is_everywhere = address.ip().is_unspecified();
        let reached = if is_everywhere {
            SocketAddr::from(([127, 0, 0, 1], address.port()))
        } else {
            address
        };
        let bootstrap = reached.to_string();
        Self {
            bootstrap,
            address,
            rooms: Arc::new(rooms),
            threads: Some(threads),
        }
    }

    /// `HOST:PORT` for a client's `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// The address that the broker listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops the broker: connections and groups first, then logs. When this returns, another broker
    /// can take its port and its data folder.
    ///
    /// # Cancel safety
    /// Once begun it goes on in the background.
    pub async fn stop(mut self) {
        if let Some(closed) = self.close()
            && closed.await.is_err()
        {
            tracing::error!("the broker did not stop cleanly; its next start takes longer");
        }
    }

    /// Begins to stop, unless it has begun already. The answer comes when all is closed.
    fn close(&mut self) -> Option<oneshot::Receiver<()>> {
        let threads = self.threads.take()?;
        let rooms = Arc::clone(&self.rooms);
        let (done, closed) = oneshot::channel();
        let runtime = threads.handle();
        runtime.spawn(async move {
            rooms.close().await;
            // Gone before the answer, so that the data folder is free when it comes.
            drop(rooms);
            if done.send(()).is_err() {
                tracing::debug!("stopped, with nobody waiting for it");
            }
            // The task owns the threads it runs on, so that they end once it is through.
            drop(threads);
        });
        Some(closed)
    }
}

impl Drop for BrokerHandle {
    fn drop(&mut self) {
        // It goes on without us.
        drop(self.close());
    }
}
