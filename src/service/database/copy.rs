//! Copies all tables from one database to another: in one transaction, and counted and summed up again at the end.

use sha2::{Digest as _, Sha256};

use super::schema::{self, Table};
use super::{Connection, Database, DatabaseError, Dialect, Row, Text, Value, query};

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
    let mut target = to.own_reader().await?;
    let again = at_one_moment(&mut target, None).await;
    to.give_back(target);
    let again = again?;
    match copied.iter().zip(&again).find(|(one, other)| one != other) {
        Some((one, _)) => Err(CopyError::Differs {
            table: one.table.clone(),
        }),
        None => Ok(copied),
    }
}

/// Within the one transaction of the target, and one of the source.
async fn all(source: &Database, target: &mut Connection) -> Result<Result<Vec<Copied>, CopyError>, DatabaseError> {
    for table in &schema::tables() {
        let any = query(Text::composed(format!("SELECT 1 FROM {} LIMIT 1", table.name)));
        if any.fetch_optional(target).await?.is_some() {
            return Ok(Err(CopyError::NotEmpty {
                table: table.name.to_owned(),
            }));
        }
    }
    let mut connection = source.own_reader().await?;
    let copied = at_one_moment(&mut connection, Some(target)).await;
    source.give_back(connection);
    copied.map(Ok)
}

/// Reads all tables within one transaction, so that all of them are of one moment, and writes them where they go to.
async fn at_one_moment(source: &mut Connection, target: Option<&mut Connection>) -> Result<Vec<Copied>, DatabaseError> {
    let begin = match source.dialect() {
        Dialect::Sqlite => "BEGIN",
        Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
    };
    source.batch(begin).await?;
    let copied = each_table(source, target).await;
    let ended = source.batch("ROLLBACK").await;
    let copied = copied?;
    ended?;
    Ok(copied)
}

async fn each_table(
    source: &mut Connection,
    mut target: Option<&mut Connection>,
) -> Result<Vec<Copied>, DatabaseError> {
    let mut copied = Vec::new();
    for table in &schema::tables() {
        let mut sum = Sum::default();
        let mut pages = Pages::open(source, table).await?;
        while let Some(rows) = pages.next(source).await? {
            rows.iter().for_each(|row| sum.add(row));
            if let Some(target) = &mut target {
                insert(target, table, rows).await?;
            }
        }
        copied.push(sum.of(table));
    }
    Ok(copied)
}

/// A table from its beginning, some rows at a time.
enum Pages {
    /// SQLite numbers its rows. The statement asks for those behind `$1`, which was the number of the last.
    Numbered { statement: String, last: i64 },
    /// A cursor of PostgreSQL, and what moves it on.
    Cursor { statement: String },
}

impl Pages {
    async fn open(source: &mut Connection, table: &Table) -> Result<Self, DatabaseError> {
        let (name, names) = (table.name, names(table));
        if source.dialect() == Dialect::Sqlite {
            let statement = format!("SELECT {names}, rowid FROM {name} WHERE rowid > $1 ORDER BY rowid LIMIT {ROWS}");
            return Ok(Self::Numbered { statement, last: 0 });
        }
        let declare = format!("DECLARE copy_{name} NO SCROLL CURSOR FOR SELECT {names} FROM {name}");
        query(Text::composed(declare)).execute(source).await?;
        Ok(Self::Cursor {
            statement: format!("FETCH {ROWS} FROM copy_{name}"),
        })
    }

    /// The next rows, or none behind the last.
    async fn next(&mut self, source: &mut Connection) -> Result<Option<Vec<Vec<Value>>>, DatabaseError> {
        let rows: Vec<Vec<Value>> = match self {
            Self::Numbered { statement, last } => {
                let found = query(Text::composed(statement.clone())).bind(*last);
                let found = found.fetch_all(source).await?;
                if let Some(row) = found.last() {
                    *last = row.get("rowid")?;
                }
                let rows = found.into_iter().map(|row| {
                    let mut values = row.into_values();
                    values.pop();
                    values
                });
                rows.collect()
            }
            Self::Cursor { statement } => {
                let found = query(Text::composed(statement.clone())).fetch_all(source).await?;
                found.into_iter().map(Row::into_values).collect()
            }
        };
        Ok(Some(rows).filter(|rows| !rows.is_empty()))
    }
}

fn names(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

async fn insert(target: &mut Connection, table: &Table, rows: Vec<Vec<Value>>) -> Result<(), DatabaseError> {
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
    let mut insert = query(Text::composed(text));
    for row in rows {
        for (value, column) in row.into_iter().zip(&table.columns) {
            let nothing = matches!(value, Value::Number(None) | Value::Text(None));
            insert = insert.bind(if nothing { column.nothing.clone() } else { value });
        }
    }
    insert.execute(target).await?;
    Ok(())
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
