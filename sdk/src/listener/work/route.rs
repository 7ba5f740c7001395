//! The destination of a listener's dead letters, and the count of their offers.

use std::sync::Arc;
use std::time::Duration;

use crate::dead_letter::DeadLetterSink;
use crate::retry::BackOff;
use crate::types::TopicName;

/// Wait before a dead letter that could not be written is offered again. It doubles each time.
const MIN_OFFER_WAIT: Duration = Duration::from_millis(500);

/// Longest wait between two offers of a dead letter.
pub(super) const MAX_OFFER_WAIT: Duration = Duration::from_secs(30);

/// The destination of dead letters.
#[derive(Clone)]
pub(super) struct DeadLetterRoute {
    pub(super) sink: Arc<dyn DeadLetterSink>,
    /// `None` for the topic that is named after that of the record.
    pub(super) topic: Option<TopicName>,
    /// Waits between offers of a letter that could not be written.
    backoff: BackOff,
}

impl DeadLetterRoute {
    pub(super) fn new(sink: Arc<dyn DeadLetterSink>, topic: Option<TopicName>) -> Self {
        let backoff = BackOff {
            max: Some(MAX_OFFER_WAIT),
            ..BackOff::exponential(MIN_OFFER_WAIT)
        };
        Self {
            sink,
            topic,
            backoff,
        }
    }

    /// Returns the wait after an offer that failed, counted from 1.
    pub(super) fn wait(&self, offer: u32) -> Duration {
        self.backoff.wait(offer)
    }
}
