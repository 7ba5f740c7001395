//! Kafka listeners and producers for async Rust.
