//! A small Kafka broker: a library first, a binary second.
