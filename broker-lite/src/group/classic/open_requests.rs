//! The requests of a test that are not answered yet.

use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;

use super::{Joined, Synced};
use crate::group::error::GroupError;
use crate::group::reply::{Answer, Reply};

/// Open requests, each with the name of the client that asks.
#[derive(Debug)]
pub(super) struct OpenRequests<N>(Vec<(N, Awaited)>);

#[derive(Debug)]
enum Awaited {
    Join(Receiver<Result<Joined, GroupError>>),
    Sync(Receiver<Result<Synced, GroupError>>),
    Heartbeat(Receiver<Result<(), GroupError>>),
    Leave(Receiver<Result<Vec<Result<(), GroupError>>, GroupError>>),
}

/// An answer to a client.
#[derive(Debug)]
pub(super) enum Told {
    Join(Result<Joined, GroupError>),
    Sync(Result<Synced, GroupError>),
    Heartbeat(Result<(), GroupError>),
    Leave(Result<Vec<Result<(), GroupError>>, GroupError>),
}

impl<N> OpenRequests<N> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn join(&mut self, name: N) -> Reply<Joined> {
        self.open(name, Awaited::Join)
    }

    pub(super) fn sync(&mut self, name: N) -> Reply<Synced> {
        self.open(name, Awaited::Sync)
    }

    pub(super) fn heartbeat(&mut self, name: N) -> Reply<()> {
        self.open(name, Awaited::Heartbeat)
    }

    pub(super) fn leave(&mut self, name: N) -> Reply<Vec<Result<(), GroupError>>> {
        self.open(name, Awaited::Leave)
    }

    /// Sends one answer and returns who was told what.
    pub(super) fn deliver(&mut self, answer: Answer) -> (N, Told) {
        answer.send();
        let mut told = Vec::new();
        let mut place = 0;
        while place < self.0.len() {
            match self.0[place].1.try_recv() {
                Ok(answer) => told.push((self.0.remove(place).0, answer)),
                Err(TryRecvError::Empty) => place += 1,
                Err(TryRecvError::Closed) => panic!("a request was dropped without an answer"),
            }
        }
        assert_eq!(told.len(), 1, "an answer is for one request");
        told.remove(0)
    }

    /// Forgets all requests, as their connections are cut.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn open<T>(
        &mut self,
        name: N,
        awaited: impl FnOnce(Receiver<Result<T, GroupError>>) -> Awaited,
    ) -> Reply<T> {
        let (reply, answer) = Reply::channel();
        self.0.push((name, awaited(answer)));
        reply
    }
}

impl Awaited {
    fn try_recv(&mut self) -> Result<Told, TryRecvError> {
        match self {
            Self::Join(answer) => answer.try_recv().map(Told::Join),
            Self::Sync(answer) => answer.try_recv().map(Told::Sync),
            Self::Heartbeat(answer) => answer.try_recv().map(Told::Heartbeat),
            Self::Leave(answer) => answer.try_recv().map(Told::Leave),
        }
    }
}
