//! One signal that goes down once and is heard by everyone, also by those who come late.

use tokio::sync::watch;

/// The ear: waits for the signal. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Shutdown {
    heard: watch::Receiver<bool>,
}

/// The hand: gives the signal. Dropping it gives the signal too, so that nobody waits for ever.
#[derive(Debug)]
pub struct ShutdownTrigger {
    give: watch::Sender<bool>,
}

impl ShutdownTrigger {
    /// A signal that has not been given yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            give: watch::Sender::new(false),
        }
    }

    /// Gives the signal. Giving it twice changes nothing.
    pub fn give(&self) {
        self.give.send_replace(true);
    }

    /// An ear for this signal.
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
    /// Whether the signal was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self.heard.borrow() || self.heard.has_changed().is_err()
    }

    /// Waits for the signal; ready at once when it was given before.
    ///
    /// # Cancel safety
    /// Nothing is lost: the signal stays given.
    pub async fn given(&self) {
        let mut heard = self.heard.clone();
        // The error means that the hand is gone, which is the signal as well.
        if heard.wait_for(|given| *given).await.is_err() {
            tracing::trace!("the shutdown trigger was dropped");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_listens_late_hears_it_too() {
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
        let ear = trigger.listen();
        drop(trigger);
        assert!(ear.is_given());
        ear.given().await;
    }
}
