//! Two tables: what each card holds, and how far each top-up has come.

use rusqlite::Connection;

/// Makes the tables when they are not there, and sets the journal.
///
/// A write-ahead log with `synchronous = NORMAL` keeps every commit over a killed process; only a power
/// failure may take back the last ones.
pub(super) fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS cards (
             card TEXT PRIMARY KEY,
             cents INTEGER NOT NULL CHECK (cents >= 0)
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS topups (
             id BLOB PRIMARY KEY,
             card TEXT NOT NULL,
             cents INTEGER NOT NULL,
             state TEXT NOT NULL CHECK (state IN ('accepted', 'credited', 'rejected')),
             reason TEXT
         ) WITHOUT ROWID;",
    )
}
