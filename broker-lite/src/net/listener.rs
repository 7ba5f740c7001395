//! Accepts connections, never more than allowed, and gives each a task.
//!
//! A name may stand for several addresses, such as localhost for one of each family, so there may
//! be several sockets.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::connection::{Connection, Limits, Wire};
use crate::api::{Router, Session};
use crate::runtime::{Clock, Shutdown, Tasks};

/// Pause after a connection that could not be accepted.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Bound addresses whose connections are served.
#[derive(Debug)]
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    router: Arc<Router>,
    limits: Limits,
    clock: Clock,
    /// One permit per open connection.
    permits: Arc<Semaphore>,
}

impl Listener {
    /// A listener on bound sockets.
    pub(crate) fn new(
        sockets: Vec<TcpListener>,
        router: Arc<Router>,
        limits: Limits,
        clock: Clock,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(
            limits.connections.min(Semaphore::MAX_PERMITS),
        ));
        Self {
            sockets,
            router,
            limits,
            clock,
            permits,
        }
    }

    /// Accepts until shutdown.
    pub(crate) async fn serve(self, tasks: Arc<Tasks>, mut shutdown: Shutdown) {
        loop {
            // The permit comes first: a client over the limit waits in the kernel's queue instead
            // of being turned away.
            let permit = tokio::select! {
                permit = Arc::clone(&self.permits).acquire_owned() => permit,
                () = shutdown.requested() => return,
            };
            let Ok(permit) = permit else { return };
            let accepted = tokio::select! {
                accepted = accept(&self.sockets) => accepted,
                () = shutdown.requested() => return,
            };
            let now = self.clock.now();
            match accepted.and_then(|(socket, peer)| prepare(socket, peer, now)) {
                Ok((socket, session)) => {
                    let router = Arc::clone(&self.router);
                    let (limits, clock) = (self.limits, self.clock.clone());
                    tasks.spawn(move |shutdown| async move {
                        let wire = Wire::new(socket, limits, clock, shutdown);
                        Connection::new(session, router, wire).serve().await;
                        drop(permit);
                    });
                }
                // Most often there are no file descriptors left; trying again at once would only
                // burn the processor.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.clock.sleep(RETRY_INTERVAL).await;
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

fn prepare(socket: TcpStream, peer: SocketAddr, now: Instant) -> io::Result<(TcpStream, Session)> {
    // Answers are written whole, so Nagle's algorithm could only delay them.
    socket.set_nodelay(true)?;
    let local = socket.local_addr()?;
    let session = Session::new(canonical(peer), canonical(local), now);
    Ok((socket, session))
}

/// Undoes IPv4-mapped addresses (`::ffff:127.0.0.1`), as a dual-stack socket reports IPv4 clients.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
