//! Lists in the order in which things happened: all top-ups, and the movements of a card.
//!
//! An entry is written in the transaction that it tells about, so that a list never shows what was
//! taken back.

use rusqlite::{Transaction, params};
use uuid::Uuid;

use super::request::{ListedTopUp, Movement, Page};
use super::row::{read_topup, signed, unsigned};
use crate::campus_card::command::TopUp;

/// Lists a top-up, unless it is listed.
pub(super) fn known(transaction: &Transaction<'_>, id: Uuid) -> Result<(), rusqlite::Error> {
    transaction
        .prepare_cached("INSERT OR IGNORE INTO history (id) VALUES (?1)")?
        .execute(params![id.as_bytes()])
        .map(drop)
}

/// Lists the movement that a top-up has made; the card holds `balance` now.
pub(super) fn moved(
    transaction: &Transaction<'_>,
    topup: &TopUp,
    balance: u64,
) -> Result<(), rusqlite::Error> {
    let TopUp { id, card, cents } = topup;
    transaction
        .prepare_cached("INSERT INTO movements (id, card, cents, balance) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            id.as_bytes(),
            card,
            signed(*cents),
            signed(balance)
        ])
        .map(drop)
}

pub(super) fn topups(
    transaction: &Transaction<'_>,
    page: Page,
) -> Result<Vec<ListedTopUp>, rusqlite::Error> {
    let mut list = transaction.prepare_cached(
        "SELECT id, card, cents, state, reason, number, at FROM history JOIN topups USING (id)
         WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let rows = list.query_map(params![before(page), page.limit], |row| {
        Ok(ListedTopUp {
            number: unsigned(row.get(5)?),
            at: unsigned(row.get(6)?),
            topup: read_topup(row)?,
        })
    })?;
    rows.collect()
}

pub(super) fn movements(
    transaction: &Transaction<'_>,
    card: &str,
    page: Page,
) -> Result<Vec<Movement>, rusqlite::Error> {
    let mut list = transaction.prepare_cached(
        "SELECT number, at, id, cents, balance FROM movements
         WHERE card = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
    )?;
    let rows = list.query_map(params![card, before(page), page.limit], |row| {
        Ok(Movement {
            number: unsigned(row.get(0)?),
            at: unsigned(row.get(1)?),
            id: Uuid::from_bytes(row.get(2)?),
            cents: unsigned(row.get(3)?),
            balance: unsigned(row.get(4)?),
        })
    })?;
    rows.collect()
}

fn before(page: Page) -> i64 {
    page.before.map_or(i64::MAX, signed)
}
