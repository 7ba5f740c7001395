//! One transaction for a group of requests; every sender hears after the commit.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::history;
use super::request::{Answer, LedgerError, Request, TopUpState, TopUpStatus};
use super::row::{read_topup, signed, unsigned};
use crate::campus_card::command::{CARD_LIMIT, TopUp};

/// What is told to a sender once it is known whether the group was committed.
type Reply = Box<dyn FnOnce(Result<(), LedgerError>)>;

/// Runs the requests in their order, commits, and only then lets their senders know.
///
/// When one of them fails, or the commit does, nothing of the group has happened and every sender
/// hears the error: SQLite may have rolled back what came before, and what came after would have
/// been committed one by one.
pub(super) fn run(connection: &mut Connection, mut requests: impl Iterator<Item = Request>) {
    let mut replies = Vec::new();
    let committed = commit(connection, &mut requests, &mut replies);
    replies.extend(requests.map(refuse));
    for reply in replies {
        reply(
            committed
                .as_ref()
                .copied()
                .map_err(|error| LedgerError::Database(error.to_string())),
        );
    }
}

fn commit(
    connection: &mut Connection,
    requests: &mut impl Iterator<Item = Request>,
    replies: &mut Vec<Reply>,
) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for request in requests {
        let (reply, performed) = perform(&transaction, request);
        replies.push(reply);
        performed?;
    }
    transaction.commit()
}

fn perform(
    transaction: &Transaction<'_>,
    request: Request,
) -> (Reply, Result<(), rusqlite::Error>) {
    match request {
        Request::Accept(topup, answer) => later(answer, accept(transaction, topup)),
        Request::Credit(topup, answer) => later(answer, credit(transaction, topup)),
        Request::TopUp(id, answer) => later(answer, find(transaction, id)),
        Request::Card(card, answer) => later(answer, balance(transaction, &card)),
        Request::TopUps(page, answer) => later(answer, history::topups(transaction, page)),
        Request::Movements(card, page, answer) => {
            later(answer, history::movements(transaction, &card, page))
        }
    }
}

/// The reply to a request that was never run.
fn refuse(request: Request) -> Reply {
    match request {
        Request::Accept(_, answer) | Request::Credit(_, answer) => refusal(answer),
        Request::TopUp(_, answer) => refusal(answer),
        Request::Card(_, answer) => refusal(answer),
        Request::TopUps(_, answer) => refusal(answer),
        Request::Movements(_, _, answer) => refusal(answer),
    }
}

/// The reply to a request that has no answer: whatever the commit says, which is an error then.
fn refusal<T: 'static>(answer: Answer<T>) -> Reply {
    Box::new(move |committed| drop(committed.map_err(|error| answer.send(Err(error)))))
}

/// Holds an answer back until the commit. A sender that went away does not mind.
fn later<T: 'static>(
    answer: Answer<T>,
    result: Result<T, rusqlite::Error>,
) -> (Reply, Result<(), rusqlite::Error>) {
    match result {
        Ok(value) => (
            Box::new(move |committed| drop(answer.send(committed.map(|()| value)))),
            Ok(()),
        ),
        Err(error) => (refusal(answer), Err(error)),
    }
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
        Some(TopUpStatus {
            id, card, cents, ..
        }) => TopUp { id, card, cents },
        None => topup,
    };
    let held = balance(transaction, &topup.card)?.unwrap_or(0);
    let lifted = held.saturating_add(topup.cents);
    if lifted > CARD_LIMIT {
        let reason = format!(
            "{held} + {} cents is above the limit of {CARD_LIMIT} cents",
            topup.cents
        );
        write_topup(transaction, &topup, TopUpState::Rejected, Some(&reason))?;
        return Ok(status(topup, TopUpState::Rejected, Some(reason)));
    }
    let mut set = transaction.prepare_cached(
        "INSERT INTO cards (card, cents) VALUES (?1, ?2) ON CONFLICT (card) DO UPDATE SET cents = excluded.cents",
    )?;
    set.execute(params![topup.card, signed(lifted)])?;
    history::moved(transaction, &topup, lifted)?;
    write_topup(transaction, &topup, TopUpState::Credited, None)?;
    Ok(status(topup, TopUpState::Credited, None))
}

fn status(topup: TopUp, state: TopUpState, reason: Option<String>) -> TopUpStatus {
    let TopUp { id, card, cents } = topup;
    TopUpStatus {
        id,
        card,
        cents,
        state,
        reason,
    }
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
    write.execute(params![
        topup.id.as_bytes(),
        topup.card,
        signed(topup.cents),
        name(state),
        reason
    ])?;
    history::known(transaction, topup.id)
}

fn find(transaction: &Transaction<'_>, id: Uuid) -> Result<Option<TopUpStatus>, rusqlite::Error> {
    let mut find = transaction
        .prepare_cached("SELECT id, card, cents, state, reason FROM topups WHERE id = ?1")?;
    find.query_row(params![id.as_bytes()], read_topup)
        .optional()
}

fn balance(transaction: &Transaction<'_>, card: &str) -> Result<Option<u64>, rusqlite::Error> {
    let mut find = transaction.prepare_cached("SELECT cents FROM cards WHERE card = ?1")?;
    find.query_row(params![card], |row| row.get(0).map(unsigned))
        .optional()
}

const fn name(state: TopUpState) -> &'static str {
    match state {
        TopUpState::Accepted => "accepted",
        TopUpState::Credited => "credited",
        TopUpState::Rejected => "rejected",
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::super::schema;
    use super::*;

    type Answered = oneshot::Receiver<Result<TopUpStatus, LedgerError>>;

    fn credit_of(card: &str, cents: u64) -> (Request, Answered) {
        let (answer, answered) = oneshot::channel();
        let topup = TopUp {
            id: Uuid::new_v4(),
            card: card.to_owned(),
            cents,
        };
        (Request::Credit(topup, answer), answered)
    }

    /// A database in which a top-up of 13 cents cannot be written: `how` it fails is ABORT for the
    /// statement, ROLLBACK for the whole transaction, as a full disk does it.
    fn failing(how: &str) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        assert!(schema::prepare(&connection).unwrap());
        let trigger = format!(
            "CREATE TRIGGER full BEFORE INSERT ON topups WHEN NEW.cents = 13 BEGIN SELECT RAISE({how}, 'full'); END"
        );
        connection.execute_batch(&trigger).unwrap();
        connection
    }

    #[test]
    fn a_group_with_a_failure_credits_nothing() {
        for how in ["ABORT", "ROLLBACK"] {
            let mut connection = failing(how);
            let (requests, answers): (Vec<Request>, Vec<Answered>) =
                [("1", 500), ("2", 13), ("3", 500)]
                    .map(|(card, cents)| credit_of(card, cents))
                    .into_iter()
                    .unzip();
            run(&mut connection, requests.into_iter());
            for mut answered in answers {
                assert!(answered.try_recv().unwrap().is_err(), "{how}");
            }
            let held = "SELECT (SELECT count(*) FROM cards) + (SELECT count(*) FROM topups)";
            assert_eq!(
                connection
                    .query_row(held, [], |row| row.get::<_, i64>(0))
                    .unwrap(),
                0,
                "{how}"
            );

            let (request, mut answered) = credit_of("1", 500);
            run(&mut connection, std::iter::once(request));
            assert_eq!(
                answered.try_recv().unwrap().unwrap().state,
                TopUpState::Credited,
                "{how}"
            );
        }
    }
}
