//! What the dispatcher needs of whoever runs the records.

use std::time::Duration;

/// Runs records. A slot holds one running record at a time.
pub(in crate::listener) trait Worker {
    /// The bytes of a parcel's records, shared.
    type Batch;
    /// What a record that waits for a retry brings back with it.
    type Held;

    /// Begins a record in a slot and polls it once. `held` is what it left behind when it was
    /// parked.
    fn start(
        &mut self,
        slot: usize,
        at: Delivery<'_, Self::Batch>,
        held: Option<Self::Held>,
    ) -> Step<Self::Held>;

    /// Polls the record in a slot again.
    fn poll(&mut self, slot: usize, at: Delivery<'_, Self::Batch>) -> Step<Self::Held>;

    /// Drops the record in a slot where it stands.
    fn cancel(&mut self, slot: usize);
}

/// Where the worker finds a record.
#[derive(Debug)]
pub(in crate::listener) struct Delivery<'a, B> {
    pub(in crate::listener) batch: &'a B,
    pub(in crate::listener) index: usize,
}

/// How far a poll brought a record.
#[derive(Debug)]
pub(in crate::listener) enum Step<H> {
    /// It waits for something and will be polled again. Every other step empties the slot.
    Pending,
    /// It is finished.
    Finished,
    /// It is to be started again after a wait.
    Park { wait: Duration, held: H },
    /// Its partition waits at it.
    Halt,
}

impl<B> Clone for Delivery<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Delivery<'_, B> {}
