//! Addresses that want no mail: from one client, or from all.

use super::{Connection, DatabaseError};

/// The scope of an address that wants no mail from any client; other scopes are ids of clients.
pub const EVERYBODY: &str = "*";

/// Whether an address wants no mail of this client.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn holds(connection: &mut Connection, client: &str, email_norm: &str) -> Result<bool, DatabaseError> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT at FROM suppressions WHERE email_norm = $1 AND scope IN ($2, $3) LIMIT 1")
            .bind(email_norm)
            .bind(client)
            .bind(EVERYBODY)
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}
