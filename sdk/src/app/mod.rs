//! The application: what it is made of, how it starts, and how it stops.
//!
//! An [`App`] is built, then [started](App::start) or [run](App::run). Before the first broker is
//! asked, everything that can be known is checked, and everything that is wrong is reported at
//! once.

mod builder;
mod run;
mod signals;
mod start;
mod topics;
mod late_topics;
mod plan;
mod resolve;
mod running;
mod listeners;
mod listener;
mod healing;
mod producer;
mod error;
mod backoff;

pub use builder::App;
pub use error::{RunError, StartError, StartProblem};
pub use running::{AppStopReport, RunningApp, RunningListener};
pub use signals::{ShutdownSignal, shutdown_signal};

pub use crate::admin::TopicsError;
pub use crate::config::ConfigError;
pub use crate::listener::{Guarantee, ListenerError};

#[cfg(test)]
mod tests;
