//! Accepts connections, never more than allowed, and gives each a task.

use super::connection::{Connection, Limits};
use crate::api::{Ends, Router};
use crate::runtime::{Shutdown, Tasks};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// A bound address whose connections are served.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    router: Arc<Router>,
    limits: Limits,
    /// One permit per open connection.
    seats: Arc<Semaphore>,
}

impl Listener {
    /// A listener on a bound socket.
    pub(crate) fn new(socket: TcpListener, router: Arc<Router>, limits: Limits) -> Self {
        let seats = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        Self { socket, router, limits, seats }
    }

    /// Accepts until shutdown.
    pub(crate) async fn serve(self, tasks: Arc<Tasks>, mut shutdown: Shutdown) {
        loop {
            // The permit comes first: a client over the limit waits in the kernel's queue instead of being turned away.
            let seat = tokio::select! {
                seat = Arc::clone(&self.seats).acquire_owned() => seat,
                () = shutdown.requested() => return,
            };
            let Ok(seat) = seat else { return };
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = shutdown.requested() => return,
            };
            match accepted.and_then(|(socket, peer)| prepare(socket, peer)) {
                Ok((socket, ends)) => {
                    let connection = Connection::new(socket, ends, Arc::clone(&self.router), self.limits);
                    tasks.spawn(|shutdown| async move {
                        connection.serve(shutdown).await;
                        drop(seat);
                    });
                }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            }
        }
    }
}

fn prepare(socket: TcpStream, peer: SocketAddr) -> io::Result<(TcpStream, Ends)> {
    // Answers are written whole, so there is nothing that waiting for more could gather.
    socket.set_nodelay(true)?;
    let local = socket.local_addr()?;
    Ok((socket, Ends { peer, local }))
}
