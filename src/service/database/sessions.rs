//! Browsers in which somebody signed in, by the digest of their cookie.

use sqlx::{AnyConnection, Row as _};

use super::DatabaseError;
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// Who signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
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

/// Writes a new session down, good until `end`.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut AnyConnection,
    hash: &str,
    session: &Session,
    end: Timestamp,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO sessions (hash, sub, email, auth_time, expires_at) VALUES ($1, $2, $3, $4, $5)")
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
pub async fn get(connection: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<Option<Session>, DatabaseError> {
    let row = sqlx::query("SELECT sub, email, auth_time FROM sessions WHERE hash = $1 AND expires_at > $2")
        .bind(hash)
        .bind(millis(now))
        .fetch_optional(connection)
        .await?;
    let session = row.map(|row| -> Result<Session, sqlx::Error> {
        Ok(Session {
            sub: row.try_get("sub")?,
            email: row.try_get("email")?,
            auth_time: moment(row.try_get("auth_time")?),
        })
    });
    Ok(session.transpose()?)
}

/// Ends a session.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove(connection: &mut AnyConnection, hash: &str) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM sessions WHERE hash = $1")
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}
