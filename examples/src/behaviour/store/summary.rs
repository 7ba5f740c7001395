//! What the dashboard shows: sums, the last minutes, the pages that were used most in them.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::counting::MINUTE;

/// How many minutes are told, the current one included.
const MINUTES: i64 = 30;

/// How many pages are told.
const PAGES: i64 = 8;

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Events since the database was made.
    pub events: i64,
    /// Deliveries of events that were counted before.
    pub repeats: i64,
    /// The current minute, counted from 1970.
    pub minute: i64,
    /// The last half hour; minutes without events are not there.
    pub minutes: Vec<Minute>,
    /// The pages with most events in that half hour.
    pub pages: Vec<PageCounts>,
}

/// The events of one minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// Which one, counted from 1970.
    pub minute: i64,
    /// Page views.
    pub views: i64,
    /// Clicks.
    pub clicks: i64,
    /// Scrolls.
    pub scrolls: i64,
}

/// The events of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageCounts {
    /// Its path.
    pub page: String,
    /// Page views.
    pub views: i64,
    /// Clicks.
    pub clicks: i64,
    /// Scrolls.
    pub scrolls: i64,
}

/// Reads it all in one transaction, so that the parts agree with each other.
pub(super) fn read(connection: &mut Connection, now: i64) -> rusqlite::Result<Summary> {
    let transaction = connection.transaction()?;
    let minute = now.div_euclid(MINUTE);
    let first = minute - MINUTES + 1;
    let (events, repeats) =
        transaction.query_row("SELECT events, repeats FROM totals", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let minutes = transaction
        .prepare_cached(&format!(
            "SELECT {KINDS}, minute FROM counts WHERE minute >= ?1 GROUP BY minute ORDER BY minute"
        ))?
        .query_map([first], minute_of)?
        .collect::<Result<_, _>>()?;
    let pages = transaction
        .prepare_cached(&format!(
            "SELECT {KINDS}, page FROM counts WHERE minute >= ?1
             GROUP BY page ORDER BY sum(events) DESC, page LIMIT ?2"
        ))?
        .query_map(params![first, PAGES], page_of)?
        .collect::<Result<_, _>>()?;
    Ok(Summary {
        events,
        repeats,
        minute,
        minutes,
        pages,
    })
}

/// The columns that both queries begin with.
const KINDS: &str = "sum(iif(kind = 'view', events, 0)), sum(iif(kind = 'click', events, 0)),
                     sum(iif(kind = 'scroll', events, 0))";

fn minute_of(row: &Row<'_>) -> rusqlite::Result<Minute> {
    Ok(Minute {
        views: row.get(0)?,
        clicks: row.get(1)?,
        scrolls: row.get(2)?,
        minute: row.get(3)?,
    })
}

fn page_of(row: &Row<'_>) -> rusqlite::Result<PageCounts> {
    Ok(PageCounts {
        views: row.get(0)?,
        clicks: row.get(1)?,
        scrolls: row.get(2)?,
        page: row.get(3)?,
    })
}
