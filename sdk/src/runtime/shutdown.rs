//! A signal that is sent once and reaches every receiver, also those that subscribe later.

use tokio::sync::watch;

/// The receiver of the signal. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Shutdown {
    heard: watch::Receiver<bool>,
}

/// The sender of the signal. Dropping it sends the signal too, so that no receiver waits forever.
#[derive(Debug)]
pub struct ShutdownTrigger {
    give: watch::Sender<bool>,
}

impl ShutdownTrigger {
    /// Returns a sender whose signal has not been sent.
    #[must_use]
    pub fn new() -> Self {
        Self {
            give: watch::Sender::new(false),
        }
    }

    /// Sends the signal. Sending it twice changes nothing.
    pub fn give(&self) {
        self.give.send_replace(true);
    }

    /// Returns a receiver of this signal.
    #[must_use]
    pub fn listen(&self) -> Shutdown {
        Shutdown {
            heard: self.give.subscribe(),
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
    pub fn is_given(&self) -> bool {
        *self.heard.borrow() || self.heard.has_changed().is_err()
    }

    /// Waits for the signal; returns at once when it was sent before.
    ///
    /// # Cancel safety
    /// Nothing is lost: the signal stays sent.
    pub async fn given(&self) {
        let mut heard = self.heard.clone();
        // An error means that the sender is gone, which counts as the signal.
        if heard.wait_for(|given| *given).await.is_err() {
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
        let early = trigger.listen();
        assert!(!early.is_given());
        trigger.give();
        early.given().await;
        trigger.listen().given().await;
        assert!(trigger.listen().is_given());
    }

    #[tokio::test]
    async fn a_dropped_trigger_is_a_signal() {
        let trigger = ShutdownTrigger::new();
        let receiver = trigger.listen();
        drop(trigger);
        assert!(receiver.is_given());
        receiver.given().await;
    }
}
