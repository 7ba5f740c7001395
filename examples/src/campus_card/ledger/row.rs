//! Values as the database has them.

use rusqlite::Row;
use uuid::Uuid;

use super::request::{TopUpState, TopUpStatus};

/// Reads a row of `id, card, cents, state, reason`.
pub(super) fn read_topup(row: &Row<'_>) -> Result<TopUpStatus, rusqlite::Error> {
    let state = match row.get_ref(3)?.as_str()? {
        "accepted" => TopUpState::Accepted,
        "credited" => TopUpState::Credited,
        _ => TopUpState::Rejected,
    };
    Ok(TopUpStatus {
        id: Uuid::from_bytes(row.get(0)?),
        card: row.get(1)?,
        cents: unsigned(row.get(2)?),
        state,
        reason: row.get(4)?,
    })
}

/// SQLite's integers are signed; amounts are far below the limit of either.
pub(super) fn signed(cents: u64) -> i64 {
    i64::try_from(cents).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(cents: i64) -> u64 {
    u64::try_from(cents).unwrap_or(0)
}
