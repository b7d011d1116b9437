//! Refresh tokens. All that came of one code are a family and end together.

use super::{Connection, DatabaseError, Row, query, query_scalar};
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// What is kept of a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The half that finds it.
    pub selector: String,
    /// A code of the half that proves it.
    pub code: String,
    /// The family.
    pub family: String,
    /// Who may use it.
    pub client_id: String,
    /// The invitation that its family began with.
    pub invitation_id: Option<String>,
    /// Who it is for.
    pub sub: String,
    /// The person's address, as it was given.
    pub email: String,
    /// Whether they read a mail there.
    pub email_verified: bool,
    /// What its tokens are good for.
    pub scope: String,
    /// The thumbprint of the key that has to ask, for a public client (RFC 9449, 5).
    pub jkt: Option<String>,
    /// When the person proved the address.
    pub auth_time: Timestamp,
    /// When its family began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was first used.
    pub used_at: Option<Timestamp>,
}

impl std::fmt::Debug for Refresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refresh({}, <redacted>)", self.client_id)
    }
}

/// Writes a new token down, which nobody has used.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(connection: &mut Connection, refresh: &Refresh) -> Result<(), DatabaseError> {
    query(
        "INSERT INTO refresh (selector, code, family, client_id, invitation_id, sub, email, email_verified, scope, jkt, auth_time, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(refresh.selector.as_str())
    .bind(refresh.code.as_str())
    .bind(refresh.family.as_str())
    .bind(refresh.client_id.as_str())
    .bind(refresh.invitation_id.as_deref())
    .bind(refresh.sub.as_str())
    .bind(refresh.email.as_str())
    .bind(i64::from(refresh.email_verified))
    .bind(refresh.scope.as_str())
    .bind(refresh.jkt.as_deref())
    .bind(millis(refresh.auth_time))
    .bind(millis(refresh.created_at))
    .bind(millis(refresh.expires_at))
    .once(connection)
    .await?;
    Ok(())
}

/// The token with this selector that was not taken back, used or not. Proves nothing yet.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(connection: &mut Connection, selector: &str) -> Result<Option<Refresh>, DatabaseError> {
    let row = query("SELECT * FROM refresh WHERE selector = $1 AND revoked_at IS NULL")
        .bind(selector)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(refresh).transpose()
}

/// Uses a token up, and answers when it was first used: now, or before. None if it was taken back meanwhile.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn rotate(
    connection: &mut Connection,
    selector: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DatabaseError> {
    let used = query_scalar(
        "UPDATE refresh SET used_at = COALESCE(used_at, $2) WHERE selector = $1 AND revoked_at IS NULL RETURNING used_at",
    )
    .bind(selector)
    .bind(millis(now));
    Ok(used.fetch_optional(connection).await?.map(moment))
}

/// Takes a whole family back. True if something of it was still good.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn revoke(connection: &mut Connection, family: &str, now: Timestamp) -> Result<bool, DatabaseError> {
    let mut revoked = 0;
    // Twice: the first may have waited for a rotation to end, and only the second sees the token that came of it.
    for _look in 0..2 {
        let done = query("UPDATE refresh SET revoked_at = $2 WHERE family = $1 AND revoked_at IS NULL")
            .bind(family)
            .bind(millis(now))
            .execute(&mut *connection)
            .await?;
        revoked += done;
    }
    Ok(revoked > 0)
}

/// The address of a family's person and whether they read a mail there, unless it was taken back or its client turned off.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn address(connection: &mut Connection, family: &str) -> Result<Option<(String, bool)>, DatabaseError> {
    let email = query(
        "SELECT refresh.email, refresh.email_verified FROM refresh JOIN clients ON clients.id = refresh.client_id \
         WHERE refresh.family = $1 AND refresh.revoked_at IS NULL AND clients.disabled_at IS NULL LIMIT 1",
    )
    .bind(family);
    let found = email.fetch_optional(connection).await?;
    found
        .map(|row| Ok((row.get("email")?, row.get::<i64>("email_verified")? != 0)))
        .transpose()
}

fn refresh(row: &Row) -> Result<Refresh, DatabaseError> {
    Ok(Refresh {
        selector: row.get("selector")?,
        code: row.get("code")?,
        family: row.get("family")?,
        client_id: row.get("client_id")?,
        invitation_id: row.get("invitation_id")?,
        sub: row.get("sub")?,
        email: row.get("email")?,
        email_verified: row.get::<i64>("email_verified")? != 0,
        scope: row.get("scope")?,
        jkt: row.get("jkt")?,
        auth_time: moment(row.get("auth_time")?),
        created_at: moment(row.get("created_at")?),
        expires_at: moment(row.get("expires_at")?),
        used_at: row.get::<Option<i64>>("used_at")?.map(moment),
    })
}
