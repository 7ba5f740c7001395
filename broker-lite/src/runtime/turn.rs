//! Work in pieces, on a thread that others need as well.

use std::time::{Duration, Instant};

use super::Clock;

/// How long one task may keep a thread to itself.
const LONGEST: Duration = Duration::from_millis(5);

/// One task's turn on its thread.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    clock: &'a Clock,
    began: Instant,
}

impl<'a> Turn<'a> {
    /// A turn that begins now.
    pub(crate) fn new(clock: &'a Clock) -> Self {
        Self {
            clock,
            began: clock.now(),
        }
    }

    /// Lets others have the thread, if this turn has been long. To be called between two pieces of
    /// work.
    ///
    /// # Cancel safety
    ///
    /// The work stops between two pieces.
    pub(crate) async fn pause(&mut self) {
        if self.clock.now().saturating_duration_since(self.began) >= LONGEST {
            tokio::task::yield_now().await;
            self.began = self.clock.now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_turn_lets_others_in_and_a_short_one_does_not() {
        let clock = Clock::new();
        let mut turn = Turn::new(&clock);
        let mut pause = poll(turn.pause());
        assert!(pause.is_ready());
        clock.advance(LONGEST);
        pause = poll(turn.pause());
        assert!(pause.is_pending());
    }

    fn poll(future: impl Future<Output = ()>) -> std::task::Poll<()> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(future).poll(&mut context)
    }
}
