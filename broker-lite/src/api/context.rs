//! What an API file may reach: the rooms below it, and the facts of the call.

use crate::wire::KafkaString;
use std::net::SocketAddr;

/// The broker as its APIs see it; one for all connections.
#[derive(Debug)]
pub(crate) struct Context {}

/// One request, apart from its body.
#[derive(Debug)]
pub(crate) struct Call {
    /// The version that the request and its response are written in.
    pub(crate) version: i16,
    /// Comes back in the response.
    pub(crate) correlation_id: i32,
    /// What the client calls itself.
    pub(crate) client_id: Option<KafkaString>,
    /// Where it came in.
    pub(crate) ends: Ends,
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Where the client is.
    pub(crate) peer: SocketAddr,
    /// The address of ours that the client has reached.
    pub(crate) local: SocketAddr,
}
