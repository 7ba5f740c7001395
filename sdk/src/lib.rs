//! Kafka listeners and producers for async Rust.

pub mod runtime;
