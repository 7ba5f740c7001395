//! A running broker, held by whoever started it.

use super::builder::Threads;
use super::rooms::Rooms;
use std::net::SocketAddr;
use std::sync::Arc;

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
        let bootstrap = address.to_string();
        Self { bootstrap, address, rooms: Arc::new(rooms), threads: Some(threads) }
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

    /// Stops the broker: connections first, then groups, then logs. When this returns, another broker can take its port and
    /// its data folder.
    ///
    /// # Cancel safety
    /// Once begun it goes on in the background.
    pub async fn stop(mut self) {
        let Some(threads) = self.threads.take() else { return };
        let rooms = Arc::clone(&self.rooms);
        let stopped = threads.handle().spawn(async move { rooms.close().await });
        if let Err(error) = stopped.await {
            tracing::error!(%error, "the broker did not stop cleanly; its next start takes longer");
        }
    }
}

impl Drop for BrokerHandle {
    fn drop(&mut self) {
        let Some(threads) = self.threads.take() else { return };
        let rooms = Arc::clone(&self.rooms);
        let runtime = threads.handle();
        // The task owns the threads it runs on, so that they end once it is through.
        runtime.spawn(async move {
            rooms.close().await;
            drop(threads);
        });
    }
}
