//! One broker: opens its modules bottom up and closes them top down.

mod lifecycle;
mod topics;
mod sockets;
mod error;

pub use error::StartError;
pub(crate) use lifecycle::Node;
