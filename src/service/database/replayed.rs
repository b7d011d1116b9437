//! Proofs that were seen, so that none counts twice (RFC 9449, 11.1).

use super::{Connection, DatabaseError, query};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// Remembers a proof until `end`. False if it was seen before.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn is_new(connection: &mut Connection, name: &str, end: Timestamp) -> Result<bool, DatabaseError> {
    let added = query("INSERT INTO replayed (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING")
        .bind(name)
        .bind(millis(end))
        .execute(connection)
        .await?;
    Ok(added == 1)
}
