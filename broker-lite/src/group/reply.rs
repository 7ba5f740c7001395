//! The way back of an answer, typed by its request.

use std::fmt::Debug;

use tokio::sync::oneshot;

use super::error::GroupError;

/// The place for the answer to one request: a `T`, or the reason why there is none.
///
/// Sending uses it up, so a request is answered at most once and with its own kind of answer. A
/// state machine only moves it about; its shard sends.
#[derive(Debug)]
pub(crate) struct Reply<T>(oneshot::Sender<Result<T, GroupError>>);

impl<T> Reply<T> {
    /// Returns a reply, and where its answer arrives.
    pub(super) fn channel() -> (Self, oneshot::Receiver<Result<T, GroupError>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Sends the answer. A client that is gone by now does not get it, which is no error.
    pub(super) fn send(self, answer: Result<T, GroupError>) {
        drop(self.0.send(answer));
    }
}

/// The actions of a shard after a request to a group, in this order: save, then answer.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// The group's saved state has changed: it must be in the log before any answer leaves.
    pub(crate) save: bool,
    /// In the order in which they are to be sent.
    pub(crate) answers: Vec<Answer>,
}

impl Effects {
    /// Adds the answer to one request.
    pub(super) fn answer<T: SavedAnswer>(
        &mut self,
        reply: Reply<T>,
        answer: Result<T, GroupError>,
    ) {
        self.answers.push(Answer(Box::new((reply, answer))));
    }
}

/// The answer to give if the decision that it reports could not be saved.
pub(crate) trait SavedAnswer: Debug + Send + Sized + 'static {
    /// Returns the answer to send instead. A refusal reports no decision, so it stays.
    fn unsaved(answer: Result<Self, GroupError>) -> Result<Self, GroupError> {
        answer.and(Err(GroupError::Unavailable))
    }
}

/// An answer with its reply, whatever its type.
#[derive(Debug)]
pub(crate) struct Answer(Box<dyn Sendable>);

impl Answer {
    /// Sends the answer, as the decision is saved.
    pub(super) fn send(self) {
        self.0.send();
    }

    /// Sends what is left of the answer, as the decision could not be saved.
    pub(super) fn send_unsaved(self) {
        self.0.send_unsaved();
    }
}

trait Sendable: Debug + Send {
    fn send(self: Box<Self>);
    fn send_unsaved(self: Box<Self>);
}

impl<T: SavedAnswer> Sendable for (Reply<T>, Result<T, GroupError>) {
    fn send(self: Box<Self>) {
        self.0.send(self.1);
    }

    fn send_unsaved(self: Box<Self>) {
        self.0.send(T::unsaved(self.1));
    }
}
