//! Codes that people type on another machine, by a code of theirs under the pepper key.

use super::{Connection, DatabaseError, query, query_scalar};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// How often a code may be tried, the last time included.
pub const TRIES: i64 = 5;

/// Writes a new code down instead of the older ones of its invitation. False if another invitation has the same code by chance.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    kept: &str,
    invitation_id: &str,
    end: Timestamp,
) -> Result<bool, DatabaseError> {
    query("DELETE FROM typed_codes WHERE invitation_id = $1")
        .bind(invitation_id)
        .execute(&mut *connection)
        .await?;
    let added = query(
        "INSERT INTO typed_codes (code, invitation_id, tries, expires_at) VALUES ($1, $2, 0, $3) ON CONFLICT (code) DO NOTHING",
    )
    .bind(kept)
    .bind(invitation_id)
    .bind(millis(end))
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// Counts a try of a code, and answers with its invitation. None if there is no such code, or it is used, over or tried too often.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn attempt(connection: &mut Connection, kept: &str, now: Timestamp) -> Result<Option<String>, DatabaseError> {
    let found = query_scalar(
        "UPDATE typed_codes SET tries = tries + 1 WHERE code = $1 AND used_at IS NULL AND expires_at > $2 AND tries < $3 RETURNING invitation_id",
    )
    .bind(kept)
    .bind(millis(now))
    .bind(TRIES);
    Ok(found.fetch_optional(connection).await?)
}

/// Uses a code up. The caller has just counted its try, so nobody else is between.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn spend(connection: &mut Connection, kept: &str, now: Timestamp) -> Result<(), DatabaseError> {
    query("UPDATE typed_codes SET used_at = $2 WHERE code = $1")
        .bind(kept)
        .bind(millis(now))
        .execute(connection)
        .await?;
    Ok(())
}
