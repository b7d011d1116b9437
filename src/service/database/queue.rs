//! What waits to be sent, as an operator looks at it.

use sqlx::{AnyConnection, Row as _};

use super::DatabaseError;
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
pub async fn list(connection: &mut AnyConnection, limit: i64) -> Result<Vec<Waiting>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM outbox ORDER BY next_at, id LIMIT $1")
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                id: row.try_get("id")?,
                kind: row.try_get("kind")?,
                reference: row.try_get("reference")?,
                attempts: row.try_get("attempts")?,
                created_at: moment(row.try_get("created_at")?),
                next_at: moment(row.try_get("next_at")?),
                last_error: row.try_get("last_error")?,
            })
        })
        .collect()
}

/// Tries one, or everything, now instead of later. How many.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn retry(connection: &mut AnyConnection, id: Option<&str>, now: Timestamp) -> Result<u64, DatabaseError> {
    let query = match id {
        Some(id) => sqlx::query("UPDATE outbox SET next_at = $1 WHERE next_at > $1 AND id = $2")
            .bind(millis(now))
            .bind(id),
        None => sqlx::query("UPDATE outbox SET next_at = $1 WHERE next_at > $1").bind(millis(now)),
    };
    Ok(query.execute(connection).await?.rows_affected())
}
