//! What a handler does with a record.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use wellspring::client::Record;
use wellspring::runtime::Clock;

use super::cell::Work;
use super::compute::Speed;
use super::http::Caller;
use super::payload::Stamp;
use super::sqlite::Table;
use super::tally::Tally;

/// A handler's work, with what it needs for it.
#[derive(Debug)]
pub enum Worker {
    /// Is ready at once.
    Nothing,
    /// Waits for a timer.
    Timer(Duration),
    /// Calls a service that takes so long.
    Http(Box<Caller>, Duration),
    /// Writes a row.
    Sqlite(Table),
    /// Computes.
    Compute(Speed, Duration),
}

impl Worker {
    /// What `work` needs: the service at `service`, a database in `folder`.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub fn new(
        work: Work,
        service: SocketAddr,
        folder: &Path,
        speed: Speed,
    ) -> wellspring::Result<Self> {
        Ok(match work {
            Work::Timer(0) => Self::Nothing,
            Work::Timer(_) => Self::Timer(work.time()),
            Work::Http(_) => Self::Http(Box::new(Caller::new(service)), work.time()),
            Work::Sqlite => Self::Sqlite(Table::open(folder)?),
            Work::Compute(_) => Self::Compute(speed, work.time()),
        })
    }

    async fn work(&self, stamp: Stamp) -> wellspring::Result {
        match self {
            Self::Nothing => {}
            Self::Timer(time) => Clock::system().sleep(*time).await,
            // Boxed: every worker has room for the largest of these futures.
            Self::Http(caller, time) => Box::pin(caller.call(*time)).await?,
            Self::Sqlite(table) => table.insert(stamp).await?,
            Self::Compute(speed, time) => speed.compute(*time),
        }
        Ok(())
    }
}

/// Handles a record: works, and keeps the tally. A failure voids the measurement; it is in the
/// tally.
pub async fn handle(worker: &Worker, tally: &Tally, record: &Record) {
    let Some(stamp) = record.payload().and_then(Stamp::read) else {
        return tally.fail(format!("the record at {} has no stamp", record.offset()));
    };
    tally.begin(stamp);
    if let Err(error) = worker.work(stamp).await {
        tally.fail(error.to_string());
    }
    tally.end(stamp, record.partition().0);
}
