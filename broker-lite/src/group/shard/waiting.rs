//! The answers that are still owed, by ticket.

use std::collections::HashMap;

use crate::group::classic::{Answer, Joined, Synced, Ticket};
use crate::group::command::Reply;
use crate::group::error::GroupError;

#[derive(Debug, Default)]
pub(super) struct Waiting {
    last: u64,
    open: HashMap<Ticket, Waiter>,
}

#[derive(Debug)]
pub(super) enum Waiter {
    Join(Reply<Joined>),
    Sync(Reply<Synced>),
    Heartbeat(Reply<()>),
    Leave(Reply<Vec<Result<(), GroupError>>>),
}

impl Waiting {
    /// A ticket for one more answer.
    pub(super) fn admit(&mut self, waiter: Waiter) -> Ticket {
        self.last += 1;
        self.open.insert(Ticket(self.last), waiter);
        Ticket(self.last)
    }

    /// Sends an answer off. Whoever asked may be gone by now, so it may reach nobody.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: Answer) {
        match (self.open.remove(&ticket), answer) {
            (Some(Waiter::Join(reply)), Answer::Join(answer)) => drop(reply.send(answer)),
            (Some(Waiter::Sync(reply)), Answer::Sync(answer)) => drop(reply.send(answer)),
            (Some(Waiter::Heartbeat(reply)), Answer::Heartbeat(answer)) => drop(reply.send(answer)),
            (Some(Waiter::Leave(reply)), Answer::Leave(rows)) => drop(reply.send(Ok(rows))),
            (waiter, answer) => {
                tracing::error!(
                    ?ticket,
                    ?waiter,
                    ?answer,
                    "an answer does not fit its question"
                )
            }
        }
    }

    /// Turns a request down without asking its group.
    pub(super) fn refuse(&mut self, ticket: Ticket, error: GroupError) {
        match self.open.remove(&ticket) {
            Some(Waiter::Join(reply)) => drop(reply.send(Err(error))),
            Some(Waiter::Sync(reply)) => drop(reply.send(Err(error))),
            Some(Waiter::Heartbeat(reply)) => drop(reply.send(Err(error))),
            Some(Waiter::Leave(reply)) => drop(reply.send(Err(error))),
            None => {}
        }
    }
}
