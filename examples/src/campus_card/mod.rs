//! Topping up a campus card: accepted over HTTP, done later by a listener.
//!
//! An HTTP request puts a command on the topic `card.topups` and answers 202 once the broker has it
//! on record; a listener takes the command and changes the database. The two meet in Kafka and in
//! the ledger, and each may be killed at any moment: a top-up that was answered 202 is credited
//! exactly once, because Kafka delivers it at least once and the ledger credits an id at most once.
//!
//! - [`command`]: what travels on the topic, and what counts as a valid one
//! - [`ledger`]: the database, behind a thread of its own that commits in groups
//! - [`crash`]: a place to die, for tests
//! - [`listener`]: the annotated function that credits a card
//! - [`http`]: the routes, the page and their errors
//! - [`service`]: puts them together, with a broker of its own when none is configured

pub mod command;
pub mod ledger;
pub mod crash;
pub mod listener;
pub mod http;
pub mod service;

pub use service::{Options, Ready, run};
