//! The handle on a running cluster of one node.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::threads::Threads;
use crate::node::Node;

/// A running broker. It stops when the handle is dropped; [`stop`](Self::stop) waits until it has.
#[derive(Debug)]
#[must_use = "the broker stops when its handle is dropped"]
pub struct BrokerHandle {
    bootstrap: String,
    address: SocketAddr,
    node: Arc<Node>,
    threads: Option<Threads>,
}

impl BrokerHandle {
    pub(super) fn new(threads: Threads, node: Node) -> Self {
        let address = node.address();
        // A broker that listens on all interfaces is reached on the loopback interface.
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
            node: Arc::new(node),
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
    /// The broker goes on stopping in the background if the future is dropped.
    pub async fn stop(mut self) {
        if let Some(closed) = self.close()
            && closed.await.is_err()
        {
            tracing::error!("the broker did not stop cleanly; its next start takes longer");
        }
    }

    /// Begins to stop the broker; returns a receiver that resolves when everything is closed, or
    /// `None` if stopping had begun already.
    fn close(&mut self) -> Option<oneshot::Receiver<()>> {
        let threads = self.threads.take()?;
        let node = Arc::clone(&self.node);
        let (done, closed) = oneshot::channel();
        let runtime = threads.handle();
        runtime.spawn(async move {
            node.close().await;
            // Before the signal, so that the data folder is unlocked when `stop` returns.
            drop(node);
            if done.send(()).is_err() {
                tracing::debug!("broker stopped; its handle was dropped");
            }
            // The task owns the threads that it runs on, so they end when it does.
            drop(threads);
        });
        Some(closed)
    }
}

impl Drop for BrokerHandle {
    fn drop(&mut self) {
        // The task that closes the node runs on without the receiver.
        drop(self.close());
    }
}
