//! A database: rows go to one thread that writes all that wait in one transaction.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::payload::Stamp;

/// The way to the thread that writes.
#[derive(Debug, Clone)]
pub struct Table {
    rows: SyncSender<Row>,
}

#[derive(Debug)]
struct Row {
    stamp: Stamp,
    written: oneshot::Sender<Result<(), String>>,
}

/// Most rows of a transaction, and most rows that wait for one.
const MAX_ROWS: usize = 4096;

impl Table {
    /// Opens a database in `folder`, with a write-ahead log that is synced for each transaction.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub fn open(folder: &Path) -> wellspring::Result<Self> {
        let database = Connection::open(folder.join("rows.db"))?;
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "FULL")?;
        database.execute(
            "CREATE TABLE rows (key INTEGER, place INTEGER, sent INTEGER)",
            [],
        )?;
        let (rows, waiting) = sync_channel(MAX_ROWS);
        thread::Builder::new()
            .name("sqlite".to_owned())
            .spawn(move || write(database, &waiting))?;
        Ok(Self { rows })
    }

    /// Writes a row, and waits until its transaction is on disk.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn insert(&self, stamp: Stamp) -> wellspring::Result {
        let (written, is_written) = oneshot::channel();
        let full = |_| "too many rows wait for the database";
        self.rows.try_send(Row { stamp, written }).map_err(full)?;
        Ok(is_written.await.map_err(|_| "the database is gone")??)
    }
}

/// Writes what waits, in one transaction, until nobody holds the table.
fn write(mut database: Connection, waiting: &Receiver<Row>) {
    while let Ok(first) = waiting.recv() {
        let mut rows = vec![first];
        rows.extend(waiting.try_iter().take(MAX_ROWS - 1));
        let outcome = commit(&mut database, &rows).map_err(|error| error.to_string());
        for row in rows {
            // A handler that was dropped meanwhile asks for no answer.
            drop(row.written.send(outcome.clone()));
        }
    }
}

fn commit(database: &mut Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare_cached("INSERT INTO rows VALUES (?, ?, ?)")?;
        for Row { stamp, .. } in rows {
            insert.execute(params![stamp.key, stamp.place, stamp.sent.cast_signed()])?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_row_that_was_written_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::open(folder.path()).unwrap();
        let stamp = Stamp {
            sent: 1,
            key: 2,
            place: 3,
        };
        table.insert(stamp).await.unwrap();
        let database = Connection::open(folder.path().join("rows.db")).unwrap();
        let keys: i64 = database
            .query_row("SELECT key FROM rows", [], |row| row.get(0))
            .unwrap();
        assert_eq!(keys, 2);
    }
}
