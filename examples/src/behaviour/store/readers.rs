//! Who reads what, as the instances that share the database say it of themselves.

use rusqlite::{Connection, TransactionBehavior, params};

/// An instance's share of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The group.
    pub group: String,
    /// The instance, as its consumers are called.
    pub client: String,
    /// Where the instance's pages are.
    pub host: String,
    /// The partitions that it reads, in order.
    pub partitions: Vec<i32>,
}

/// An instance that has said nothing for so many milliseconds is gone.
const SILENCE: i64 = 3_000;

/// Writes what one instance reads, in the place of what it said before.
pub(super) fn announce(
    connection: &mut Connection,
    client: &str,
    readers: &[Reader],
    now: i64,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "DELETE FROM readers WHERE client = ?1 OR seen < ?2",
        params![client, now - SILENCE],
    )?;
    for reader in readers {
        let partitions: Vec<String> = reader.partitions.iter().map(i32::to_string).collect();
        transaction.execute(
            "INSERT INTO readers (consumer_group, client, host, partitions, seen)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![reader.group, client, reader.host, partitions.join(" "), now],
        )?;
    }
    transaction.commit()
}

/// Reads what the instances said lately, by group and instance.
pub(super) fn read(connection: &Connection, now: i64) -> rusqlite::Result<Vec<Reader>> {
    let mut query = connection.prepare_cached(
        "SELECT consumer_group, client, host, partitions FROM readers WHERE seen >= ?1
         ORDER BY consumer_group, client",
    )?;
    let readers = query.query_map([now - SILENCE], |row| {
        let partitions: String = row.get(3)?;
        let partitions = partitions.split_whitespace();
        Ok(Reader {
            group: row.get(0)?,
            client: row.get(1)?,
            host: row.get(2)?,
            partitions: partitions
                .filter_map(|number| number.parse().ok())
                .collect(),
        })
    })?;
    readers.collect()
}
