//! What waits to be sent, as an operator looks at it.

use super::{Connection, DatabaseError, query};
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// Something that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// What it is: `mail`, `sign_in` or `webhook`.
    pub kind: String,
    /// The id of its invitation, its sign-in or its event.
    pub reference: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

/// What waits, the next first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn list(connection: &mut Connection, limit: i64) -> Result<Vec<Waiting>, DatabaseError> {
    let rows = query("SELECT * FROM outbox ORDER BY next_at, id LIMIT $1")
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                id: row.get("id")?,
                kind: row.get("kind")?,
                reference: row.get("reference")?,
                attempts: row.get("attempts")?,
                created_at: moment(row.get("created_at")?),
                next_at: moment(row.get("next_at")?),
                last_error: row.get("last_error")?,
            })
        })
        .collect()
}

/// Tries one, or everything, now instead of later. How many.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn retry(connection: &mut Connection, id: Option<&str>, now: Timestamp) -> Result<u64, DatabaseError> {
    let query = match id {
        Some(id) => query("UPDATE outbox SET next_at = $1 WHERE next_at > $1 AND id = $2")
            .bind(millis(now))
            .bind(id),
        None => query("UPDATE outbox SET next_at = $1 WHERE next_at > $1").bind(millis(now)),
    };
    Ok(query.execute(connection).await?)
}
