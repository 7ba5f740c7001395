//! Accepts connections, never more than allowed, and gives each a task.
//!
//! A name may stand for several addresses, such as localhost for one of each family, so there may
//! be several sockets.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::connection::{Connection, Limits};
use crate::api::{Ends, Router};
use crate::runtime::{Clock, Shutdown, Tasks};

/// Pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(50);

/// Bound addresses whose connections are served.
#[derive(Debug)]
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    router: Arc<Router>,
    limits: Limits,
    clock: Clock,
    /// One permit per open connection.
    seats: Arc<Semaphore>,
}

impl Listener {
    /// A listener on bound sockets.
    pub(crate) fn new(
        sockets: Vec<TcpListener>,
        router: Arc<Router>,
        limits: Limits,
        clock: Clock,
    ) -> Self {
        let seats = Arc::new(Semaphore::new(
            limits.connections.min(Semaphore::MAX_PERMITS),
        ));
        Self {
            sockets,
            router,
            limits,
            clock,
            seats,
        }
    }

    /// Accepts until shutdown.
    pub(crate) async fn serve(self, tasks: Arc<Tasks>, mut shutdown: Shutdown) {
        loop {
            // The permit comes first: a client over the limit waits in the kernel's queue instead
            // of being turned away.
            let seat = tokio::select! {
                seat = Arc::clone(&self.seats).acquire_owned() => seat,
                () = shutdown.requested() => return,
            };
            let Ok(seat) = seat else { return };
            let accepted = tokio::select! {
                accepted = accept(&self.sockets) => accepted,
                () = shutdown.requested() => return,
            };
            match accepted.and_then(|(socket, peer)| prepare(socket, peer)) {
                Ok((socket, ends)) => {
                    let router = Arc::clone(&self.router);
                    let connection =
                        Connection::new(socket, ends, router, self.limits, self.clock.clone());
                    tasks.spawn(|shutdown| async move {
                        connection.serve(shutdown).await;
                        drop(seat);
                    });
                }
                // Most often there are no file descriptors left; trying again at once would only
                // burn the processor.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.clock.sleep(PAUSE).await;
                }
            }
        }
    }
}

/// The next connection of any socket.
async fn accept(sockets: &[TcpListener]) -> io::Result<(TcpStream, SocketAddr)> {
    poll_fn(|cx| {
        let mut accepted = sockets.iter().map(|socket| socket.poll_accept(cx));
        accepted.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

fn prepare(socket: TcpStream, peer: SocketAddr) -> io::Result<(TcpStream, Ends)> {
    // Answers are written whole, so there is nothing that waiting for more could gather.
    socket.set_nodelay(true)?;
    let local = socket.local_addr()?;
    Ok((
        socket,
        Ends {
            peer: canonical(peer),
            local: canonical(local),
        },
    ))
}

/// A client of the older family on a socket for both has an address like `::ffff:127.0.0.1`, which
/// is not its own.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
