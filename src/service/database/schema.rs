//! The versions of the tables.

use super::sql::{Connection, Value, query, query_scalar};
use super::{DatabaseError, Dialect};

/// The statements that lead from one version to the next, the first from nothing.
const VERSIONS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

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
            match connection.dialect() {
                Dialect::Sqlite => connection.batch(statements).await?,
                Dialect::Postgres => connection.batch(&in_bytes(statements)).await?,
            }
            let written = query("INSERT INTO schema_version (version) VALUES ($1)").bind(version);
            written.execute(connection).await?;
        }
    }
    Ok(())
}

/// Texts are compared byte by byte, as SQLite does, whatever language the database was made for: the order is the same on both, and indexes are quicker.
fn in_bytes(statements: &str) -> String {
    statements.replace(" TEXT", " TEXT COLLATE \"C\"")
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
    let mut tables: Vec<Table> = VERSIONS
        .iter()
        .flat_map(|statements| statements.split("CREATE TABLE ").skip(1))
        .filter_map(|statement| {
            let (name, rest) = statement.split_once(" (")?;
            let (inside, _) = rest.split_once(");")?;
            let columns = inside.lines().filter_map(Column::read).collect();
            Some(Table { name, columns })
        })
        .collect();
    for added in VERSIONS
        .iter()
        .flat_map(|statements| statements.split("ALTER TABLE ").skip(1))
    {
        let Some((name, column)) = added.split_once(" ADD COLUMN ") else {
            continue;
        };
        let table = tables.iter_mut().find(|table| table.name == name);
        if let (Some(table), Some(column)) = (table, Column::read(column)) {
            table.columns.push(column);
        }
    }
    tables
}

impl Column {
    /// What a line of a statement says of a column, if it is about one.
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.trim().trim_end_matches(',').split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        let nothing = match kind {
            "BIGINT" => Value::Number(None),
            "TEXT" => Value::Text(None),
            _ => return None,
        };
        Some(Self { name, nothing })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sql::Text;
    use super::*;

    #[tokio::test]
    async fn tables_of_the_version_before_keep_their_rows() {
        let mut connection = Connection::in_memory();
        connection
            .batch("CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version (version) VALUES (1)")
            .await
            .unwrap();
        connection.batch(VERSIONS[0]).await.unwrap();
        connection
            .batch(
                "INSERT INTO clients (id, name, kind, dead_link, locale, algorithm, trusted, sign_up, invites_per_minute, invites_per_day, created_at) \
                 VALUES ('choir', 'Choir', 'public', 'page', 'en', 'ES256', 0, 'open', 1, 1, 0)",
            )
            .await
            .unwrap();
        update(&mut connection).await.unwrap();
        update(&mut connection).await.unwrap();
        let kept = query_scalar::<String>("SELECT subject_type FROM clients WHERE id = 'choir'");
        assert_eq!(kept.fetch_one(&mut connection).await.unwrap(), "public");
    }

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
