//! What waits to be sent. A row is written in the same transaction as what it tells of, so that neither is ever without the other.

use sqlx::AnyConnection;

use super::DatabaseError;
use crate::service::clock::millis;
use crate::service::token::new_id;
use crate::time::Timestamp;

/// What a row of the outbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// The mail of an invitation; the reference is its id.
    Invitation,
    /// The mail of a sign-in; the reference is its id, the body what it says.
    SignIn,
    /// A webhook; the reference is the event's id.
    Webhook,
}

impl Parcel {
    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "mail",
            Self::SignIn => "sign_in",
            Self::Webhook => "webhook",
        }
    }
}

/// Leaves something to be sent at once, and answers with the row's id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut AnyConnection,
    parcel: Parcel,
    reference: &str,
    body: Option<&str>,
    now: Timestamp,
) -> Result<String, DatabaseError> {
    let id = new_id(&mut rand::rng());
    sqlx::query(
        "INSERT INTO outbox (id, kind, reference, body, attempts, created_at, next_at, lease_until) VALUES ($1, $2, $3, $4, 0, $5, $5, 0)",
    )
    .bind(id.as_str())
    .bind(parcel.word())
    .bind(reference)
    .bind(body)
    .bind(millis(now))
    .execute(connection)
    .await?;
    Ok(id)
}
