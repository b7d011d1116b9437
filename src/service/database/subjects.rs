//! Who is who: one subject for one address, whatever the invitation.
//!
//! Whose link a client passed on by itself is somebody else than who read the service's mail at the same address: that it is theirs is the
//! client's word, and counts at that client only. A client may also know people by subjects of its own (`pairwise`).

use super::{Connection, DatabaseError, query, query_scalar};
use crate::service::client::{OAuthClient, SubjectType};
use crate::service::clock::millis;
use crate::service::token::new_opaque_id;
use crate::time::Timestamp;

/// Who says that an address is somebody's, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'a> {
    /// This service, which sent a mail there that was read, to all clients.
    Service,
    /// This service, to the client of this id alone.
    ServiceTo(&'a str),
    /// The client of this id.
    Client(&'a str),
}

impl<'a> Word<'a> {
    /// The service's word to a client.
    #[must_use]
    pub const fn to(client: &'a OAuthClient) -> Self {
        match client.subject_type {
            SubjectType::Public => Self::Service,
            SubjectType::Pairwise => Self::ServiceTo(client.id.as_str()),
        }
    }

    /// As the table has it: an id of a client has no `@`.
    pub(super) fn vouched_by(self) -> String {
        match self {
            Self::Service => String::new(),
            Self::ServiceTo(id) => format!("@{id}"),
            Self::Client(id) => id.to_owned(),
        }
    }
}

/// The subject of a normalised address, which is made if it is new.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn of(
    connection: &mut Connection,
    email_norm: &str,
    word: Word<'_>,
    now: Timestamp,
) -> Result<String, DatabaseError> {
    // What is there already is written again as it was: only a row that was written is answered, on both databases.
    let sub = query_scalar(
        "INSERT INTO subjects (email_norm, vouched_by, sub, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (email_norm, vouched_by) DO UPDATE SET email_norm = excluded.email_norm RETURNING sub",
    )
    .bind(email_norm)
    .bind(word.vouched_by())
    .bind(new_opaque_id(&mut rand::rng()))
    .bind(millis(now));
    Ok(sub.fetch_one(connection).await?)
}

/// Which subject an invitation's person has: `$2` is the word for that mails are sent, `$3` whose word a mail is.
pub(super) const OF_INVITATION: &str = "subjects.email_norm = invitations.email_norm \
     AND subjects.vouched_by = CASE invitations.deliver WHEN $2 THEN $3 ELSE invitations.client_id END";

/// A new subject of an address that has none.
///
/// # Errors
///
/// [`DatabaseError::Failed`]; now or later [`DatabaseError::Overtaken`] if it has one by now.
pub async fn add(
    connection: &mut Connection,
    email_norm: &str,
    word: Word<'_>,
    now: Timestamp,
) -> Result<String, DatabaseError> {
    let sub = new_opaque_id(&mut rand::rng());
    query(
        "INSERT INTO subjects (email_norm, vouched_by, sub, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (email_norm, vouched_by) DO NOTHING",
    )
    .bind(email_norm)
    .bind(word.vouched_by())
    .bind(sub.as_str())
    .bind(millis(now))
    .once(connection)
    .await?;
    Ok(sub)
}

/// Whether a client may know who read this service's mail at a normalised address by this subject.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn is_of(
    connection: &mut Connection,
    sub: &str,
    email_norm: &str,
    client: &str,
) -> Result<bool, DatabaseError> {
    let found = query("SELECT 1 FROM subjects WHERE sub = $1 AND email_norm = $2 AND vouched_by IN ('', $3)")
        .bind(sub)
        .bind(email_norm)
        .bind(Word::ServiceTo(client).vouched_by())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// The normalised address of who is known by this subject, if they have read this service's mail there.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn proved_address(connection: &mut Connection, sub: &str) -> Result<Option<String>, DatabaseError> {
    let found =
        query_scalar("SELECT email_norm FROM subjects WHERE sub = $1 AND (vouched_by = '' OR vouched_by LIKE '@%')");
    Ok(found.bind(sub).fetch_optional(connection).await?)
}
