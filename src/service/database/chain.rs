//! The events' numbers and the chain of their hashes.

use super::{Connection, DatabaseError, Text, query, query_scalar};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// Events of one write at most.
const BATCH: i64 = 500;

/// Rows of one statement: three arguments each, far below what either database takes.
const CHUNK: usize = 100;

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id, whose order is nearly that of time.
    pub id: String,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// Whose client it concerns; empty if it is the service's own.
    pub client_id: String,
    /// Which invitation it concerns.
    pub invitation_id: Option<String>,
    /// What happened.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// More about it, a JSON object.
    pub data: String,
}

/// An event with its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number, from 1 without a gap.
    pub seq: i64,
    /// Its hash.
    pub chain: String,
    /// The event.
    pub row: Row,
}

/// Whether an event waits for its number.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn any_unsealed(connection: &mut Connection) -> Result<bool, DatabaseError> {
    let one: Option<String> = query_scalar("SELECT id FROM events WHERE seq IS NULL LIMIT 1")
        .fetch_optional(connection)
        .await?;
    Ok(one.is_some())
}

/// The last number and hash; 0 and nothing before the first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn last(connection: &mut Connection) -> Result<(i64, String), DatabaseError> {
    let row = query("SELECT seq, chain FROM events WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    row.map_or_else(
        || Ok((0, String::new())),
        |row| Ok((row.get("seq")?, row.get("chain")?)),
    )
}

/// Events that wait for their number, the oldest first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn unsealed(connection: &mut Connection) -> Result<Vec<Row>, DatabaseError> {
    let rows = query("SELECT * FROM events WHERE seq IS NULL ORDER BY id LIMIT $1")
        .bind(BATCH)
        .fetch_all(connection)
        .await?;
    rows.iter().map(row).collect()
}

/// Writes numbers and hashes: of each its id, number and hash.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn seal(connection: &mut Connection, seals: &[(String, i64, String)]) -> Result<(), DatabaseError> {
    for chunk in seals.chunks(CHUNK) {
        let places: Vec<String> = (0..chunk.len())
            .map(|at| {
                let first = at * 3;
                format!(
                    "(CAST(${} AS TEXT), CAST(${} AS BIGINT), CAST(${} AS TEXT))",
                    first + 1,
                    first + 2,
                    first + 3
                )
            })
            .collect();
        let text = format!(
            "UPDATE events SET seq = sealed.column2, chain = sealed.column3 FROM (VALUES {}) AS sealed \
             WHERE events.id = sealed.column1",
            places.join(", ")
        );
        let mut query = query(Text::composed(text));
        for (id, seq, chain) in chunk {
            query = query.bind(id.as_str()).bind(*seq).bind(chain.as_str());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Clients that are told of their events.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn clients_with_webhook(connection: &mut Connection) -> Result<Vec<String>, DatabaseError> {
    let found = query_scalar("SELECT id FROM clients WHERE webhook_url IS NOT NULL AND disabled_at IS NULL");
    Ok(found.fetch_all(connection).await?)
}

/// Sealed events after this number, in their order: one page of them.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn after(connection: &mut Connection, seq: i64) -> Result<Vec<Sealed>, DatabaseError> {
    let rows = query("SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(BATCH)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|found| {
            Ok(Sealed {
                seq: found.get("seq")?,
                chain: found.get("chain")?,
                row: row(found)?,
            })
        })
        .collect()
}

/// Whether an event happened before a moment.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn any_before(connection: &mut Connection, moment: Timestamp) -> Result<bool, DatabaseError> {
    let one: Option<String> = query_scalar("SELECT id FROM events WHERE id < $1 LIMIT 1")
        .bind(id_at(moment))
        .fetch_optional(connection)
        .await?;
    Ok(one.is_some())
}

/// The last sealed event of those before a moment that another one follows: its number and hash. The end of the chain is never old: what
/// happens next goes on from it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn last_before(
    connection: &mut Connection,
    moment: Timestamp,
) -> Result<Option<(i64, String)>, DatabaseError> {
    let row = query(
        "SELECT seq, chain FROM events WHERE id < $1 AND seq < (SELECT MAX(seq) FROM events) ORDER BY id DESC LIMIT 1",
    )
    .bind(id_at(moment))
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((row.get("seq")?, row.get("chain")?))).transpose()
}

/// Takes away sealed events up to this number.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove_until(connection: &mut Connection, seq: i64) -> Result<u64, DatabaseError> {
    let removed = query("DELETE FROM events WHERE seq <= $1")
        .bind(seq)
        .execute(connection)
        .await?;
    Ok(removed)
}

/// What the ids of events begin with that happen at this moment: the index of the ids is there anyway.
fn id_at(moment: Timestamp) -> String {
    format!("{:012x}", millis(moment))
}

fn row(found: &super::Row) -> Result<Row, DatabaseError> {
    Ok(Row {
        id: found.get("id")?,
        at: found.get("at")?,
        client_id: found.get("client_id")?,
        invitation_id: found.get("invitation_id")?,
        kind: found.get("kind")?,
        actor: found.get("actor")?,
        data: found.get("data")?,
    })
}
