//! Everything that crosses a socket, a disk or a process, tested on every Kafka that is there.
//!
//! A scenario is written once, in `tests/it/`, and runs on each [`target`]: broker-lite in this
//! process, real Kafka on the JVM, real Kafka in a container, and whatever
//! `WELLSPRING_TEST_BOOTSTRAP` points at. It sees its Kafka as a [`cluster::Cluster`], under names
//! that no other scenario uses, so that many can share one.

pub mod harness;
pub mod app;
pub mod own;
pub mod cluster;
pub mod target;
pub mod process;
pub mod wire;
pub mod records;
pub mod warnings;
pub mod wait;
