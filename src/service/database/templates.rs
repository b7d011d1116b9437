//! Templates of mails that clients made. Each change is a new version; the newest counts, and the last ten are kept.

use std::collections::BTreeSet;

use super::{Connection, DatabaseError, Row, query, query_scalar};
use crate::service::clock::{millis, moment};
use crate::time::Timestamp;

/// How many versions of a template are kept, the newest included: enough to see what was changed, and no more with every upload.
const KEPT: i64 = 10;

/// A template in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub alias: String,
    /// Its language, BCP 47.
    pub locale: String,
    /// Which version it is, from 1.
    pub version: i64,
    /// The mail's subject.
    pub subject: String,
    /// The mail as text.
    pub text: String,
    /// The mail as HTML.
    pub html: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The names of a client's templates.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn aliases(connection: &mut Connection, client: &str) -> Result<BTreeSet<String>, DatabaseError> {
    let names: Vec<String> = query_scalar("SELECT DISTINCT alias FROM templates WHERE client_id = $1")
        .bind(client)
        .fetch_all(connection)
        .await?;
    Ok(names.into_iter().collect())
}

/// The newest version of a template in each language that it is in.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn newest(connection: &mut Connection, client: &str, alias: &str) -> Result<Vec<Template>, DatabaseError> {
    let rows = query(
        "SELECT * FROM templates WHERE client_id = $1 AND alias = $2 AND version = (SELECT MAX(version) FROM templates newer \
         WHERE newer.client_id = templates.client_id AND newer.alias = templates.alias AND newer.locale = templates.locale) ORDER BY locale",
    )
    .bind(client)
    .bind(alias)
    .fetch_all(connection)
    .await?;
    rows.iter().map(template).collect()
}

/// Adds a version behind the newest, takes those away that are too many, and answers with its number; none if another came at the same moment.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    client: &str,
    template: &Template,
    now: Timestamp,
) -> Result<Option<i64>, DatabaseError> {
    let newest: Option<i64> =
        query_scalar("SELECT MAX(version) FROM templates WHERE client_id = $1 AND alias = $2 AND locale = $3")
            .bind(client)
            .bind(template.alias.as_str())
            .bind(template.locale.as_str())
            .fetch_one(&mut *connection)
            .await?;
    let version = newest.unwrap_or(0) + 1;
    let added = query(
        "INSERT INTO templates (client_id, alias, locale, version, subject, text, html, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (client_id, alias, locale, version) DO NOTHING",
    )
    .bind(client)
    .bind(template.alias.as_str())
    .bind(template.locale.as_str())
    .bind(version)
    .bind(template.subject.as_str())
    .bind(template.text.as_str())
    .bind(template.html.as_deref())
    .bind(millis(now))
    .execute(&mut *connection)
    .await?;
    query("DELETE FROM templates WHERE client_id = $1 AND alias = $2 AND locale = $3 AND version <= $4")
        .bind(client)
        .bind(template.alias.as_str())
        .bind(template.locale.as_str())
        .bind(version - KEPT)
        .execute(connection)
        .await?;
    Ok((added == 1).then_some(version))
}

/// Removes a template, in all its languages or in one. False if there was none.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove(
    connection: &mut Connection,
    client: &str,
    alias: &str,
    locale: Option<&str>,
) -> Result<bool, DatabaseError> {
    let removed = query("DELETE FROM templates WHERE client_id = $1 AND alias = $2 AND (locale = $3 OR $4 = 1)")
        .bind(client)
        .bind(alias)
        .bind(locale.unwrap_or_default())
        .bind(i64::from(locale.is_none()))
        .execute(connection)
        .await?;
    Ok(removed > 0)
}

fn template(row: &Row) -> Result<Template, DatabaseError> {
    Ok(Template {
        alias: row.get("alias")?,
        locale: row.get("locale")?,
        version: row.get("version")?,
        subject: row.get("subject")?,
        text: row.get("text")?,
        html: row.get("html")?,
        created_at: moment(row.get("created_at")?),
    })
}
