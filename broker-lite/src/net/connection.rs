//! One client: frames in, answers out, in the order of the requests.
//!
//! Requests are answered one after the other, as Kafka does it: a request that has to wait holds
//! back the ones behind it on its own connection and nobody else's. Whatever has arrived is
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
use crate::api::{Ends, Habits, NoReply, Router};
use crate::config::NetworkSettings;
use crate::runtime::{Clock, Shutdown};
use crate::wire::{FrameError, FrameReader, Reply, WireError};

/// Answers are written once this many bytes of them wait.
const WRITE_AT: usize = 256 * 1024;
/// While a request waits, at most this many bytes behind it are read ahead.
const READ_AHEAD: usize = 1024 * 1024;

/// What one client may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Largest request in bytes (`socket.request.max.bytes`).
    pub(crate) frame: usize,
    /// Open connections at a time (`max.connections`).
    pub(crate) connections: usize,
    /// How long a client may ask nothing, or not take its answers (`connections.max.idle.ms`).
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

/// Why a connection ends.
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
    socket: TcpStream,
    ends: Ends,
    habits: Arc<Habits>,
    router: Arc<Router>,
    frames: FrameReader,
    outbox: Outbox,
    clock: Clock,
    idle: Duration,
}

impl Connection {
    pub(super) fn new(
        socket: TcpStream,
        ends: Ends,
        router: Arc<Router>,
        limits: Limits,
        clock: Clock,
    ) -> Self {
        let (frames, outbox) = (FrameReader::new(limits.frame), Outbox::default());
        Self {
            socket,
            ends,
            habits: Arc::default(),
            router,
            frames,
            outbox,
            clock,
            idle: limits.idle,
        }
    }

    /// Serves the client until it leaves, misbehaves, or the broker stops.
    pub(super) async fn serve(mut self, mut shutdown: Shutdown) {
        let peer = self.ends.peer;
        let close = match self.converse(&mut shutdown).await {
            Ok(never) => match never {},
            Err(close) => close,
        };
        match &close {
            Close::Ended | Close::Stopping | Close::Idle(_) | Close::Socket(_) => {
                tracing::debug!(%peer, reason = %close, "connection closed");
            }
            Close::Frame(_) | Close::Request(_) | Close::Response(_) => {
                let cause = std::error::Error::source(&close)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                tracing::warn!(%peer, reason = %close, cause, "connection closed");
            }
        }
    }

    async fn converse(
        &mut self,
        shutdown: &mut Shutdown,
    ) -> Result<std::convert::Infallible, Close> {
        loop {
            while let Some(frame) = self.frames.frame()? {
                self.answer(frame, shutdown).await?;
                if self.outbox.len() >= WRITE_AT {
                    self.flush(shutdown).await?;
                }
            }
            self.flush(shutdown).await?;
            tokio::select! {
                biased;
                read = self.socket.read_buf(self.frames.room()) => if read? == 0 {
                    return Err(Close::Ended);
                },
                () = shutdown.requested() => return Err(Close::Stopping),
                () = self.clock.sleep(self.idle) => return Err(Close::Idle(self.idle)),
            }
        }
    }

    async fn answer(&mut self, frame: Bytes, shutdown: &mut Shutdown) -> Result<(), Close> {
        let router = Arc::clone(&self.router);
        let waits = Router::waits(&frame);
        let mut answer = pin!(router.answer(frame, self.ends, Arc::clone(&self.habits)));
        let answered = match now(answer.as_mut()).await {
            Some(answered) => answered,
            // It has to wait. What was answered before it must not.
            None => {
                match self.flush(shutdown).await {
                    // Who does not hear the answers before it hears none of it either, but it has
                    // come.
                    Err(Close::Socket(_)) if !waits => {}
                    flushed => flushed?,
                }
                self.parked(answer, waits, shutdown).await?
            }
        };
        match answered {
            Ok(reply) => Ok(self.outbox.push(reply)?),
            Err(no_reply) if no_reply.closes() => {
                self.flush(shutdown).await?;
                Err(no_reply.into())
            }
            Err(_) => Ok(()),
        }
    }

    /// Waits for an answer, and notices when nobody is there any more to get it. What has come by
    /// then is done all the same, but for what would wait.
    async fn parked(
        &mut self,
        mut answer: Pin<&mut impl Future<Output = Result<Reply, NoReply>>>,
        waits: bool,
        shutdown: &mut Shutdown,
    ) -> Result<Result<Reply, NoReply>, Close> {
        let mut has_ended = false;
        loop {
            let may_read = !has_ended && self.frames.buffered() < READ_AHEAD;
            tokio::select! {
                biased;
                answered = answer.as_mut() => return Ok(answered),
                read = self.socket.read_buf(self.frames.room()), if may_read => match read {
                    Ok(1..) => {}
                    Ok(0) if waits => return Err(Close::Ended),
                    Err(error) if waits => return Err(error.into()),
                    Ok(0) | Err(_) => has_ended = true,
                },
                () = shutdown.requested() => return Err(Close::Stopping),
            }
        }
    }

    async fn flush(&mut self, shutdown: &mut Shutdown) -> Result<(), Close> {
        if self.outbox.len() == 0 {
            return Ok(());
        }
        tokio::select! {
            biased;
            flushed = self.outbox.flush(&mut self.socket) => Ok(flushed?),
            () = shutdown.requested() => Err(Close::Stopping),
            () = self.clock.sleep(self.idle) => Err(Close::Idle(self.idle)),
        }
    }
}

/// What a future has to say without waiting.
async fn now<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
