//! Browsers in which somebody signed in, by the digest of their cookie.

use super::{Connection, DatabaseError, SqlError, query, subjects};
use crate::identity::EmailAddress;
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// Who signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Who, as all clients know them that have no subjects of their own.
    pub sub: String,
    /// The proven address, as it was given.
    pub email: String,
    /// When it was proven.
    pub auth_time: Timestamp,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({}, <redacted>)", self.sub)
    }
}

impl Session {
    /// Whether a client may know who signed in by this subject.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Failed`].
    pub async fn is_known_as(
        &self,
        connection: &mut Connection,
        sub: &str,
        client: &str,
    ) -> Result<bool, DatabaseError> {
        match EmailAddress::parse(&self.email) {
            Ok(address) => subjects::is_of(connection, sub, &address.normalised(), client).await,
            Err(_unread) => Ok(false),
        }
    }
}

/// Writes a new session down, good until `end`.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    hash: &str,
    session: &Session,
    end: Timestamp,
) -> Result<(), DatabaseError> {
    query("INSERT INTO sessions (hash, sub, email, auth_time, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(hash)
        .bind(session.sub.as_str())
        .bind(session.email.as_str())
        .bind(millis(session.auth_time))
        .bind(millis(end))
        .execute(connection)
        .await?;
    Ok(())
}

/// The session, as long as it is good.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(connection: &mut Connection, hash: &str, now: Timestamp) -> Result<Option<Session>, DatabaseError> {
    let row = query("SELECT sub, email, auth_time FROM sessions WHERE hash = $1 AND expires_at > $2")
        .bind(hash)
        .bind(millis(now))
        .fetch_optional(connection)
        .await?;
    let session = row.map(|row| -> Result<Session, SqlError> {
        Ok(Session {
            sub: row.get("sub")?,
            email: row.get("email")?,
            auth_time: moment(row.get("auth_time")?),
        })
    });
    Ok(session.transpose()?)
}

/// Ends a session.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove(connection: &mut Connection, hash: &str) -> Result<(), DatabaseError> {
    query("DELETE FROM sessions WHERE hash = $1")
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}
