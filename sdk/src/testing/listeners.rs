//! The problems of the listeners of a test's applications, for the message of a failed wait.

use std::fmt::Write as _;

use super::kafka::TestKafka;
use crate::listener::{ListenerHealth, ListenerState};

impl TestKafka {
    /// Returns a line for each problem of a listener, and one for the last record it failed at.
    pub(super) fn listeners_met(&self) -> String {
        let mut lines = String::new();
        for health in self.health_sources().all() {
            for listener in health.now().listeners {
                for what in complaints(&listener) {
                    // Writing to a string never fails.
                    write!(lines, "\n  listener {}: {what}", listener.id).ok();
                }
            }
        }
        lines
    }
}

fn complaints(listener: &ListenerHealth) -> Vec<String> {
    let state = match &listener.state {
        ListenerState::Failed { reason } | ListenerState::Restarting { reason } => {
            Some(format!("has failed: {reason}"))
        }
        ListenerState::Starting => Some("waits for its partitions".to_owned()),
        ListenerState::Running | ListenerState::Stopping | ListenerState::Stopped => None,
    };
    let halted = listener.halted.iter().map(ToString::to_string);
    let problems = listener.problems.iter().map(ToString::to_string);
    let failed = listener
        .last_failure
        .iter()
        .map(|failure| format!("last failed at {failure}"));
    state
        .into_iter()
        .chain(halted)
        .chain(problems)
        .chain(failed)
        .collect()
}
