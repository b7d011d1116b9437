//! Proofs that were seen, so that none counts twice (RFC 9449, 11.1).

use sqlx::AnyConnection;

use super::DatabaseError;
use crate::service::clock::millis;
use crate::time::Timestamp;

/// Remembers a proof until `end`. False if it was seen before.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn is_new(connection: &mut AnyConnection, name: &str, end: Timestamp) -> Result<bool, DatabaseError> {
    let added = sqlx::query("INSERT INTO replayed (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING")
        .bind(name)
        .bind(millis(end))
        .execute(connection)
        .await?;
    Ok(added.rows_affected() == 1)
}
