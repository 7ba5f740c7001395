//! A signal that is sent once and reaches every receiver, also those that subscribe later.

use tokio::sync::watch;

/// The receiver of the signal. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Shutdown {
    receiver: watch::Receiver<bool>,
}

/// The sender of the signal. Dropping it sends the signal too, so that no receiver waits forever.
#[derive(Debug)]
pub struct ShutdownTrigger {
    sender: watch::Sender<bool>,
}

impl ShutdownTrigger {
    /// Returns a sender whose signal has not been sent.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sender: watch::Sender::new(false),
        }
    }

    /// Sends the signal. Sending it twice changes nothing.
    pub fn trigger(&self) {
        self.sender.send_replace(true);
    }

    /// Returns a receiver of this signal.
    #[must_use]
    pub fn subscribe(&self) -> Shutdown {
        Shutdown {
            receiver: self.sender.subscribe(),
        }
    }
}

impl Default for ShutdownTrigger {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// Whether the signal was sent.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.receiver.borrow() || self.receiver.has_changed().is_err()
    }

    /// Waits for the signal; returns at once when it was sent before.
    ///
    /// # Cancel safety
    /// Nothing is lost: the signal stays sent.
    pub async fn triggered(&self) {
        let mut receiver = self.receiver.clone();
        // An error means that the sender is gone, which counts as the signal.
        if receiver.wait_for(|triggered| *triggered).await.is_err() {
            tracing::trace!("the shutdown trigger was dropped");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_receiver_that_subscribes_late_gets_the_signal_too() {
        let trigger = ShutdownTrigger::new();
        let early = trigger.subscribe();
        assert!(!early.is_triggered());
        trigger.trigger();
        early.triggered().await;
        trigger.subscribe().triggered().await;
        assert!(trigger.subscribe().is_triggered());
    }

    #[tokio::test]
    async fn a_dropped_trigger_is_a_signal() {
        let trigger = ShutdownTrigger::new();
        let receiver = trigger.subscribe();
        drop(trigger);
        assert!(receiver.is_triggered());
        receiver.triggered().await;
    }
}
