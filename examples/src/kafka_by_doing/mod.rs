//! A guided tour of Kafka in the terminal: chapters that say what to expect, do it, and show what
//! happened.
//!
//! What a chapter claims is checked when it runs, on whichever Kafka that is: a claim that does not
//! hold ends the program. Most chapters run on one broker, this program's own or the one whose
//! address is given. Those about replicas run on a real cluster of three that the program
//! `kafka-node` starts where Java is.
//!
//! - [`tour`]: which chapters run, and what becomes of them
//! - [`chapters`]: the chapters, one file each
//! - [`client`]: what a chapter does with the Kafka it runs on
//! - [`orders`]: the typed producer that the chapters use
//! - [`reader`]: the annotated listener that most of them use
//! - [`member`]: a member of a group in a process of its own, which can be killed
//! - [`cluster`]: three brokers on the JVM, stopped, killed and frozen by command
//! - [`segment`]: a segment file, byte by byte
//! - [`murmur2`]: the hash that puts a key into a partition
//! - [`inspect`]: what a chapter looks up and the SDK has no way to ask
//! - [`narrator`]: what the reader sees, and the claims

pub mod tour;
pub mod chapters;
pub mod client;
pub mod orders;
pub mod reader;
pub mod member;
pub mod cluster;
pub mod segment;
pub mod murmur2;
pub mod inspect;
pub mod narrator;

pub use tour::{Options, run};
