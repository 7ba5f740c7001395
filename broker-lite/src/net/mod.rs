//! The socket: who may connect, what arrives whole, what goes out in order.

mod connection;
mod listener;
mod outbox;

pub(crate) use connection::Limits;
pub(crate) use listener::Listener;
