//! Tickets: what leads a browser from one page to the next, once.

use super::{Connection, DatabaseError, Row, query};
use crate::identity::EmailAddress;
use crate::service::clock::millis;
use crate::time::Timestamp;

/// What a ticket leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To the code of an invitation; the reference is its id. Kept by its digest.
    ToInvitation,
    /// To the end of a sign-in; the reference is the address, the body the request that it answers. Kept by the id in its link.
    ToSignIn,
}

/// A ticket that is good.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What it is about.
    pub reference: String,
    /// More of it.
    pub body: Option<String>,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(<redacted>)")
    }
}

impl Leads {
    const fn word(self) -> &'static str {
        match self {
            Self::ToInvitation => "invitation",
            Self::ToSignIn => "sign_in",
        }
    }
}

/// Writes a new ticket down, good until `end`.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    hash: &str,
    leads: Leads,
    ticket: &Ticket,
    end: Timestamp,
) -> Result<(), DatabaseError> {
    query("INSERT INTO tickets (hash, kind, reference, body, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(hash)
        .bind(leads.word())
        .bind(ticket.reference.as_str())
        .bind(ticket.body.as_deref())
        .bind(millis(end))
        .execute(connection)
        .await?;
    Ok(())
}

/// The ticket, as long as it is good.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(
    connection: &mut Connection,
    hash: &str,
    leads: Leads,
    now: Timestamp,
) -> Result<Option<Ticket>, DatabaseError> {
    let row = query(
        "SELECT reference, body FROM tickets WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(hash)
    .bind(leads.word())
    .bind(millis(now))
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(ticket).transpose()
}

/// Uses a ticket up, if it is good. Of many at once one gets it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn take(
    connection: &mut Connection,
    hash: &str,
    leads: Leads,
    now: Timestamp,
) -> Result<Option<Ticket>, DatabaseError> {
    let row = query(
        "UPDATE tickets SET used_at = $3 WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3 RETURNING reference, body",
    )
    .bind(hash)
    .bind(leads.word())
    .bind(millis(now))
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(ticket).transpose()
}

/// The digests of all tickets for a sign-in of this normalised address, used or not. They hold the address as it was typed.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn of_address(connection: &mut Connection, email_norm: &str) -> Result<Vec<String>, DatabaseError> {
    let rows = query("SELECT hash, reference FROM tickets WHERE kind = $1")
        .bind(Leads::ToSignIn.word())
        .fetch_all(connection)
        .await?;
    let mut theirs = Vec::new();
    for row in rows {
        let email = EmailAddress::parse(&row.get::<String>("reference")?);
        if email.is_ok_and(|email| email.normalised() == email_norm) {
            theirs.push(row.get("hash")?);
        }
    }
    Ok(theirs)
}

fn ticket(row: &Row) -> Result<Ticket, DatabaseError> {
    Ok(Ticket {
        reference: row.get("reference")?,
        body: row.get("body")?,
    })
}
