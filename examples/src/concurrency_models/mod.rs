//! A consumer per thread, one consumer with many workers, or both? The three models, measured.
//!
//! Model 1 is a listener with `concurrency = N` and one worker, model 2 one with `concurrency = 1`
//! and `workers = W`, and model 3 has both. The program runs them over a grid of settings, handlers
//! and records, each cell in a process of its own: first it drains a backlog, which gives the
//! throughput and what it costs, then it handles a load at half that pace, which gives the latency.
//! The order of each key is checked in both.
//!
//! - [`arguments`]: the command line
//! - [`report`]: the page that says what came of it, [`plot`]: its figures, [`summary`]: the medians
//! - [`study`]: a run over the grid, [`topics`] and [`load`]: its records
//! - [`process`] and [`consumer`]: the process that measures a cell, from outside and from inside
//! - [`handler`]: what handlers do, with [`http`], [`sqlite`] and [`compute`]
//! - [`tally`], [`order`], [`usage`]: what is measured
//! - [`results`]: the CSV file, [`progress`]: how far it is
//! - [`limits`]: what a machine cannot hold
//! - [`grid`] and [`cell`]: what is measured, pure

pub mod arguments;
pub mod report;
pub mod plot;
pub mod summary;
pub mod study;
pub mod progress;
pub mod process;
pub mod consumer;
pub mod handler;
pub mod sqlite;
pub mod http;
pub mod topics;
pub mod load;
pub mod keys;
pub mod tally;
pub mod usage;
pub mod order;
pub mod payload;
pub mod results;
pub mod row;
pub mod protocol;
pub mod compute;
pub mod limits;
pub mod machine;
pub mod grid;
pub mod cell;
#[cfg(test)]
mod samples;
