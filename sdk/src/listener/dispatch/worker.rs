//! The worker's side of the dispatcher: it runs the records.

use std::time::Duration;

use super::ids::SlotId;

/// Runs records. A slot holds one running record at a time.
///
/// No method is called while another one runs, and none may call back into the dispatcher.
pub(in crate::listener) trait Worker {
    /// The bytes of a batch's records, shared.
    type Batch;
    /// The state of a parked record until it is started again.
    type Held;

    /// Starts a record in a free slot and polls it once.
    ///
    /// `held` is what the record kept when it was parked, and `None` at its first start.
    fn start(
        &mut self,
        slot: SlotId,
        record: RecordInBatch<'_, Self::Batch>,
        held: Option<Self::Held>,
    ) -> Step<Self::Held>;

    /// Polls the record in a slot again.
    fn poll(&mut self, slot: SlotId, record: RecordInBatch<'_, Self::Batch>) -> Step<Self::Held>;

    /// Drops the record in a slot, whatever it is waiting for.
    fn cancel(&mut self, slot: SlotId);
}

/// The place of a record for the worker.
#[derive(Debug)]
pub(in crate::listener) struct RecordInBatch<'a, B> {
    pub(in crate::listener) batch: &'a B,
    pub(in crate::listener) index: usize,
}

/// The result of a start or a poll.
#[derive(Debug)]
pub(in crate::listener) enum Step<H> {
    /// The record waits for something and is polled again. Every other step empties the slot.
    Pending,
    /// The record is finished.
    Finished,
    /// The record is to be started again after a wait.
    Park { wait: Duration, held: H },
    /// The record has failed for good and halts its partition.
    Halt,
}

impl<B> Clone for RecordInBatch<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for RecordInBatch<'_, B> {}
