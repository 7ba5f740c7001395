//! The database of cards and top-ups: SQLite behind one thread that commits in groups.
//!
//! Every request is a message to that thread. It takes what is waiting, runs it in one transaction,
//! and answers each sender after the commit: a hundred credits cost one commit, and none is
//! confirmed early.

mod schema;
mod transaction;
mod history;
mod row;
mod request;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::request::{Answer, Request};
pub use self::request::{LedgerError, ListedTopUp, Movement, Page, TopUpState, TopUpStatus};
use super::command::TopUp;

/// Most messages that wait for the database thread; senders beyond that wait themselves.
const QUEUE: usize = 4096;

/// Most messages that share a transaction.
const GROUP: usize = 512;

/// A handle on the ledger. Cloning shares it; the thread ends with the last one.
#[derive(Debug, Clone)]
pub struct Ledger {
    requests: mpsc::Sender<Request>,
}

impl Ledger {
    /// Opens the database at `path`, or one in memory, and starts its thread.
    ///
    /// # Errors
    /// When the file cannot be opened, is not a ledger, or is open in another process.
    pub fn open(path: Option<&Path>) -> Result<Self, LedgerError> {
        let lock = path.map(lock).transpose()?;
        let connection = match path {
            Some(path) => Connection::open(path),
            None => Connection::open_in_memory(),
        }?;
        if !schema::prepare(&connection)? {
            return Err(LedgerError::Foreign);
        }
        let (requests, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                serve(connection, queue);
                drop(lock);
            })
            .map_err(|error| LedgerError::Database(error.to_string()))?;
        Ok(Self { requests })
    }

    /// Notes that the broker has the top-up on record, and answers what its id stands for: an id
    /// that is known already stays as it is.
    ///
    /// # Errors
    /// When the database fails. Cancel safe: the note may still be written.
    pub async fn accept(&self, topup: TopUp) -> Result<TopUpStatus, LedgerError> {
        self.ask(|answer| Request::Accept(topup, answer)).await
    }

    /// Credits the card, once per id: a second delivery answers how the first one ended.
    ///
    /// # Errors
    /// When the database fails; nothing is credited then. Cancel safe: the credit may still be
    /// written.
    pub async fn credit(&self, topup: TopUp) -> Result<TopUpStatus, LedgerError> {
        self.ask(|answer| Request::Credit(topup, answer)).await
    }

    /// Where a top-up stands; `None` when the id is not known.
    ///
    /// # Errors
    /// When the database fails. Cancel safe.
    pub async fn topup(&self, id: Uuid) -> Result<Option<TopUpStatus>, LedgerError> {
        self.ask(|answer| Request::TopUp(id, answer)).await
    }

    /// What a card holds, in cents; `None` when it was never credited.
    ///
    /// # Errors
    /// When the database fails. Cancel safe.
    pub async fn card(&self, card: String) -> Result<Option<u64>, LedgerError> {
        self.ask(|answer| Request::Card(card, answer)).await
    }

    /// The last top-ups of all cards, newest first.
    ///
    /// # Errors
    /// When the database fails. Cancel safe.
    pub async fn topups(&self, page: Page) -> Result<Vec<ListedTopUp>, LedgerError> {
        self.ask(|answer| Request::TopUps(page, answer)).await
    }

    /// The last movements of a card, newest first.
    ///
    /// # Errors
    /// When the database fails. Cancel safe.
    pub async fn movements(&self, card: String, page: Page) -> Result<Vec<Movement>, LedgerError> {
        self.ask(|answer| Request::Movements(card, page, answer))
            .await
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.requests
            .send(request(answer))
            .await
            .map_err(|_| LedgerError::Closed)?;
        answered.await.map_err(|_| LedgerError::Closed)?
    }
}

/// Keeps other processes away until the file is closed, also by `kill -9`. SQLite's own lock would
/// shut out those who only want to look.
fn lock(ledger: &Path) -> Result<File, LedgerError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(ledger.with_extension("lock"));
    let file = file.map_err(|error| LedgerError::Database(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse),
        Err(TryLockError::Error(error)) => Err(LedgerError::Database(error.to_string())),
    }
}

