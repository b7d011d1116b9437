//! Where clients are told of what happens: two columns of their rows.

use super::{Connection, DatabaseError, Row, query};

/// Where a client is told, and what its signatures derive from.
#[derive(Clone)]
pub struct Webhook {
    /// The address.
    pub url: Option<String>,
    /// What is kept of the secret ([`webhook_secret`](crate::service::token::webhook_secret)).
    pub secret: Option<String>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhook(<redacted>)")
    }
}

/// Where the client is told.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(connection: &mut Connection, client: &str) -> Result<Option<Webhook>, DatabaseError> {
    let row = query("SELECT webhook_url, webhook_secret FROM clients WHERE id = $1")
        .bind(client)
        .fetch_optional(connection)
        .await?;
    let webhook = |row: Row| {
        Ok(Webhook {
            url: row.get("webhook_url")?,
            secret: row.get("webhook_secret")?,
        })
    };
    row.map(webhook).transpose()
}

/// Tells the client there from now on.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn put(connection: &mut Connection, client: &str, webhook: &Webhook) -> Result<(), DatabaseError> {
    query("UPDATE clients SET webhook_url = $1, webhook_secret = $2 WHERE id = $3")
        .bind(webhook.url.as_deref())
        .bind(webhook.secret.as_deref())
        .bind(client)
        .execute(connection)
        .await?;
    Ok(())
}
