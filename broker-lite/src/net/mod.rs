//! Sockets: accepting connections, reading whole frames, writing answers in order.

mod connection;
mod listener;
mod outbox;

pub(crate) use connection::Limits;
pub(crate) use listener::Listener;
