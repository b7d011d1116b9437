//! What is read to send something, and what is written once it was sent.

use super::{Connection, DatabaseError, SqlError, invitations, query};
use crate::service::clock::moment;
use crate::service::status::Change;
use crate::time::Timestamp;

/// An event as its webhook tells of it, and where it goes.
#[derive(Clone)]
pub struct Announcement {
    /// The event's id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Which client it concerns.
    pub client_id: String,
    /// Which invitation it concerns.
    pub invitation_id: Option<String>,
    /// Who did it.
    pub actor: String,
    /// More about it, a JSON object.
    pub data: String,
    /// Where the client wants to be told.
    pub url: Option<String>,
    /// What is kept of the secret that it is signed with.
    pub kept_secret: Option<String>,
}

/// The event with this id, with where to tell of it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn announcement(connection: &mut Connection, event: &str) -> Result<Option<Announcement>, DatabaseError> {
    let row = query(
        "SELECT events.id, events.kind, events.at, events.client_id, events.invitation_id, events.actor, events.data, clients.webhook_url, \
         clients.webhook_secret FROM events JOIN clients ON clients.id = events.client_id WHERE events.id = $1 AND clients.disabled_at IS NULL",
    )
    .bind(event)
    .fetch_optional(connection)
    .await?;
    let read = row.map(|row| {
        Ok::<Announcement, SqlError>(Announcement {
            id: row.get("id")?,
            kind: row.get("kind")?,
            at: moment(row.get("at")?),
            client_id: row.get("client_id")?,
            invitation_id: row.get("invitation_id")?,
            actor: row.get("actor")?,
            data: row.get("data")?,
            url: row.get("webhook_url")?,
            kept_secret: row.get("webhook_secret")?,
        })
    });
    Ok(read.transpose()?)
}

/// Writes down what became of an invitation's mail and what the server said. False if the invitation is in a state in which that
/// does not count any more; what the server said is kept all the same.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn settle(
    connection: &mut Connection,
    invitation: &str,
    change: Change,
    answer: &str,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    query("UPDATE invitations SET last_smtp = $2 WHERE id = $1")
        .bind(invitation)
        .bind(answer)
        .execute(&mut *connection)
        .await?;
    invitations::change(connection, invitation, change, now, now).await
}

impl std::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Announcement({}, {})", self.id, self.kind)
    }
}
