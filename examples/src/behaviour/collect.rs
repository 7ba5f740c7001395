//! From a post to records: checked, stamped with the time, and acknowledged by the broker.

use std::sync::Arc;

use futures::future::try_join_all;
use wellspring::prelude::*;
use wellspring::runtime::Clock;
use wellspring::types::Timestamp;

use super::event::{Batch, InvalidBatch, UserEvent};

/// Puts events on their topic; the type names it.
#[kafka_producer]
pub trait UserEvents {
    /// What a visitor did.
    async fn happened(&self, event: &UserEvent) -> SendResult;
}

/// Takes batches, from the page or from simulated visitors. Cloning shares the producer.
#[derive(Clone)]
pub struct Collector {
    events: Arc<dyn UserEvents>,
    clock: Clock,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// It can never be taken; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] InvalidBatch),
    /// Some of its events may be on record and others not. The same batch can be sent again: an id
    /// counts once.
    #[error("not acknowledged")]
    NotAcknowledged(#[from] SendError),
}

impl Collector {
    /// A collector that sends through `events`.
    #[must_use]
    pub fn new(events: Arc<dyn UserEvents>, clock: Clock) -> Self {
        Self { events, clock }
    }

    /// Returns how many events were sent, once every in-sync replica has them.
    ///
    /// # Errors
    /// When the batch is not valid, or the broker does not acknowledge all of it.
    ///
    /// # Cancel safety
    /// Some of the events may still be written.
    pub async fn collect(&self, batch: Batch) -> Result<usize, CollectError> {
        let events = batch.into_events(Timestamp::from(self.clock.wall()))?;
        // All at once: the producer puts them into few requests.
        try_join_all(events.iter().map(|event| self.events.happened(event))).await?;
        Ok(events.len())
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}
