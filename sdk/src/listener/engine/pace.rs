//! The length of a turn: as many steps as fit into a millisecond.
//!
//! A step is a start or a poll of a handler, and the handler decides how long that takes. One that
//! is ready at once takes some tens of nanoseconds; one that computes may take milliseconds, and a
//! turn of hundreds of these would keep timers and sockets of the same runtime waiting for seconds.

use std::time::Duration;

/// Longest time that the engine keeps its thread, unless a single step takes longer.
pub(super) const MAX_TURN: Duration = Duration::from_millis(1);

/// Most steps of a turn, so that messages of the poll thread are taken now and then.
const MAX_STEPS: u32 = 256;

/// Steps of the first turn. Handlers are not known yet, and cheap ones soon get more.
const INITIAL_STEPS: u32 = 8;

/// The number of steps of the next turn.
#[derive(Debug)]
pub(super) struct TurnPace {
    steps: u32,
}

impl TurnPace {
    pub(super) const fn new() -> Self {
        Self {
            steps: INITIAL_STEPS,
        }
    }

    /// Returns the number of steps that the next turn may take.
    pub(super) const fn steps(&self) -> u32 {
        self.steps
    }

    /// Takes the duration of a turn: a long one halves the next, a short one doubles it.
    pub(super) fn note(&mut self, took: Duration) {
        if took > MAX_TURN {
            self.steps = (self.steps / 2).max(1);
        } else if took < MAX_TURN / 2 {
            self.steps = self.steps.saturating_mul(2).min(MAX_STEPS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_cheap_steps_grow_and_those_of_long_steps_shrink_to_one() {
        let mut pace = TurnPace::new();
        for _ in 0..10 {
            pace.note(Duration::from_micros(20));
        }
        assert_eq!(pace.steps(), MAX_STEPS);
        pace.note(Duration::from_micros(700));
        assert_eq!(pace.steps(), MAX_STEPS, "about right");
        for _ in 0..10 {
            pace.note(Duration::from_millis(3));
        }
        assert_eq!(pace.steps(), 1);
        pace.note(Duration::from_micros(20));
        assert_eq!(pace.steps(), 2);
    }
}
