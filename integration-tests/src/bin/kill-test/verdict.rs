//! Counts the money: each accepted top-up credited once, nothing else credited, balances that add
//! up.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use uuid::Uuid;

use crate::Outcome;
use crate::load::Accepted;
use crate::patience::until;

/// Longest wait for the listener to catch up.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Waits until no accepted top-up is left to be handled.
pub(crate) fn settled(folder: &Path, requests: usize) -> Outcome {
    let ledger = open(folder)?;
    let select = "SELECT count(*) FROM topups WHERE state <> 'accepted'";
    let handled = || -> Outcome<usize> {
        let rows: i64 = ledger.query_row(select, [], |row| row.get(0))?;
        Ok(usize::try_from(rows)?)
    };
    until(
        TIMEOUT,
        || Ok((handled()? >= requests).then_some(())),
        || format!("not all of {requests} top-ups were handled within {TIMEOUT:?}"),
    )
}

/// Compares what was answered with what the database holds.
pub(crate) fn money(folder: &Path, accepted: &[Accepted]) -> Outcome {
    let ledger = open(folder)?;
    let rows = topups(&ledger)?;
    let ids: HashSet<Uuid> = accepted.iter().map(|topup| topup.id).collect();
    if ids.len() != accepted.len() {
        return Err(format!(
            "{} top-ups share an id with another one",
            accepted.len() - ids.len()
        )
        .into());
    }
    let mut owed: HashMap<&str, u64> = HashMap::new();
    for topup in accepted {
        let row = rows
            .get(&topup.id)
            .ok_or_else(|| format!("{} was answered 202 but is not in the database", topup.id))?;
        if (row.card.as_str(), row.cents, row.state.as_str())
            != (topup.card.as_str(), topup.cents, "credited")
        {
            return Err(format!("{topup:?} was answered 202 but the database says {row:?}").into());
        }
        *owed.entry(&topup.card).or_default() += topup.cents;
    }
    if let Some(stranger) = rows.keys().find(|id| !ids.contains(id)) {
        return Err(format!("{stranger} is in the database but was never answered 202").into());
    }
    let balances = balances(&ledger)?;
    for (card, owed) in &owed {
        let held = balances.get(*card).copied().unwrap_or(0);
        if held != *owed {
            return Err(
                format!("card {card} holds {held} cents but its top-ups add up to {owed}").into(),
            );
        }
    }
    let (held, owed) = (balances.values().sum::<u64>(), owed.values().sum::<u64>());
    if held != owed {
        return Err(format!("the balances add up to {held} cents, the top-ups to {owed}").into());
    }
    println!(
        "{} top-ups, each credited exactly once; {} cards hold {held} cents",
        accepted.len(),
        balances.len()
    );
    Ok(())
}

#[derive(Debug)]
struct Row {
    card: String,
    cents: u64,
    state: String,
}

fn topups(ledger: &Connection) -> Outcome<HashMap<Uuid, Row>> {
    let mut select = ledger.prepare("SELECT id, card, cents, state FROM topups")?;
    let rows = select.query_map([], |row| {
        let id: [u8; 16] = row.get(0)?;
        let cents: u32 = row.get(2)?;
        Ok((
            Uuid::from_bytes(id),
            Row {
                card: row.get(1)?,
                cents: cents.into(),
                state: row.get(3)?,
            },
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn balances(ledger: &Connection) -> Outcome<HashMap<String, u64>> {
    let mut select = ledger.prepare("SELECT card, cents FROM cards")?;
    let rows = select.query_map([], |row| {
        let cents: u32 = row.get(1)?;
        Ok((row.get(0)?, cents.into()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn open(folder: &Path) -> Result<Connection, rusqlite::Error> {
    let ledger =
        Connection::open_with_flags(folder.join("ledger.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    ledger.busy_timeout(Duration::from_secs(10))?;
    Ok(ledger)
}
