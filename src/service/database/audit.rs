//! Events as clients read them.

use super::{Connection, DatabaseError, Row, Text, query};
use crate::service::clock::moment;
use crate::time::Timestamp;

/// Something that happened, as it is written down.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its id, whose order is that of time.
    pub id: String,
    /// Its number in the chain of all events, once it is sealed.
    pub seq: Option<i64>,
    /// What chains it to the one before.
    pub chain: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Which invitation it concerns.
    pub invitation_id: Option<String>,
    /// What happened.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// More about it, a JSON object.
    pub data: String,
}

/// What happened to an invitation, oldest first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn of_invitation(
    connection: &mut Connection,
    invitation: &str,
    limit: i64,
) -> Result<Vec<Happened>, DatabaseError> {
    let rows = query("SELECT * FROM events WHERE invitation_id = $1 ORDER BY id LIMIT $2")
        .bind(invitation)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(happened).collect()
}

/// What happened to a client's invitations and settings, newest first, behind the event with this id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn page(
    connection: &mut Connection,
    client: &str,
    behind: Option<&str>,
    limit: i64,
) -> Result<Vec<Happened>, DatabaseError> {
    let condition = if behind.is_some() { "id < $3" } else { "$3 = $3" };
    let text = format!("SELECT * FROM events WHERE client_id = $1 AND {condition} ORDER BY id DESC LIMIT $2");
    let rows = query(Text::composed(text))
        .bind(client)
        .bind(limit)
        .bind(behind.unwrap_or_default())
        .fetch_all(connection)
        .await?;
    rows.iter().map(happened).collect()
}

fn happened(row: &Row) -> Result<Happened, DatabaseError> {
    Ok(Happened {
        id: row.get("id")?,
        seq: row.get("seq")?,
        chain: row.get("chain")?,
        at: moment(row.get("at")?),
        invitation_id: row.get("invitation_id")?,
        kind: row.get("kind")?,
        actor: row.get("actor")?,
        data: row.get("data")?,
    })
}
