//! Authorization codes, by their digest.

use super::{Connection, DatabaseError, Row, SqlError, query, query_scalar};
use crate::service::clock::{millis, moment};
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

/// A code that was exchanged before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Whose it was.
    pub client_id: String,
    /// The invitation that it redeemed.
    pub invitation_id: Option<String>,
    /// The tokens that came of it.
    pub family: String,
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
    .insert(connection)
    .await?;
    Ok(())
}

/// Uses a code up, if this client may use it now. Of many at once one gets it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn take(
    connection: &mut Connection,
    hash: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<Option<Code>, DatabaseError> {
    let row = query(
        "UPDATE codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND dead = 0 AND expires_at > $2 AND client_id = $3 RETURNING *",
    )
    .bind(hash)
    .bind(millis(now))
    .bind(client_id)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(code).transpose()
}

/// The code, if it was used up before.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn used(connection: &mut Connection, hash: &str) -> Result<Option<Used>, DatabaseError> {
    let row = query("SELECT client_id, invitation_id, family FROM codes WHERE hash = $1 AND used_at IS NOT NULL")
        .bind(hash)
        .fetch_optional(connection)
        .await?;
    let used = row.map(|row| -> Result<Used, SqlError> {
        Ok(Used {
            client_id: row.get("client_id")?,
            invitation_id: row.get("invitation_id")?,
            family: row.get("family")?,
        })
    });
    Ok(used.transpose()?)
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

fn code(row: &Row) -> Result<Code, DatabaseError> {
    Ok(Code {
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
    })
}
