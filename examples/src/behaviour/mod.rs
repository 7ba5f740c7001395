//! User behaviour, recorded and analysed: what visitors do on a page, counted while they do it.
//!
//! A page posts its clicks, scrolls and page views to an HTTP endpoint, which puts them on the
//! topic `behaviour.events`. Two consumer groups read that topic, each for its own purpose: one
//! counts into a database, one writes an archive. Each group sees every event (broadcast between
//! groups), and the instances of a program share its partitions (balance within a group). A
//! dashboard shows the counts and who reads what, live.
//!
//! Kafka delivers at least once; an event is counted once because its id and its count are written
//! in one transaction.
//!
//! - [`event`]: what travels on the topic, and what counts as a valid post
//! - [`collect`]: from a post to records, through a typed producer
//! - [`writer`]: a thread that writes what is waiting, in groups
//! - [`store`]: the database of counts
//! - [`archive`]: a file with one event a line
//! - [`listeners`]: the two annotated functions, one for each group
//! - [`groups`]: who reads what
//! - [`simulate`]: visitors that nobody has to be
//! - [`dashboard`]: the live page and its stream
//! - [`http`]: the routes and the page that is watched
//! - [`options`]: how the program is run, and where it is then
//! - [`service`]: puts them together, with a broker of its own when none is configured

pub mod event;
pub mod collect;
pub mod writer;
pub mod store;
pub mod archive;
pub mod listeners;
pub mod groups;
pub mod simulate;
pub mod dashboard;
pub mod http;
pub mod options;
mod data_folder;
pub mod service;

pub use options::{Options, Ready};
pub use service::run;
