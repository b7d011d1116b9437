//! Clients and where they may be answered.

use super::{Connection, DatabaseError, Row, Text, query};
use crate::service::client::{ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, SubjectType};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// What is kept of a client's secrets: codes by the pepper key. During a rotation both are good.
#[derive(Clone, Default)]
pub struct SecretCodes {
    /// The one in use.
    pub current: Option<String>,
    /// The one that replaces it.
    pub next: Option<String>,
}

impl std::fmt::Debug for SecretCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretCodes(<redacted>)")
    }
}

/// A client, with the addresses where it may be answered, in any order: they have no spaces in them.
pub(super) const COLUMNS: &str =
    "clients.*, (SELECT string_agg(uri, ' ') FROM redirect_uris WHERE client_id = clients.id) AS redirect_uris";

/// Writes a new client down. False if there is one with this id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    client: &OAuthClient,
    secrets: &SecretCodes,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let added = query(
        "INSERT INTO clients (id, name, kind, secret_code, next_secret_code, initiate_login_uri, dead_link, locale, algorithm, trusted, sign_up, \
         invites_per_minute, invites_per_day, disabled_at, created_at, subject_type) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING",
    )
    .bind(client.id.as_str())
    .bind(client.name.as_str())
    .bind(client.kind.word())
    .bind(secrets.current.as_deref())
    .bind(secrets.next.as_deref())
    .bind(client.initiate_login_uri.as_deref())
    .bind(client.dead_link.word())
    .bind(client.locale.as_str())
    .bind(client.algorithm.word())
    .bind(i64::from(client.is_trusted))
    .bind(client.sign_up.word())
    .bind(client.invites_per_minute)
    .bind(client.invites_per_day)
    .bind(client.is_disabled.then(|| millis(now)))
    .bind(millis(now))
    .bind(client.subject_type.word())
    .execute(connection)
    .await?;
    if added == 0 {
        return Ok(false);
    }
    for uri in &client.redirect_uris {
        add_redirect(connection, &client.id, uri).await?;
    }
    Ok(true)
}

/// The client with this id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(connection: &mut Connection, id: &str) -> Result<Option<(OAuthClient, SecretCodes)>, DatabaseError> {
    let row = query(Text::composed(format!("SELECT {COLUMNS} FROM clients WHERE id = $1")))
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(client).transpose()
}

/// All clients, by their id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn list(connection: &mut Connection) -> Result<Vec<OAuthClient>, DatabaseError> {
    let rows = query(Text::composed(format!("SELECT {COLUMNS} FROM clients ORDER BY id")))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(client(row)?.0)).collect()
}

/// Lets a client be answered at an address. The caller has checked it ([`check_redirect_uri`]).
///
/// # Errors
///
/// [`DatabaseError::Failed`].
///
/// [`check_redirect_uri`]: crate::service::client::check_redirect_uri
pub async fn add_redirect(connection: &mut Connection, client: &str, uri: &str) -> Result<(), DatabaseError> {
    query("INSERT INTO redirect_uris (client_id, uri) VALUES ($1, $2) ON CONFLICT (client_id, uri) DO NOTHING")
        .bind(client)
        .bind(uri)
        .execute(connection)
        .await?;
    Ok(())
}

/// No longer lets a client be answered at an address. False if it was not anyway.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove_redirect(connection: &mut Connection, client: &str, uri: &str) -> Result<bool, DatabaseError> {
    let removed = query("DELETE FROM redirect_uris WHERE client_id = $1 AND uri = $2")
        .bind(client)
        .bind(uri)
        .execute(connection)
        .await?;
    Ok(removed == 1)
}

/// Replaces what is kept of a client's secrets. False if there is no such client.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn set_secrets(
    connection: &mut Connection,
    client: &str,
    secrets: &SecretCodes,
) -> Result<bool, DatabaseError> {
    let changed = query("UPDATE clients SET secret_code = $2, next_secret_code = $3 WHERE id = $1")
        .bind(client)
        .bind(secrets.current.as_deref())
        .bind(secrets.next.as_deref())
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Writes down what an operator has changed of a client: all but its id, kind, secrets, webhook, and whether it is on.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn change(connection: &mut Connection, client: &OAuthClient) -> Result<(), DatabaseError> {
    query(
        "UPDATE clients SET name = $2, initiate_login_uri = $3, dead_link = $4, locale = $5, algorithm = $6, trusted = $7, sign_up = $8, \
         invites_per_minute = $9, invites_per_day = $10, subject_type = $11 WHERE id = $1",
    )
    .bind(client.id.as_str())
    .bind(client.name.as_str())
    .bind(client.initiate_login_uri.as_deref())
    .bind(client.dead_link.word())
    .bind(client.locale.as_str())
    .bind(client.algorithm.word())
    .bind(i64::from(client.is_trusted))
    .bind(client.sign_up.word())
    .bind(client.invites_per_minute)
    .bind(client.invites_per_day)
    .bind(client.subject_type.word())
    .execute(connection)
    .await?;
    Ok(())
}

/// Turns a client off at this moment, or on with none. False if there is no such client.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn set_disabled(
    connection: &mut Connection,
    client: &str,
    since: Option<Timestamp>,
) -> Result<bool, DatabaseError> {
    let changed = query("UPDATE clients SET disabled_at = $2 WHERE id = $1")
        .bind(client)
        .bind(since.map(millis))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Reads a row of [`COLUMNS`].
pub(super) fn client(row: &Row) -> Result<(OAuthClient, SecretCodes), DatabaseError> {
    let word = |column: &'static str| row.get::<String>(column);
    let uris = row.get::<Option<String>>("redirect_uris")?.unwrap_or_default();
    let mut redirect_uris: Vec<String> = uris.split_whitespace().map(str::to_owned).collect();
    // Here, as each database has an order of its own.
    redirect_uris.sort();
    let client = OAuthClient {
        id: word("id")?,
        name: word("name")?,
        kind: if word("kind")? == ClientKind::Public.word() {
            ClientKind::Public
        } else {
            ClientKind::Confidential
        },
        redirect_uris,
        initiate_login_uri: row.get("initiate_login_uri")?,
        dead_link: if word("dead_link")? == DeadLink::Page.word() {
            DeadLink::Page
        } else {
            DeadLink::Redirect
        },
        locale: word("locale")?,
        algorithm: if word("algorithm")? == SigningAlgorithm::Rs256.word() {
            SigningAlgorithm::Rs256
        } else {
            SigningAlgorithm::Es256
        },
        subject_type: if word("subject_type")? == SubjectType::Pairwise.word() {
            SubjectType::Pairwise
        } else {
            SubjectType::Public
        },
        is_trusted: row.get::<i64>("trusted")? != 0,
        sign_up: if word("sign_up")? == SignUp::Open.word() {
            SignUp::Open
        } else {
            SignUp::InviteOnly
        },
        invites_per_minute: row.get("invites_per_minute")?,
        invites_per_day: row.get("invites_per_day")?,
        webhook_url: row.get("webhook_url")?,
        is_disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
    };
    let secrets = SecretCodes {
        current: row.get("secret_code")?,
        next: row.get("next_secret_code")?,
    };
    Ok((client, secrets))
}
