//! Yields between the steps of long work, on a thread that other tasks need too.

use std::time::{Duration, Instant};

use super::Clock;

/// Longest time that one task may keep its thread.
const MAX_RUN: Duration = Duration::from_millis(5);

/// The time that a task has kept its thread.
#[derive(Debug)]
pub(crate) struct YieldBudget<'a> {
    clock: &'a Clock,
    began: Instant,
}

impl<'a> YieldBudget<'a> {
    /// Starts counting now.
    pub(crate) fn new(clock: &'a Clock) -> Self {
        Self {
            clock,
            began: clock.now(),
        }
    }

    /// Yields to other tasks if this one has kept its thread for long. Call it between two steps.
    ///
    /// # Cancel safety
    ///
    /// The work stops between two steps.
    pub(crate) async fn pause(&mut self) {
        if self.clock.now().saturating_duration_since(self.began) >= MAX_RUN {
            tokio::task::yield_now().await;
            self.began = self.clock.now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_yields_after_a_long_run_and_not_before() {
        let clock = Clock::new();
        let mut budget = YieldBudget::new(&clock);
        let mut pause = poll(budget.pause());
        assert!(pause.is_ready());
        clock.advance(MAX_RUN);
        pause = poll(budget.pause());
        assert!(pause.is_pending());
    }

    fn poll(future: impl Future<Output = ()>) -> std::task::Poll<()> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(future).poll(&mut context)
    }
}
