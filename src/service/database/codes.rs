//! Authorization codes, by their digest.

use super::subjects::{self, Word};
use super::{Connection, DatabaseError, Row, Text, invitations, query, query_scalar};
use crate::service::client::OAuthClient;
use crate::service::clock::{millis, moment};
use crate::service::invitation::{Invitation, Sends};
use crate::time::Timestamp;

/// What a code stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// The invitation that it redeems, if it is one's.
    pub invitation_id: Option<String>,
    /// Who signed in, if it is of a sign-in. Who was invited gets a subject with the exchange.
    pub sub: Option<String>,
    /// The proven address, as it was given.
    pub email: String,
    /// Who may exchange it.
    pub client_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The S256 challenge of RFC 7636.
    pub challenge: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// What its tokens are good for.
    pub scope: String,
    /// The thumbprint of the key that has to ask (RFC 9449, 10).
    pub jkt: Option<String>,
    /// When the person proved the address.
    pub auth_time: Timestamp,
    /// Names all tokens that come of it.
    pub family: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({}, <redacted>)", self.client_id)
    }
}

/// A code as it is kept, and what it leads to.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is good for.
    pub code: Code,
    /// Whether it still is, but for its end.
    pub standing: Standing,
    /// The invitation that it is of, and the subject of the person at its address, if the client knows one.
    pub invitation: Option<(Invitation, Option<String>)>,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has used it.
    Unused,
    /// It became tokens, or was refused to who had it.
    Used,
    /// A newer one of its invitation has taken its place, or the invitation ended.
    Dead,
}

/// Writes a new code down.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(connection: &mut Connection, hash: &str, code: &Code) -> Result<(), DatabaseError> {
    query(
        "INSERT INTO codes (hash, invitation_id, sub, email, client_id, redirect_uri, challenge, nonce, scope, jkt, auth_time, family, expires_at, \
         dead) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)",
    )
    .bind(hash)
    .bind(code.invitation_id.as_deref())
    .bind(code.sub.as_deref())
    .bind(code.email.as_str())
    .bind(code.client_id.as_str())
    .bind(code.redirect_uri.as_str())
    .bind(code.challenge.as_deref())
    .bind(code.nonce.as_deref())
    .bind(code.scope.as_str())
    .bind(code.jkt.as_deref())
    .bind(millis(code.auth_time))
    .bind(code.family.as_str())
    .bind(millis(code.expires_at))
    .once(connection)
    .await?;
    Ok(())
}

/// The code with this digest, whatever became of it, as this client may see it: in one question, as there are many exchanges.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn find(
    connection: &mut Connection,
    hash: &str,
    client: &OAuthClient,
) -> Result<Option<Found>, DatabaseError> {
    let text = format!(
        "SELECT subjects.sub AS subject, codes.*, 0 AS apart, invitations.* FROM codes LEFT JOIN invitations ON invitations.id = codes.invitation_id \
         LEFT JOIN subjects ON {} WHERE codes.hash = $1",
        subjects::OF_INVITATION
    );
    let row = query(Text::composed(text))
        .bind(hash)
        .bind(Sends::Email.word())
        .bind(Word::to(client).vouched_by())
        .fetch_optional(connection)
        .await?;
    row.map(found).transpose()
}

/// Uses a code up that nobody has used. That it is this client's, and not over, the caller has seen: neither changes.
///
/// # Errors
///
/// [`DatabaseError::Failed`]; now or later [`DatabaseError::Overtaken`] if somebody has, or it is dead.
pub async fn take(connection: &mut Connection, hash: &str, now: Timestamp) -> Result<(), DatabaseError> {
    query("UPDATE codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND dead = 0")
        .bind(hash)
        .bind(millis(now))
        .once(connection)
        .await?;
    Ok(())
}

/// Ends the codes of an invitation that nobody has used.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn end(connection: &mut Connection, invitation_id: &str) -> Result<(), DatabaseError> {
    query("UPDATE codes SET dead = 1 WHERE invitation_id = $1 AND dead = 0 AND used_at IS NULL")
        .bind(invitation_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many codes of an invitation are kept, whatever became of them.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn count(connection: &mut Connection, invitation_id: &str) -> Result<i64, DatabaseError> {
    let count = query_scalar("SELECT COUNT(*) FROM codes WHERE invitation_id = $1").bind(invitation_id);
    Ok(count.fetch_one(connection).await?)
}

fn found(row: Row) -> Result<Found, DatabaseError> {
    let standing = match (row.get::<Option<i64>>("used_at")?, row.get::<i64>("dead")?) {
        (Some(_at), _) => Standing::Used,
        (None, 0) => Standing::Unused,
        (None, _) => Standing::Dead,
    };
    let code = Code {
        invitation_id: row.get("invitation_id")?,
        sub: row.get("sub")?,
        email: row.get("email")?,
        client_id: row.get("client_id")?,
        redirect_uri: row.get("redirect_uri")?,
        challenge: row.get("challenge")?,
        nonce: row.get("nonce")?,
        scope: row.get("scope")?,
        jkt: row.get("jkt")?,
        auth_time: moment(row.get("auth_time")?),
        family: row.get("family")?,
        expires_at: moment(row.get("expires_at")?),
    };
    let subject = row.get("subject")?;
    let invitation = match &code.invitation_id {
        Some(_id) => Some((invitations::invitation(&row.behind("apart")?)?, subject)),
        None => None,
    };
    Ok(Found {
        code,
        standing,
        invitation,
    })
}
