//! The listener: takes a top-up from the topic and credits the card.

use tracing::debug;
use wellspring::prelude::*;

use super::command::TopUp;
use super::crash::CrashPoint;
use super::ledger::{Ledger, LedgerError};

/// Credits a card. Top-ups of one card are handled in order, those of different cards side by side.
///
/// The offset is committed after this returns. A crash in between delivers the record again, and
/// the ledger answers the second delivery without crediting twice.
///
/// # Errors
/// When the ledger fails: the card's top-ups wait until it works again, since a top-up that was
/// answered 202 must be credited or rejected. Only a record that is no top-up goes to
/// `card.topups-dlt`.
#[kafka_listener(
    group = "${campus-card.group:campus-card}",
    workers = 64,
    ordering = "key",
    // For as long as a database may be out of order.
    retry = "1000000 x 200ms exponential max 5s",
    retry_panics,
    dead_letter,
    // A service that was killed is missed after 6 s, not after Kafka's 45: its successor waits no longer.
    properties("session.timeout.ms" = "6000")
)]
pub async fn credit(
    topup: TopUp,
    meta: Metadata,
    State(ledger): State<Ledger>,
    State(crash): State<CrashPoint>,
) -> Result<(), LedgerError> {
    let (id, partition, offset) = (topup.id, meta.partition, meta.offset);
    let state = ledger.credit(topup).await?.state;
    crash.pass();
    debug!(%id, %partition, %offset, ?state, "top-up handled");
    Ok(())
}
