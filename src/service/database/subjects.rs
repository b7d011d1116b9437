//! Who is who: one subject for one address, whatever the invitation.
//!
//! Whose link a client passed on by itself is somebody else than who read the service's mail at the same address: that it is theirs is the
//! client's word, and counts at that client only.

use super::{Connection, DatabaseError, query_scalar};
use crate::service::clock::millis;
use crate::service::token::new_id;
use crate::time::Timestamp;

/// Who says that an address is somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'a> {
    /// This service, which sent a mail there that was read.
    Service,
    /// The client of this id.
    Client(&'a str),
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
    .bind(match word {
        Word::Service => "",
        Word::Client(id) => id,
    })
    .bind(new_id(&mut rand::rng()))
    .bind(millis(now));
    Ok(sub.fetch_one(connection).await?)
}
