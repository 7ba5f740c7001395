//! Settings of connections: the addresses, and what one client may take.

use super::key::{Key, int, key, long, unset};
use crate::config::Rule;

/// By name.
pub(super) const KEYS: &[Key] = &[
    unset(
        "advertised.listeners",
        Rule::Listeners,
        "The address that clients are told to use, PLAINTEXT://HOST:PORT. Without a host, or by default, the one they have reached.",
    ),
    key(
        "connections.max.idle.ms",
        long(1),
        "600000",
        "A connection that asks nothing for so long is closed.",
    ),
    unset(
        "controller.listener.names",
        Rule::Text,
        "Names of listeners that are not opened: there is no controller that others talk to.",
    ),
    key(
        "fetch.max.bytes",
        int(1024),
        "57671680",
        "Most bytes that one fetch returns.",
    ),
    unset(
        "listener.security.protocol.map",
        Rule::Text,
        "What listeners speak, NAME:PROTOCOL with commas between them. PLAINTEXT is spoken, and no other yet.",
    ),
    key(
        "listeners",
        Rule::Listeners,
        "PLAINTEXT://127.0.0.1:9092",
        "The address to listen on, PLAINTEXT://HOST:PORT; without a host all interfaces, and port 0 takes a free one.",
    ),
    key(
        "max.connections",
        int(1),
        "2147483647",
        "Most open connections; more wait until one is closed.",
    ),
    key(
        "max.incremental.fetch.session.cache.slots",
        int(0),
        "1000",
        "Most fetch sessions; a client beyond that is served without one.",
    ),
    key(
        "socket.request.max.bytes",
        int(1),
        "104857600",
        "Largest request.",
    ),
];
