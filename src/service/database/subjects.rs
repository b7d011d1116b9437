//! Who is who: one subject for one address, whatever the invitation.

use sqlx::AnyConnection;

use super::DatabaseError;
use crate::service::clock::millis;
use crate::service::token::new_id;
use crate::time::Timestamp;

/// The subject of a normalised address, which is made if it is new.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn of(connection: &mut AnyConnection, email_norm: &str, now: Timestamp) -> Result<String, DatabaseError> {
    // What is there already is written again as it was: only a row that was written is answered, on both databases.
    let sub = sqlx::query_scalar(
        "INSERT INTO subjects (email_norm, sub, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (email_norm) DO UPDATE SET email_norm = excluded.email_norm RETURNING sub",
    )
    .bind(email_norm)
    .bind(new_id(&mut rand::rng()))
    .bind(millis(now));
    Ok(sub.fetch_one(connection).await?)
}
