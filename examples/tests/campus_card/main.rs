//! The campus card from the outside: over HTTP, and its page in a browser.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends when something is wrong"
)]

#[path = "../support/mod.rs"]
mod support;

mod http;
mod page;
mod service;
