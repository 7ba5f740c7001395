//! Notices when a part of a listener ends that nobody told to: its task or thread panicked, or the
//! runtime went away. The listener would otherwise stand still in silence.

use std::sync::Arc;

use crate::listener::health::{Board, ListenerState};
use crate::runtime::ShutdownTrigger;

/// Held by a part for as long as it lives. Dropped without [`end`](Self::end), it fails the
/// listener.
#[derive(Debug)]
pub(super) struct Lifeline {
    part: &'static str,
    board: Arc<Board>,
    stop: Arc<ShutdownTrigger>,
    ended: bool,
}

impl Lifeline {
    pub(super) fn of(part: &'static str, board: Arc<Board>, stop: Arc<ShutdownTrigger>) -> Self {
        Self {
            part,
            board,
            stop,
            ended: false,
        }
    }

    /// The part has ended as it should.
    pub(super) fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        if self.ended || self.stop.listen().is_given() {
            return;
        }
        let reason = format!(
            "{} ended unexpectedly; the log says why, and a restart is needed",
            self.part
        );
        tracing::error!(reason, "the listener stops");
        self.board.enter(ListenerState::Failed { reason });
        self.stop.give();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ListenerId;

    fn parts() -> (Arc<Board>, Arc<ShutdownTrigger>) {
        (
            Arc::new(Board::new(ListenerId::new("orders"))),
            Arc::new(ShutdownTrigger::new()),
        )
    }

    #[test]
    fn a_part_that_vanishes_fails_the_listener_and_stops_the_others() {
        let (board, stop) = parts();
        drop(Lifeline::of("the engine", board.clone(), stop.clone()));
        assert!(!board.health().is_live());
        assert!(stop.listen().is_given());
    }

    #[test]
    fn a_part_that_ends_as_it_should_or_during_a_stop_fails_nothing() {
        let (board, stop) = parts();
        Lifeline::of("the engine", board.clone(), stop.clone()).end();
        assert!(board.health().is_live() && !stop.listen().is_given());
        stop.give();
        drop(Lifeline::of("the engine", board.clone(), stop));
        assert!(board.health().is_live());
    }
}
