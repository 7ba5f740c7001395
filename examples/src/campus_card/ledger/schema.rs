//! The tables: what each card holds, how far each top-up has come, and two lists in the order in
//! which things happened: of all top-ups, and of the movements of each card.

use rusqlite::Connection;

/// Tells a ledger from other databases: "card" in ASCII, where SQLite keeps a number for that.
const APPLICATION_ID: i32 = 0x6361_7264;

/// Makes the tables when they are not there, and sets the journal. Answers whether the file is a
/// ledger, and leaves it alone if not.
///
/// A write-ahead log with `synchronous = NORMAL` keeps every commit over a killed process; only a
/// power failure may take back the last ones.
pub(super) fn prepare(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    // A ledger that is older than the number has the tables.
    let others = "SELECT count(*) FROM sqlite_schema WHERE name NOT IN ('cards', 'topups')";
    let others: i64 = connection.query_row(others, [], |row| row.get(0))?;
    if id != APPLICATION_ID && (id, others) != (0, 0) {
        return Ok(false);
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
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
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS history (
             number INTEGER PRIMARY KEY,
             id BLOB NOT NULL UNIQUE,
             at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
         );
         -- A ledger from before this list: its top-ups are listed in any order, but listed.
         INSERT INTO history (id) SELECT id FROM topups WHERE NOT EXISTS (SELECT 1 FROM history);
         CREATE TABLE IF NOT EXISTS movements (
             number INTEGER PRIMARY KEY,
             id BLOB NOT NULL UNIQUE,
             card TEXT NOT NULL,
             cents INTEGER NOT NULL,
             balance INTEGER NOT NULL,
             at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
         );
         CREATE INDEX IF NOT EXISTS movements_of_card ON movements (card, number);",
    )?;
    Ok(true)
}
