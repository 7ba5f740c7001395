//! Counts a group of events in one transaction: each id once.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::behaviour::event::UserEvent;

/// Milliseconds of a minute.
pub(super) const MINUTE: i64 = 60_000;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is in the counts now.
    Now,
    /// Its id was in the counts before; they stay as they are.
    Before,
}

/// Counts the events, all or none.
pub(super) fn count(
    connection: &mut Connection,
    events: &[UserEvent],
) -> rusqlite::Result<Vec<Counted>> {
    // Immediate: a transaction that reads first could not wait for another instance's write.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut answers = Vec::with_capacity(events.len());
    for event in events {
        let answer = count_one(&transaction, event)?;
        answers.push(answer);
    }
    let repeats = answers
        .iter()
        .filter(|answer| **answer == Counted::Before)
        .count();
    let (repeats, all) = (signed(repeats), signed(answers.len()));
    transaction
        .prepare_cached("UPDATE totals SET events = events + ?1, repeats = repeats + ?2")?
        .execute(params![all - repeats, repeats])?;
    transaction.commit()?;
    Ok(answers)
}

/// The id and the count are written together: whichever of them is there, the other one is.
fn count_one(connection: &Connection, event: &UserEvent) -> rusqlite::Result<Counted> {
    let is_new = connection
        .prepare_cached("INSERT OR IGNORE INTO counted (id) VALUES (?1)")?
        .execute([event.id.as_bytes()])?;
    if is_new == 0 {
        return Ok(Counted::Before);
    }
    connection
        .prepare_cached(
            "INSERT INTO counts (minute, page, kind, events) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (minute, page, kind) DO UPDATE SET events = events + 1",
        )?
        .execute(params![
            event.received.div_euclid(MINUTE),
            event.page,
            event.kind.name()
        ])?;
    Ok(Counted::Now)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
