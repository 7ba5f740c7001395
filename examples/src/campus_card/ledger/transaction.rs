//! One transaction for a group of requests; every sender hears after the commit.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::{Answer, LedgerError, Request, TopUpState, TopUpStatus};
use crate::campus_card::command::{CARD_LIMIT, TopUp};

type Reply = Box<dyn FnOnce(Result<(), LedgerError>)>;

/// Runs the requests in their order, commits, and only then lets their senders know.
///
/// When the transaction fails, nothing of it has happened and every sender hears the error.
pub(super) fn run(connection: &mut Connection, requests: impl Iterator<Item = Request>) {
    let (replies, committed) = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => {
            let replies: Vec<Reply> = requests.map(|request| perform(&transaction, request)).collect();
            (replies, transaction.commit())
        }
        Err(error) => (requests.map(refuse).collect(), Err(error)),
    };
    for reply in replies {
        reply(committed.as_ref().copied().map_err(|error| LedgerError::Database(error.to_string())));
    }
}

fn perform(transaction: &Transaction<'_>, request: Request) -> Reply {
    match request {
        Request::Accept(topup, answer) => later(answer, accept(transaction, topup)),
        Request::Credit(topup, answer) => later(answer, credit(transaction, topup)),
        Request::TopUp(id, answer) => later(answer, find(transaction, id)),
        Request::Card(card, answer) => later(answer, balance(transaction, &card)),
    }
}

/// The reply to a request that was never run: whatever the commit says, which is an error here.
fn refuse(request: Request) -> Reply {
    fn with<T: 'static>(answer: Answer<T>) -> Reply {
        Box::new(move |committed| drop(committed.map_err(|error| answer.send(Err(error)))))
    }
    match request {
        Request::Accept(_, answer) | Request::Credit(_, answer) => with(answer),
        Request::TopUp(_, answer) => with(answer),
        Request::Card(_, answer) => with(answer),
    }
}

/// Holds an answer back until the commit. A sender that went away does not mind.
fn later<T: 'static>(answer: Answer<T>, result: Result<T, rusqlite::Error>) -> Reply {
    Box::new(move |committed| {
        let result = result.map_err(LedgerError::from).and_then(|value| committed.map(|()| value));
        drop(answer.send(result));
    })
}

/// Whoever writes an id first says what it means; the others are told.
fn accept(transaction: &Transaction<'_>, topup: TopUp) -> Result<TopUpStatus, rusqlite::Error> {
    if let Some(known) = find(transaction, topup.id)? {
        return Ok(known);
    }
    write_topup(transaction, &topup, TopUpState::Accepted, None)?;
    Ok(status(topup, TopUpState::Accepted, None))
}

fn credit(transaction: &Transaction<'_>, topup: TopUp) -> Result<TopUpStatus, rusqlite::Error> {
    let topup = match find(transaction, topup.id)? {
        Some(known) if known.state != TopUpState::Accepted => return Ok(known),
        Some(TopUpStatus { id, card, cents, .. }) => TopUp { id, card, cents },
        None => topup,
    };
    let held = balance(transaction, &topup.card)?.unwrap_or(0);
    let lifted = held.saturating_add(topup.cents);
    if lifted > CARD_LIMIT {
        let reason = format!("{held} + {} cents is above the limit of {CARD_LIMIT} cents", topup.cents);
        write_topup(transaction, &topup, TopUpState::Rejected, Some(&reason))?;
        return Ok(status(topup, TopUpState::Rejected, Some(reason)));
    }
    let mut set = transaction.prepare_cached(
        "INSERT INTO cards (card, cents) VALUES (?1, ?2) ON CONFLICT (card) DO UPDATE SET cents = excluded.cents",
    )?;
    set.execute(params![topup.card, signed(lifted)])?;
    write_topup(transaction, &topup, TopUpState::Credited, None)?;
    Ok(status(topup, TopUpState::Credited, None))
}

fn status(topup: TopUp, state: TopUpState, reason: Option<String>) -> TopUpStatus {
    let TopUp { id, card, cents } = topup;
    TopUpStatus { id, card, cents, state, reason }
}

/// Moves a top-up on. One that is finished never goes back.
fn write_topup(
    transaction: &Transaction<'_>,
    topup: &TopUp,
    state: TopUpState,
    reason: Option<&str>,
) -> Result<(), rusqlite::Error> {
    let mut write = transaction.prepare_cached(
        "INSERT INTO topups (id, card, cents, state, reason) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason WHERE state = 'accepted'",
    )?;
    write.execute(params![topup.id.as_bytes(), topup.card, signed(topup.cents), name(state), reason])?;
    Ok(())
}

fn find(transaction: &Transaction<'_>, id: Uuid) -> Result<Option<TopUpStatus>, rusqlite::Error> {
    let mut find =
        transaction.prepare_cached("SELECT card, cents, state, reason FROM topups WHERE id = ?1")?;
    find.query_row(params![id.as_bytes()], |row| {
        let state = match row.get_ref(2)?.as_str()? {
            "accepted" => TopUpState::Accepted,
            "credited" => TopUpState::Credited,
            _ => TopUpState::Rejected,
        };
        Ok(TopUpStatus { id, card: row.get(0)?, cents: unsigned(row.get(1)?), state, reason: row.get(3)? })
    })
    .optional()
}

fn balance(transaction: &Transaction<'_>, card: &str) -> Result<Option<u64>, rusqlite::Error> {
    let mut find = transaction.prepare_cached("SELECT cents FROM cards WHERE card = ?1")?;
    find.query_row(params![card], |row| row.get(0).map(unsigned)).optional()
}

const fn name(state: TopUpState) -> &'static str {
    match state {
        TopUpState::Accepted => "accepted",
        TopUpState::Credited => "credited",
        TopUpState::Rejected => "rejected",
    }
}

/// SQLite's integers are signed; amounts are far below the limit of either.
fn signed(cents: u64) -> i64 {
    i64::try_from(cents).unwrap_or(i64::MAX)
}

fn unsigned(cents: i64) -> u64 {
    u64::try_from(cents).unwrap_or(0)
}
