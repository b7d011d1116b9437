//! PostgreSQL.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column as _, Postgres, Row as _, TypeInfo as _};

use super::{Row, SqlError, Value};

pub(super) async fn execute(
    server: &mut PgConnection,
    text: Cow<'static, str>,
    arguments: Vec<Value>,
) -> Result<u64, SqlError> {
    Ok(query(text, arguments).execute(server).await?.rows_affected())
}

pub(super) async fn rows(
    server: &mut PgConnection,
    text: Cow<'static, str>,
    arguments: Vec<Value>,
) -> Result<Vec<Row>, SqlError> {
    let found = query(text, arguments).fetch_all(server).await?;
    let names: Arc<[String]> = found.first().map_or_else(Arc::default, |row| {
        row.columns().iter().map(|column| column.name().to_owned()).collect()
    });
    let rows = found.iter().map(|row| {
        let values = (0..row.len()).map(|at| value(row, at)).collect::<Result<_, _>>()?;
        Ok(Row::new(Arc::clone(&names), values))
    });
    rows.collect()
}

pub(super) async fn batch(server: &mut PgConnection, text: &'static str) -> Result<(), SqlError> {
    sqlx::raw_sql(text).execute(server).await?;
    Ok(())
}

/// A [`Text`](super::Text) is vouched for by who made it.
fn query(text: Cow<'static, str>, arguments: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(text.into_owned()));
    arguments.into_iter().fold(query, |query, argument| match argument {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

/// The tables hold `BIGINT` and `TEXT`; the rest is what the server says of itself.
fn value(row: &PgRow, at: usize) -> Result<Value, SqlError> {
    let raw = row.try_get_raw(at)?;
    Ok(match sqlx::ValueRef::type_info(&raw).name() {
        "INT8" => row.try_get::<Option<i64>, _>(at)?.into(),
        "INT4" => row.try_get::<Option<i32>, _>(at)?.map(i64::from).into(),
        "BOOL" => row.try_get::<Option<bool>, _>(at)?.map(i64::from).into(),
        "VOID" => Value::Text(None),
        _ => row.try_get::<Option<String>, _>(at)?.into(),
    })
}
