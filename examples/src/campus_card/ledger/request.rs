//! Requests to the ledger, and their answers.

use serde::Serialize;
use tokio::sync::oneshot;
use uuid::Uuid;
use wellspring::prelude::*;

use crate::campus_card::command::TopUp;

/// Where a top-up stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopUpStatus {
    /// Its id.
    pub id: Uuid,
    /// The card it is for.
    pub card: String,
    /// Its amount, in cents.
    pub cents: u64,
    /// How far it has come.
    pub state: TopUpState,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How far a top-up has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TopUpState {
    /// The broker has it on record.
    Accepted,
    /// The card holds the money.
    Credited,
    /// It would have lifted the card above its limit.
    Rejected,
}

/// A top-up in the list of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedTopUp {
    /// Its place in the list, counted from 1: what is newer has a greater one.
    pub number: u64,
    /// When the service first knew of it, in milliseconds since 1970.
    pub at: u64,
    /// How far it has come.
    #[serde(flatten)]
    pub topup: TopUpStatus,
}

/// A change of what a card holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// Its place among all movements, counted from 1.
    pub number: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The top-up that made it.
    pub id: Uuid,
    /// The amount, in cents.
    pub cents: u64,
    /// What the card held after it, in cents.
    pub balance: u64,
}

/// A part of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The most entries.
    pub limit: u8,
    /// Only entries with a smaller number; `None` begins with the newest.
    pub before: Option<u64>,
}

/// Why the ledger did not answer.
#[derive(Debug, thiserror::Error, Classify)]
#[non_exhaustive]
pub enum LedgerError {
    /// SQLite could not do it; another attempt may help.
    #[error("the ledger's database: {0}")]
    #[classify(retry)]
    Database(String),
    /// The file is no ledger. It is left alone.
    #[error("it is a database of something else: give another --data-dir")]
    Foreign,
    /// Another process has it open.
    #[error("another process has it open: give each its own --data-dir")]
    InUse,
    /// The database thread is gone: the service is stopping.
    #[error("the ledger is closed")]
    #[classify(retry)]
    Closed,
}

/// A message to the database thread, with where its answer goes.
#[derive(Debug)]
pub(super) enum Request {
    Accept(TopUp, Answer<TopUpStatus>),
    Credit(TopUp, Answer<TopUpStatus>),
    TopUp(Uuid, Answer<Option<TopUpStatus>>),
    Card(String, Answer<Option<u64>>),
    TopUps(Page, Answer<Vec<ListedTopUp>>),
    Movements(String, Page, Answer<Vec<Movement>>),
}

/// Where an answer goes.
pub(super) type Answer<T> = oneshot::Sender<Result<T, LedgerError>>;
