//! The database of counts: SQLite, shared by all instances of the program on one machine.
//!
//! Counting goes through a `Writer`, one transaction for a group of events. All else has a
//! connection of its own; what reads waits for no writer (write-ahead log).

mod schema;
mod counting;
mod summary;
mod readers;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

pub use self::counting::Counted;
pub use self::readers::Reader;
pub use self::summary::{Minute, PageCounts, Summary};
use super::event::UserEvent;
use super::writer::{WriteError, Writer};

/// Longest wait for another instance that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A handle on the database. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Store {
    counting: Writer<UserEvent, Counted>,
    /// For all else. Held for a query, by threads that may block.
    other: Arc<Mutex<Connection>>,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite could not do it.
    #[error("the database of counts")]
    Database(#[from] rusqlite::Error),
    /// The file has counts of something else. It is left alone.
    #[error("it is a database of something else: give another --data-dir")]
    Foreign,
    /// No thread could be started.
    #[error("no thread for the database")]
    Thread(#[from] std::io::Error),
    /// The program is ending.
    #[error("the program is ending")]
    Ending(#[from] tokio::task::JoinError),
}

impl Store {
    /// Opens the database at `path`, or makes it.
    ///
    /// # Errors
    /// When the file cannot be opened, or is not one of ours.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut writing = connect(path)?;
        if !schema::prepare(&mut writing)? {
            return Err(StoreError::Foreign);
        }
        let other = Arc::new(Mutex::new(connect(path)?));
        let count = move |events: &[UserEvent]| counting::count(&mut writing, events);
        let counting = Writer::start("counts", count)?;
        Ok(Self { counting, other })
    }

    /// Counts an event, once per id.
    ///
    /// # Errors
    /// When the database fails; the event is not counted then.
    ///
    /// # Cancel safety
    /// The event may still be counted.
    pub async fn count(&self, event: UserEvent) -> Result<Counted, WriteError> {
        self.counting.write(event).await
    }

    /// Returns what was counted, with the minutes and pages that end at `now`, in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// When the database fails.
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn summary(&self, now: i64) -> Result<Summary, StoreError> {
        self.run(move |connection| summary::read(connection, now))
            .await
    }

    /// Notes what an instance reads, at `now` in milliseconds since 1970. It is forgotten when
    /// nothing more is heard of it.
    ///
    /// # Errors
    /// When the database fails.
    ///
    /// # Cancel safety
    /// It may still be noted.
    pub async fn announce(
        &self,
        client: String,
        readers: Vec<Reader>,
        now: i64,
    ) -> Result<(), StoreError> {
        self.run(move |connection| readers::announce(connection, &client, &readers, now))
            .await
    }

    /// Returns what the instances read at `now`.
    ///
    /// # Errors
    /// When the database fails.
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn readers(&self, now: i64) -> Result<Vec<Reader>, StoreError> {
        self.run(move |connection| readers::read(connection, now))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.other.clone();
        let run = move || query(&mut connection.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(tokio::task::spawn_blocking(run).await??)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
