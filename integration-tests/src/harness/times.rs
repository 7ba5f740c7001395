//! Durations of the scenarios: the slowest ones decide the duration of a run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most of the slowest scenarios that are listed.
const MAX_LISTED: usize = 12;

/// The duration of one scenario, its target and its name.
type Taken = (Duration, &'static str, &'static str);

/// The times of one run. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    /// Held for the moment of a push.
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Times {
    /// Runs a scenario and notes how long it took; waiting for its turn doesn't count.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scenarios watch other processes, whose time is the real one"
    )]
    pub(super) fn of<T>(
        &self,
        target: &'static str,
        name: &'static str,
        run: impl FnOnce() -> T,
    ) -> T {
        let began = Instant::now();
        let outcome = run();
        self.note(began.elapsed(), target, name);
        outcome
    }

    fn note(&self, took: Duration, target: &'static str, name: &'static str) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push((took, target, name));
    }

    /// A line for each of the slowest, slowest first.
    pub(super) fn slowest(&self) -> String {
        let mut taken = self
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        taken.sort_unstable_by(|one, other| other.cmp(one));
        let lines = taken.iter().take(MAX_LISTED).map(|(took, target, name)| {
            format!("slow: {:5.1} s [{target}] {name}\n", took.as_secs_f64())
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_scenarios_are_listed_slowest_first() {
        let times = Times::default();
        for seconds in 0..20 {
            times.note(Duration::from_secs(seconds), "jvm", "epochs::one");
        }
        let listed = times.slowest();
        assert_eq!(listed.lines().count(), MAX_LISTED);
        assert_eq!(
            listed.lines().next(),
            Some("slow:  19.0 s [jvm] epochs::one")
        );
    }
}