/// The database thread: one transaction per group of waiting requests.
fn serve(mut connection: Connection, mut queue: mpsc::Receiver<Request>) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        transaction::run(&mut connection, group.drain(..));
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wellspring::runtime::Clock;

    use super::super::command::CARD_LIMIT;
    use super::*;

    fn topup(card: &str, cents: u64) -> TopUp {
        TopUp {
            id: Uuid::new_v4(),
            card: card.to_owned(),
            cents,
        }
    }

    #[tokio::test]
    async fn a_top_up_delivered_twice_credits_once() {
        let ledger = Ledger::open(None).unwrap();
        let topup = topup("1", 500);
        for _ in 0..2 {
            assert_eq!(
                ledger.credit(topup.clone()).await.unwrap().state,
                TopUpState::Credited
            );
        }
        assert_eq!(ledger.card("1".to_owned()).await.unwrap(), Some(500));
    }

    #[tokio::test]
    async fn a_top_up_above_the_limit_is_rejected_with_a_reason() {
        let ledger = Ledger::open(None).unwrap();
        assert_eq!(
            ledger.credit(topup("1", CARD_LIMIT)).await.unwrap().state,
            TopUpState::Credited
        );
        let excess = topup("1", 1);
        assert_eq!(
            ledger.credit(excess.clone()).await.unwrap().state,
            TopUpState::Rejected
        );
        let status = ledger.topup(excess.id).await.unwrap().unwrap();
        assert!(status.reason.unwrap().contains("limit"));
        assert_eq!(ledger.card("1".to_owned()).await.unwrap(), Some(CARD_LIMIT));
    }

    #[tokio::test]
    async fn accepting_late_does_not_undo_a_credit() {
        let ledger = Ledger::open(None).unwrap();
        let topup = topup("1", 5);
        ledger.credit(topup.clone()).await.unwrap();
        ledger.accept(topup.clone()).await.unwrap();
        assert_eq!(
            ledger.topup(topup.id).await.unwrap().unwrap().state,
            TopUpState::Credited
        );
    }

    #[tokio::test]
    async fn lists_begin_with_the_newest_and_go_on_behind_a_number() {
        let ledger = Ledger::open(None).unwrap();
        let (first, second, other) = (topup("1", 5), topup("1", 7), topup("2", 9));
        ledger.accept(first.clone()).await.unwrap();
        ledger.credit(second.clone()).await.unwrap();
        ledger.credit(first.clone()).await.unwrap();
        ledger.credit(first.clone()).await.unwrap();
        ledger.accept(other.clone()).await.unwrap();

        let page = |limit, before| Page { limit, before };
        let all = ledger.topups(page(9, None)).await.unwrap();
        let ids: Vec<Uuid> = all.iter().map(|it| it.topup.id).collect();
        assert_eq!(
            ids,
            [other.id, second.id, first.id],
            "as they were first known"
        );
        let older = ledger.topups(page(1, Some(all[1].number))).await.unwrap();
        assert_eq!(older, all[2..], "nothing twice, nothing left out");

        let moved = ledger
            .movements("1".to_owned(), page(9, None))
            .await
            .unwrap();
        let told: Vec<_> = moved
            .iter()
            .map(|it| (it.id, it.cents, it.balance))
            .collect();
        assert_eq!(told, [(first.id, 5, 12), (second.id, 7, 7)]);
        assert!(moved.iter().all(|it| it.at > 1_700_000_000_000));
        let none = ledger
            .movements("2".to_owned(), page(9, None))
            .await
            .unwrap();
        assert_eq!(none, [], "accepted is not moved yet");
    }

    #[test]
    fn a_database_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE recipes (name TEXT)")
            .unwrap();
        let error = Ledger::open(Some(&path)).unwrap_err();
        assert!(matches!(error, LedgerError::Foreign), "{error}");
        let tables = "SELECT group_concat(name) FROM sqlite_schema";
        let tables: String = other.query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(tables, "recipes");
    }

    #[test]
    fn a_ledger_has_one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let _owner = Ledger::open(Some(&path)).unwrap();
        assert!(matches!(Ledger::open(Some(&path)), Err(LedgerError::InUse)));
    }

    #[tokio::test]
    async fn a_ledger_survives_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let topup = topup("1", 5);
        let ledger = Ledger::open(Some(&path)).unwrap();
        ledger.accept(topup.clone()).await.unwrap();
        ledger.credit(topup.clone()).await.unwrap();
        drop(ledger);
        // Its thread closes it in its own time.
        let reopened = async {
            loop {
                match Ledger::open(Some(&path)) {
                    Err(LedgerError::InUse) => tokio::task::yield_now().await,
                    opened => break opened.unwrap(),
                }
            }
        };
        let ledger = Clock::system()
            .timeout(Duration::from_secs(10), reopened)
            .await
            .unwrap();
        assert_eq!(ledger.card("1".to_owned()).await.unwrap(), Some(5));
        assert_eq!(
            ledger.credit(topup).await.unwrap().state,
            TopUpState::Credited
        );
        assert_eq!(ledger.card("1".to_owned()).await.unwrap(), Some(5));
    }
}
