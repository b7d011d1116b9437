//! Answers that are given again when a request comes again with the same `Idempotency-Key`.

use std::time::Duration;

use super::{Connection, DatabaseError, Dialect, query, query_scalar};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Whose key it is, and for which request.
#[derive(Clone, Debug)]
pub struct Key {
    /// The client, and the person if one is signed in.
    pub owner: String,
    /// What the client calls the request.
    pub key: String,
    /// The digest of what was asked.
    pub digest: String,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The HTTP status.
    pub status: i64,
    /// The invitation it names in its header.
    pub invitation: Option<String>,
    /// The body, JSON without links.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug)]
pub enum Known {
    /// Nothing: do it.
    New,
    /// It was done: this was the answer.
    Done(Kept),
    /// It was used for another request.
    Other,
    /// The request is being done at this moment.
    Running,
}

/// What is known of a key. If nothing is, the transaction holds it until its end.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn claim(connection: &mut Connection, key: &Key, now: Timestamp) -> Result<Known, DatabaseError> {
    // SQLite writes one after the other. In PostgreSQL a second request would wait for the first with a connection in its hand.
    if connection.dialect() == Dialect::Postgres {
        let alone: i64 = query_scalar("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("{} {}", key.owner, key.key))
            .fetch_one(&mut *connection)
            .await?;
        if alone == 0 {
            return Ok(Known::Running);
        }
    }
    let row = query(
        "SELECT body_hash, status, invitation_id, body FROM idempotency WHERE owner = $1 AND key = $2 AND created_at > $3",
    )
    .bind(key.owner.as_str())
    .bind(key.key.as_str())
    .bind(millis(now.minus(KEPT)))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(Known::New);
    };
    if row.get::<String>("body_hash")? != key.digest {
        return Ok(Known::Other);
    }
    Ok(Known::Done(Kept {
        status: row.get("status")?,
        invitation: row.get("invitation_id")?,
        body: row.get("body")?,
    }))
}

/// Keeps an answer, in the transaction that did what it tells of.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn keep(connection: &mut Connection, key: &Key, answer: &Kept, now: Timestamp) -> Result<(), DatabaseError> {
    query(
        "INSERT INTO idempotency (owner, key, body_hash, status, invitation_id, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (owner, key) DO UPDATE SET body_hash = $3, status = $4, invitation_id = $5, body = $6, created_at = $7",
    )
    .bind(key.owner.as_str())
    .bind(key.key.as_str())
    .bind(key.digest.as_str())
    .bind(answer.status)
    .bind(answer.invitation.as_deref())
    .bind(answer.body.as_str())
    .bind(millis(now))
    .execute(connection)
    .await?;
    Ok(())
}
