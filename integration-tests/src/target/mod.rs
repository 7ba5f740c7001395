//! The Kafkas that a scenario can run on.

pub mod jvm;
