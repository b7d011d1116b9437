//! Copies all tables from one database to another: in one transaction, and counted and summed up again at the end.

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::schema::{self, Kind, Table};
use super::{Database, DatabaseError, Dialect};

/// Rows of one statement: the widest table has some thirty columns, and `SQLite` takes 32,766 arguments.
const ROWS: usize = 200;

/// One table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// The sum of the hashes of its rows, whatever their order.
    pub checksum: String,
}

/// Why a copy was not made. Then the database it goes to is as it was, but for [`CopyError::Differs`].
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The copy goes into an empty database only.
    #[error("the database it goes to is not empty: its table {table} has rows")]
    NotEmpty {
        /// A table that has rows.
        table: String,
    },
    /// What was read again is not what was written.
    #[error("the table {table} is not the same in both")]
    Differs {
        /// Which.
        table: String,
    },
}

/// Copies all tables, then reads them again.
///
/// # Errors
///
/// [`CopyError`].
pub async fn copy(from: &Database, to: &Database) -> Result<Vec<Copied>, CopyError> {
    let source = from.clone();
    let copied = to
        .write(move |target| Box::pin(async move { all(&source, target).await }))
        .await??;
    let again = to
        .read(|connection| Box::pin(async move { sum_all(connection).await }))
        .await?;
    match copied.iter().zip(&again).find(|(one, other)| one != other) {
        Some((one, _)) => Err(CopyError::Differs {
            table: one.table.clone(),
        }),
        None => Ok(copied),
    }
}

/// Within the one transaction of the target, and one of the source, so that it sees one moment.
async fn all(source: &Database, target: &mut AnyConnection) -> Result<Result<Vec<Copied>, CopyError>, DatabaseError> {
    let tables = schema::tables();
    for table in &tables {
        let found = sqlx::query(AssertSqlSafe(format!("SELECT 1 FROM {} LIMIT 1", table.name)))
            .fetch_optional(&mut *target)
            .await?;
        if found.is_some() {
            return Ok(Err(CopyError::NotEmpty {
                table: table.name.to_owned(),
            }));
        }
    }
    let mut connection = source.reads.acquire().await?;
    let mut moment = connection.begin().await?;
    if source.dialect == Dialect::Postgres {
        moment
            .execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            .await?;
    }
    let mut copied = Vec::new();
    for table in &tables {
        let mut sum = Sum::default();
        let mut batch = Vec::new();
        {
            let mut rows = sqlx::query(AssertSqlSafe(select(table))).fetch(&mut *moment);
            while let Some(row) = rows.try_next().await? {
                let values = values(table, &row)?;
                sum.add(&values);
                batch.push(values);
                if batch.len() == ROWS {
                    insert(target, table, std::mem::take(&mut batch)).await?;
                }
            }
        }
        insert(target, table, batch).await?;
        copied.push(sum.of(table));
    }
    moment.rollback().await?;
    Ok(Ok(copied))
}

async fn sum_all(connection: &mut AnyConnection) -> Result<Vec<Copied>, DatabaseError> {
    let mut sums = Vec::new();
    for table in &schema::tables() {
        let mut sum = Sum::default();
        let mut rows = sqlx::query(AssertSqlSafe(select(table))).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            sum.add(&values(table, &row)?);
        }
        sums.push(sum.of(table));
    }
    Ok(sums)
}

/// A value of a row: both databases hold nothing else.
enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

fn select(table: &Table) -> String {
    format!("SELECT {} FROM {}", names(table), table.name)
}

fn names(table: &Table) -> String {
    table
        .columns
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn values(table: &Table, row: &AnyRow) -> Result<Vec<Value>, DatabaseError> {
    let value = |(name, kind): &(&'static str, Kind)| {
        Ok(match kind {
            Kind::Number => Value::Number(row.try_get(*name)?),
            Kind::Text => Value::Text(row.try_get(*name)?),
        })
    };
    table.columns.iter().map(value).collect()
}

async fn insert(target: &mut AnyConnection, table: &Table, rows: Vec<Vec<Value>>) -> Result<(), DatabaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    let width = table.columns.len();
    let places: Vec<String> = (0..rows.len())
        .map(|row| {
            let numbers: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", numbers.join(", "))
        })
        .collect();
    let text = format!(
        "INSERT INTO {} ({}) VALUES {}",
        table.name,
        names(table),
        places.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for value in rows.into_iter().flatten() {
        query = bind(query, value);
    }
    query.execute(target).await?;
    Ok(())
}

fn bind(query: Query<'static, Any, AnyArguments>, value: Value) -> Query<'static, Any, AnyArguments> {
    match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    }
}

/// The sum of the hashes of rows.
#[derive(Default)]
struct Sum {
    rows: u64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, values: &[Value]) {
        let row: Vec<serde_json::Value> = values
            .iter()
            .map(|value| match value {
                Value::Number(number) => serde_json::Value::from(*number),
                Value::Text(text) => serde_json::Value::from(text.as_deref()),
            })
            .collect();
        let hash = Sha256::digest(serde_json::Value::from(row).to_string());
        let number = hash
            .iter()
            .take(16)
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        self.sum = self.sum.wrapping_add(number);
        self.rows += 1;
    }

    fn of(self, table: &Table) -> Copied {
        Copied {
            table: table.name.to_owned(),
            rows: self.rows,
            checksum: format!("{:032x}", self.sum),
        }
    }
}
