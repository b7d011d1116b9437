//! Addresses that want no mail: from one client, or from all.

use super::{Connection, DatabaseError, query, query_scalar};
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// The scope of an address that wants no mail from any client; other scopes are ids of clients.
pub const EVERYBODY: &str = "*";

/// The scope of an address that still gets mail, of which a server has said once that there is no such mailbox.
pub const REFUSED_ONCE: &str = "?";

/// Why, if it is a server that says so and no person.
const REFUSED: &str = "a mail server says there is no such mailbox";

/// Whether an address wants no mail of this client.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn holds(connection: &mut Connection, client: &str, email_norm: &str) -> Result<bool, DatabaseError> {
    let found: Option<i64> =
        query_scalar("SELECT at FROM suppressions WHERE email_norm = $1 AND scope IN ($2, $3) LIMIT 1")
            .bind(email_norm)
            .bind(client)
            .bind(EVERYBODY)
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

/// Notes that an address wants no mail of a scope. False if that was known; that a server has said so does not count as known, as it is forgotten.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    scope: &str,
    email_norm: &str,
    reason: &str,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let added = query(
        "INSERT INTO suppressions (scope, email_norm, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT (scope, email_norm) \
         DO UPDATE SET reason = $3, at = $4 WHERE suppressions.reason = $5 AND excluded.reason <> $5",
    )
    .bind(scope)
    .bind(email_norm)
    .bind(reason)
    .bind(millis(now))
    .bind(REFUSED)
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// Notes that a server has said that there is no such mailbox. The second time the address gets no more mail.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn refused(connection: &mut Connection, email_norm: &str, now: Timestamp) -> Result<(), DatabaseError> {
    if !add(connection, REFUSED_ONCE, email_norm, REFUSED, now).await? {
        add(connection, EVERYBODY, email_norm, REFUSED, now).await?;
    }
    Ok(())
}

/// Forgets what servers have said before this moment about mailboxes that are not there. How many rows that were.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn forget_refusals(connection: &mut Connection, end: Timestamp) -> Result<u64, DatabaseError> {
    let removed = query("DELETE FROM suppressions WHERE at < $1 AND reason = $2")
        .bind(millis(end))
        .bind(REFUSED)
        .execute(connection)
        .await?;
    Ok(removed)
}

/// An address that gets no mail.
#[derive(Clone)]
pub struct Suppressed {
    /// From whom it gets none: a client's id, [`EVERYBODY`], or [`REFUSED_ONCE`].
    pub scope: String,
    /// The address.
    pub email_norm: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

impl std::fmt::Debug for Suppressed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Suppressed({}, <redacted>)", self.scope)
    }
}

/// All of them, the newest first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn list(connection: &mut Connection) -> Result<Vec<Suppressed>, DatabaseError> {
    let rows = query("SELECT * FROM suppressions WHERE scope <> $1 ORDER BY at DESC, email_norm")
        .bind(REFUSED_ONCE)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Suppressed {
                scope: row.get("scope")?,
                email_norm: row.get("email_norm")?,
                reason: row.get("reason")?,
                at: moment(row.get("at")?),
            })
        })
        .collect()
}

/// Lets an address get mail again, of everybody. How many rows that were.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove(connection: &mut Connection, email_norm: &str) -> Result<u64, DatabaseError> {
    let removed = query("DELETE FROM suppressions WHERE email_norm = $1")
        .bind(email_norm)
        .execute(connection)
        .await?;
    Ok(removed)
}
