//! What a database says about itself, for `serve check`. Nothing else reads its clock.

use super::{Connection, DatabaseError, Dialect, query_scalar};

/// The time by the database's own clock, in milliseconds since 1970.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn clock(connection: &mut Connection) -> Result<i64, DatabaseError> {
    let text = match connection.dialect() {
        Dialect::Sqlite => "SELECT CAST(strftime('%s', 'now') AS BIGINT) * 1000",
        Dialect::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    };
    Ok(query_scalar(text).fetch_one(connection).await?)
}
