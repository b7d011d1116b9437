//! The versions of the tables.

use super::sql::{Connection, Value, query, query_scalar};
use super::{DatabaseError, Dialect};

/// The statements that lead from one version to the next, the first from nothing.
const VERSIONS: &[&str] = &[include_str!("schema_1.sql")];

/// Brings the tables up to date in one transaction. On SQLite nobody else writes meanwhile; on PostgreSQL the caller has seen to that.
pub(super) async fn update(connection: &mut Connection) -> Result<(), DatabaseError> {
    let begin = match connection.dialect() {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN",
    };
    connection.batch(begin).await?;
    let updated = steps(connection).await;
    let end = if updated.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.batch(end).await;
    updated?;
    Ok(ended?)
}

async fn steps(connection: &mut Connection) -> Result<(), DatabaseError> {
    connection
        .batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found = query_scalar::<Option<i64>>("SELECT MAX(version) FROM schema_version");
    let found = found.fetch_one(connection).await?.unwrap_or(0);
    let known = i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(DatabaseError::Newer { found, known });
    }
    for (version, statements) in (1_i64..).zip(VERSIONS) {
        if version > found {
            connection.batch(statements).await?;
            let written = query("INSERT INTO schema_version (version) VALUES ($1)").bind(version);
            written.execute(connection).await?;
        }
    }
    Ok(())
}

/// A table as its statement says it.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// In order.
    pub(super) columns: Vec<Column>,
}

/// A column of a table.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// That nothing is there, as PostgreSQL takes it in this column. SQLite does not tell what nothing is one of.
    pub(super) nothing: Value,
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
                let (name, kind) = (words.next()?, words.next()?);
                let nothing = match kind {
                    "BIGINT" => Value::Number(None),
                    "TEXT" => Value::Text(None),
                    _ => return None,
                };
                Some(Column { name, nothing })
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
    use super::super::sql::Text;
    use super::*;

    #[tokio::test]
    async fn the_tables_are_those_of_the_database() {
        let mut connection = Connection::in_memory();
        update(&mut connection).await.unwrap();
        let made: Vec<String> = query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY rowid",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert_eq!(tables().iter().map(|table| table.name).collect::<Vec<_>>(), made);
        for table in tables() {
            let text = format!("SELECT name FROM pragma_table_info('{}')", table.name);
            let columns = query_scalar::<String>(Text::composed(text)).fetch_all(&mut connection);
            let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(names, columns.await.unwrap(), "{}", table.name);
        }
    }
}
