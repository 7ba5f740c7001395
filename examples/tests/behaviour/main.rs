//! The example `behaviour` from the outside: over HTTP, as processes that are killed, in a browser.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends when something is wrong"
)]

#[path = "../support/mod.rs"]
mod support;

mod instance;

mod counting;
mod pages;
mod refusing;
mod sharing;
mod streaming;
