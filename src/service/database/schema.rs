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

/// A table as its statement says it.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: Vec<(&'static str, Kind)>,
}

/// What a column holds. There is nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `BIGINT`.
    Number,
    /// `TEXT`.
    Text,
}

/// All tables, in an order in which each comes after those that it names.
pub(super) fn tables() -> Vec<Table> {
    VERSIONS
        .iter()
        .flat_map(|statements| statements.split("CREATE TABLE ").skip(1))
        .filter_map(|statement| {
            let (name, rest) = statement.split_once(" (")?;
            let (inside, _) = rest.split_once(");")?;
            let columns = inside.lines().filter_map(|line| {
                let mut words = line.trim().trim_end_matches(',').split(' ');
                match (words.next()?, words.next()?) {
                    (name, "BIGINT") => Some((name, Kind::Number)),
                    (name, "TEXT") => Some((name, Kind::Text)),
                    _ => None,
                }
            });
            Some(Table {
                name,
                columns: columns.collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row as _;

    #[tokio::test]
    async fn the_tables_are_those_of_the_database() {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect("sqlite::memory:").await.unwrap();
        update(&mut connection).await.unwrap();
        let made: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY rowid",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert_eq!(tables().iter().map(|table| table.name).collect::<Vec<_>>(), made);
        for table in tables() {
            let text = format!("SELECT name, type FROM pragma_table_info('{}')", table.name);
            let rows = sqlx::query(sqlx::AssertSqlSafe(text))
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let found: Vec<(String, Kind)> = rows
                .iter()
                .map(|row| {
                    let kind = if row.get::<String, _>("type") == "BIGINT" {
                        Kind::Number
                    } else {
                        Kind::Text
                    };
                    (row.get("name"), kind)
                })
                .collect();
            let parsed: Vec<(String, Kind)> = table
                .columns
                .iter()
                .map(|(name, kind)| ((*name).to_owned(), *kind))
                .collect();
            assert_eq!(parsed, found, "{}", table.name);
        }
    }
}
