//! SQLite.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, ErrorCode, OpenFlags};

use super::{Answer, Connection, Kind, Row, SqlError, Value};

/// What each connection is told first. A commit that was answered survives a loss of power (`FULL`). The log is carried into the file beside
/// the writes (`checkpoints`), and by the writes themselves only if it is 256 MiB long (64000 pages).
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; \
                       PRAGMA cache_size = -16384; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 64000;";

/// How often, and how long after each time, a file is asked again that others are just opening for the first time: 5 s in all. SQLite itself does
/// not wait for who turns its log on.
const TRIES: u32 = 500;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service::database) enum Access {
    /// Makes the file if it is missing.
    Write,
    Read,
}

impl Connection {
    /// Opens a file.
    pub(in crate::service::database) fn open(path: &Path, access: Access) -> Result<Self, SqlError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let flags = match access {
            Access::Write => flags | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Read => flags,
        };
        let file = rusqlite::Connection::open_with_flags(path, flags)?;
        // Each try answers at once; waiting for locks begins with the last of the pragmas.
        file.busy_timeout(Duration::ZERO)?;
        let mut tries = 1;
        while let Err(error) = file.execute_batch(PRAGMAS) {
            if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || tries == TRIES {
                return Err(error.into());
            }
            tries += 1;
            std::thread::sleep(BETWEEN_TRIES);
        }
        if access == Access::Read {
            file.execute_batch("PRAGMA query_only = ON")?;
        }
        file.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self::of_file(file))
    }

    /// Whether it is in no transaction.
    pub(in crate::service::database) fn is_free(&self) -> bool {
        matches!(&self.0, Kind::File(file) if file.is_autocommit())
    }
}

pub(super) fn ask(file: &rusqlite::Connection, text: &str, arguments: &[Value]) -> Result<Answer, SqlError> {
    let mut statement = prepared(file, text, arguments)?;
    let mut names: Option<Arc<[String]>> = None;
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        // Only now: another process may have changed the table since the statement was prepared.
        let names = names.get_or_insert_with(|| row.as_ref().column_names().into_iter().map(str::to_owned).collect());
        let values = names.iter().enumerate().map(|(at, name)| match row.get_ref(at)? {
            ValueRef::Null => Ok(Value::Text(None)),
            ValueRef::Integer(number) => Ok(number.into()),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(text.into()),
                Err(_not_utf8) => Err(SqlError::Column(name.clone())),
            },
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(SqlError::Column(name.clone())),
        });
        let values = values.collect::<Result<_, _>>()?;
        found.push(Row::new(Arc::clone(names), values));
    }
    // Of a statement that only reads: what the last one before it has changed. Nobody asks.
    let changed = file.changes();
    Ok(Answer { rows: found, changed })
}

/// `$2` is the second argument wherever it stands. To SQLite it is a name, and names are numbered as they come.
fn prepared<'f>(
    file: &'f rusqlite::Connection,
    text: &str,
    arguments: &[Value],
) -> Result<CachedStatement<'f>, SqlError> {
    let mut statement = file.prepare_cached(text)?;
    for place in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(place)
            .and_then(|name| name.get(1..)?.parse().ok());
        let argument = number.and_then(|number: usize| arguments.get(number.checked_sub(1)?));
        match argument {
            Some(Value::Number(number)) => statement.raw_bind_parameter(place, number)?,
            Some(Value::Text(text)) => statement.raw_bind_parameter(place, text)?,
            None => return Err(rusqlite::Error::InvalidParameterCount(place, arguments.len()).into()),
        }
    }
    Ok(statement)
}

#[cfg(test)]
mod tests {
    use super::super::{query, query_scalar};
    use super::*;

    #[tokio::test]
    async fn an_argument_is_found_by_its_number() {
        let mut connection = Connection::in_memory();
        let row = query("SELECT $2 || $1 AS both, $3 + $3 AS twice, CAST($4 AS TEXT) AS empty")
            .bind("a")
            .bind("b")
            .bind(2_i64)
            .bind(None::<&str>)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(row.get::<String>("both").unwrap(), "ba");
        assert_eq!(row.get::<i64>("twice").unwrap(), 4);
        assert_eq!(row.get::<Option<String>>("empty").unwrap(), None);
        let missing = query("SELECT $1").execute(&mut connection).await;
        assert!(matches!(missing, Err(SqlError::File(_))), "{missing:?}");
    }

    #[tokio::test]
    async fn a_row_too_few_and_a_number_of_another_kind_are_errors() {
        let mut connection = Connection::in_memory();
        let none = query("SELECT 1 WHERE 1 = 2").fetch_one(&mut connection).await;
        assert!(matches!(none, Err(SqlError::NoRow)), "{none:?}");
        let real = query_scalar::<i64>("SELECT 1.5 AS half")
            .fetch_one(&mut connection)
            .await;
        assert!(
            matches!(&real, Err(SqlError::Column(name)) if name == "half"),
            "{real:?}"
        );
    }
}
