//! The broker at its socket, seen by a codec that shares no code with it.
//!
//! `matrix` sends every advertised version of every key; the others hold single promises: what a producer, a consumer or a
//! stranger is told.

mod client;
mod samples;
mod matrix;
mod api_versions;
mod broken_input;
mod topics;
mod records;
mod sessions;
mod life_cycle;
