//! The versions of the tables.

use sqlx::AnyConnection;
use sqlx::{Connection as _, Executor as _};

use super::DatabaseError;

/// The statements that lead from one version to the next, the first from nothing.
const VERSIONS: &[&str] = &[include_str!("schema_1.sql")];

/// Brings the tables up to date, each version in one transaction.
pub(super) async fn update(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    connection
        .execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM schema_version")
        .fetch_one(&mut *connection)
        .await?;
    let found = found.unwrap_or(0);
    let known = i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(DatabaseError::Newer { found, known });
    }
    for (version, statements) in (1_i64..).zip(VERSIONS) {
        if version <= found {
            continue;
        }
        let mut transaction = connection.begin().await?;
        transaction.execute(*statements).await?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}
