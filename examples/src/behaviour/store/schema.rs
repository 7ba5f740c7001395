//! The tables: counts, the ids that are in them, their sum, and who reads what.

use rusqlite::{Connection, TransactionBehavior};

/// Tells our files from other databases: "bhvr" in ASCII, where SQLite keeps a number for that.
const APPLICATION_ID: i32 = 0x6268_7672;

/// Makes the tables when they are not there, and sets the journal. Returns whether the file is one
/// of ours, and leaves it alone if not.
///
/// A write-ahead log with `synchronous = NORMAL` keeps every commit over a killed process; only a
/// power failure may take back the last ones, and Kafka's committed offset would not know.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<bool> {
    connection.execute_batch("PRAGMA synchronous = NORMAL;")?;
    // Immediate, so that two instances that start together make them once.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let id: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (id, tables) != (0, 0) {
        return Ok(false);
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    // An id is kept for ever, at some 20 bytes. A service that lives for years would forget those
    // that are older than the topic's retention: such records are never delivered again.
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS counts (
             minute INTEGER NOT NULL,
             page TEXT NOT NULL,
             kind TEXT NOT NULL,
             events INTEGER NOT NULL,
             PRIMARY KEY (minute, page, kind)
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS counted (id BLOB PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS totals (
             one INTEGER PRIMARY KEY CHECK (one = 1),
             events INTEGER NOT NULL,
             repeats INTEGER NOT NULL
         );
         CREATE TABLE IF NOT EXISTS readers (
             consumer_group TEXT NOT NULL,
             client TEXT NOT NULL,
             host TEXT NOT NULL,
             partitions TEXT NOT NULL,
             seen INTEGER NOT NULL,
             PRIMARY KEY (consumer_group, client)
         ) WITHOUT ROWID;
         INSERT OR IGNORE INTO totals VALUES (1, 0, 0);",
    )?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    Ok(true)
}
