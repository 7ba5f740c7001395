//! The broker at its socket, seen by a codec that shares no code with it.
//!
//! `matrix` sends every advertised version of every key; the others hold single promises: what a
//! producer, a consumer or a stranger is told.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "helpers of tests fail the way tests do, and a test's deadline is on the real clock"
)]

mod client;
mod codec;
mod process;
mod samples;
mod matrix;
mod api_versions;
mod broken_input;
mod greedy;
mod topics;
mod records;
mod recreated;
mod sizes;
mod addresses;
mod sessions;
mod groups;
mod life_cycle;
mod program;
