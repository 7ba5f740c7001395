//! One client: frames in, answers out, in the order of the requests.
//!
//! Requests are answered one after the other, as in Kafka: a request that has to wait holds back
//! those behind it on its own connection, and no others. All requests that have arrived are
//! answered before anything is written, so that a client that pipelines gets its answers in few
//! writes.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::outbox::Outbox;
use crate::api::{NoReply, Router, Session};
use crate::config::NetworkSettings;
use crate::runtime::{Clock, Shutdown};
use crate::wire::{FrameError, FrameReader, Reply, WireError};

/// Answers are written once this many bytes of them wait.
const WRITE_AT: usize = 256 * 1024;
/// While a request waits, at most this many bytes behind it are read ahead.
const READ_AHEAD: usize = 1024 * 1024;

/// The limits of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Largest request in bytes (`socket.request.max.bytes`).
    pub(crate) frame: usize,
    /// Open connections at a time (`max.connections`).
    pub(crate) connections: usize,
    /// Longest time in which a client may send nothing, or not read its answers
    /// (`connections.max.idle.ms`).
    pub(crate) idle: Duration,
}

impl Limits {
    /// The limits that the settings ask for.
    pub(crate) fn new(settings: &NetworkSettings) -> Self {
        let NetworkSettings {
            max_request,
            max_connections,
            max_idle,
            ..
        } = *settings;
        Self {
            frame: max_request,
            connections: max_connections,
            idle: max_idle,
        }
    }
}

/// The reason why a connection ends.
#[derive(Debug, thiserror::Error)]
enum Close {
    #[error("the client closed it")]
    Ended,
    #[error("the broker is stopping")]
    Stopping,
    #[error("nothing was asked or taken for connections.max.idle.ms ({0:?})")]
    Idle(Duration),
    #[error(transparent)]
    Socket(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Request(#[from] NoReply),
    #[error(transparent)]
    Response(#[from] WireError),
}

/// One client's connection; owned by its task.
#[derive(Debug)]
pub(super) struct Connection {
    session: Session,
    router: Arc<Router>,
    wire: Wire,
}

/// The socket of a connection, with what was read of it and what is to be written to it.
#[derive(Debug)]
pub(super) struct Wire {
    socket: TcpStream,
    frames: FrameReader,
    outbox: Outbox,
    clock: Clock,
    idle: Duration,
    shutdown: Shutdown,
}

impl Connection {
    pub(super) const fn new(session: Session, router: Arc<Router>, wire: Wire) -> Self {
        Self {
            session,
            router,
            wire,
        }
    }

    /// Serves the client until it leaves, misbehaves, or the broker stops.
    pub(super) async fn serve(mut self) {
        let close = match self.converse().await {
            Ok(never) => match never {},
            Err(close) => close,
        };
        let peer = self.session.peer;
        let lasted = self
            .wire
            .clock
            .now()
            .saturating_duration_since(self.session.since);
        match &close {
            Close::Ended | Close::Stopping | Close::Idle(_) | Close::Socket(_) => {
                tracing::debug!(%peer, ?lasted, reason = %close, "connection closed");
            }
            Close::Frame(_) | Close::Request(_) | Close::Response(_) => {
                let cause = std::error::Error::source(&close)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                tracing::warn!(%peer, ?lasted, reason = %close, cause, "connection closed");
            }
        }
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, Close> {
        loop {
            while let Some(frame) = self.wire.frames.frame()? {
                self.answer(frame).await?;
                if self.wire.outbox.len() >= WRITE_AT {
                    self.wire.flush().await?;
                }
            }
            self.wire.flush().await?;
            self.wire.read().await?;
        }
    }

    async fn answer(&mut self, frame: Bytes) -> Result<(), Close> {
        let Self {
            session,
            router,
            wire,
        } = self;
        let answered = match Router::route(frame) {
            Err(no_reply) => Err(no_reply),
            Ok(routed) => {
                let waits = routed.waits();
                let mut answer = pin!(router.answer(session, routed));
                match now(answer.as_mut()).await {
                    Some(answered) => answered,
                    // It has to wait. The answers before it must not.
                    None => {
                        match wire.flush().await {
                            // A client that is gone gets no answer, but its request has come and
                            // is carried out.
                            Err(Close::Socket(_)) if !waits => {}
                            flushed => flushed?,
                        }
                        wire.wait_for(answer, waits).await?
                    }
                }
            }
        };
        match answered {
            Ok(reply) => Ok(wire.outbox.push(reply)?),
            Err(no_reply) if no_reply.closes() => {
                wire.flush().await?;
                Err(no_reply.into())
            }
            Err(_) => Ok(()),
        }
    }
}

impl Wire {
    pub(super) fn new(socket: TcpStream, limits: Limits, clock: Clock, shutdown: Shutdown) -> Self {
        Self {
            socket,
            frames: FrameReader::new(limits.frame),
            outbox: Outbox::default(),
            clock,
            idle: limits.idle,
            shutdown,
        }
    }

    /// Waits until more has been read.
    async fn read(&mut self) -> Result<(), Close> {
        tokio::select! {
            biased;
            read = self.socket.read_buf(self.frames.spare()) => match read? {
                0 => Err(Close::Ended),
                _ => Ok(()),
            },
            () = self.shutdown.requested() => Err(Close::Stopping),
            () = self.clock.sleep(self.idle) => Err(Close::Idle(self.idle)),
        }
    }

    /// Waits for an answer, and notices when the client has hung up. A request that has come is
    /// carried out nevertheless, unless it would wait.
    async fn wait_for(
        &mut self,
        mut answer: Pin<&mut impl Future<Output = Result<Reply, NoReply>>>,
        waits: bool,
    ) -> Result<Result<Reply, NoReply>, Close> {
        let mut has_ended = false;
        loop {
            let may_read = !has_ended && self.frames.buffered() < READ_AHEAD;
            tokio::select! {
                biased;
                answered = answer.as_mut() => return Ok(answered),
                read = self.socket.read_buf(self.frames.spare()), if may_read => match read {
                    Ok(1..) => {}
                    Ok(0) if waits => return Err(Close::Ended),
                    Err(error) if waits => return Err(error.into()),
                    Ok(0) | Err(_) => has_ended = true,
                },
                () = self.shutdown.requested() => return Err(Close::Stopping),
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Close> {
        if self.outbox.len() == 0 {
            return Ok(());
        }
        tokio::select! {
            biased;
            flushed = self.outbox.flush(&mut self.socket) => Ok(flushed?),
            () = self.shutdown.requested() => Err(Close::Stopping),
            () = self.clock.sleep(self.idle) => Err(Close::Idle(self.idle)),
        }
    }
}

/// Polls a future once: its output if it is ready.
async fn now<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
