//! The two groups that read the topic: one counts, one archives.
//!
//! Each group gets every event, and commits its own offsets. Within a group each partition belongs
//! to one instance at a time.

use tracing::debug;
use wellspring::prelude::*;

use super::archive::{Archive, Line};
use super::event::UserEvent;
use super::store::{Counted, Store};
use super::writer::WriteError;

/// The group that counts.
pub const COUNT_GROUP: &str = "behaviour-count";

/// The group that archives.
pub const ARCHIVE_GROUP: &str = "behaviour-archive";

/// Counts an event by minute, page and kind. Sums do not depend on an order, so none is asked for.
///
/// The offset is committed after this returns. A crash in between delivers the event again, and the
/// store recognises its id.
///
/// # Errors
/// When the database fails: events wait until it works again. Only a record that is no event goes
/// to `behaviour.events-dlt`.
#[kafka_listener(
    group = COUNT_GROUP,
    workers = 64,
    ordering = "none",
    // For as long as a database may be out of order.
    retry = "1000000 x 200ms exponential max 5s",
    dead_letter,
    // An instance that was killed is missed after 6 s, not after Kafka's 45.
    properties("session.timeout.ms" = "6000")
)]
pub async fn count(
    event: UserEvent,
    meta: Metadata,
    State(store): State<Store>,
) -> Result<(), WriteError> {
    let id = event.id;
    if store.count(event).await? == Counted::Before {
        debug!(%id, partition = %meta.partition, offset = %meta.offset, "event was counted before");
    }
    Ok(())
}

/// Appends an event to the archive, after those that its visitor made before.
///
/// # Errors
/// When the file cannot be written: events wait until it can.
#[kafka_listener(
    group = ARCHIVE_GROUP,
    workers = 64,
    ordering = "key",
    retry = "1000000 x 200ms exponential max 5s",
    // `count` writes a dead letter of what is no event; one is enough.
    on_exhausted = "skip",
    properties("session.timeout.ms" = "6000")
)]
pub async fn archive(
    event: UserEvent,
    meta: Metadata,
    State(archive): State<Archive>,
) -> Result<(), WriteError> {
    let (partition, offset) = (meta.partition.0, meta.offset.0);
    let line = Line {
        partition,
        offset,
        event,
    };
    archive.append(line).await
}
