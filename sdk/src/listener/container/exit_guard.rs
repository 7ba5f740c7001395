//! Notices when a part of a listener ends although nothing told it to: its task or thread panicked,
//! or the runtime went away. Without this the listener would stand still and look healthy.

use std::sync::Arc;

use crate::listener::health::ListenerState;
use crate::listener::shared::ListenerShared;

/// Held by a part for as long as it lives. Dropped without [`end`](Self::end), it fails the
/// listener.
#[derive(Debug)]
pub(super) struct ExitGuard {
    part: &'static str,
    listener: Arc<ListenerShared>,
    ended: bool,
}

impl ExitGuard {
    pub(super) fn of(part: &'static str, listener: Arc<ListenerShared>) -> Self {
        Self {
            part,
            listener,
            ended: false,
        }
    }

    /// Notes that the part has ended as it should.
    pub(super) fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        if self.ended || self.listener.is_stopping() {
            return;
        }
        let reason = format!(
            "{} ended unexpectedly; the log says why, and a restart is needed",
            self.part
        );
        tracing::error!(reason, "the listener stops");
        self.listener.health.enter(ListenerState::Failed { reason });
        self.listener.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::testing::shared;

    #[test]
    fn a_part_that_vanishes_fails_the_listener_and_stops_the_others() {
        let listener = shared();
        drop(ExitGuard::of("the engine", listener.clone()));
        assert!(!listener.health.health().is_live());
        assert!(listener.is_stopping());
    }

    #[test]
    fn a_part_that_ends_as_it_should_or_during_a_stop_fails_nothing() {
        let listener = shared();
        ExitGuard::of("the engine", listener.clone()).end();
        assert!(listener.health.health().is_live() && !listener.is_stopping());
        listener.stop();
        drop(ExitGuard::of("the engine", listener.clone()));
        assert!(listener.health.health().is_live());
    }
}
