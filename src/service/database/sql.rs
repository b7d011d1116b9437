//! One way to ask either database: a text with `$1`, `$2` and so on, its arguments, and rows of numbers and texts.
//!
//! SQLite answers on the thread that asks: to find a few rows takes less time than to hand the question to another thread. What takes longer is
//! asked elsewhere ([`Database::read_aside`](super::Database::read_aside), the writer). PostgreSQL is waited for.

mod file;
mod server;
mod transaction;
mod value;

use std::borrow::Cow;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;

pub(super) use self::file::Access;
use self::transaction::Transaction;
pub use self::value::{Column, FromValue, Row, Value};
use super::Dialect;

/// A connection to one of the two.
pub struct Connection(Kind);

enum Kind {
    File(rusqlite::Connection),
    Pooled(PoolConnection<Postgres>),
    Transaction(Transaction),
}

/// Why a statement failed.
#[derive(thiserror::Error)]
pub enum SqlError {
    /// SQLite says why.
    #[error(transparent)]
    File(#[from] rusqlite::Error),
    /// PostgreSQL says why, or it is not there.
    #[error(transparent)]
    Server(#[from] sqlx::Error),
    /// A column holds what it may not, or there is no such column.
    #[error("the column {0} is not there or holds what it may not")]
    Column(String),
    /// There is no row where one has to be.
    #[error("a row is missing")]
    NoRow,
}

/// The text of a statement: written here, or put together of what is written here. What anybody sent is an argument.
#[derive(Clone, Debug)]
pub struct Text(Cow<'static, str>);

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl Text {
    /// Of a text that was put together. The caller vouches for every part of it.
    #[must_use]
    pub(in crate::service::database) const fn composed(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// A statement with its arguments, and how a row of its answer is read.
#[must_use = "nothing is asked until it is executed or fetched"]
pub struct Query<T> {
    text: Text,
    arguments: Vec<Value>,
    read: fn(Row) -> Result<T, SqlError>,
}

/// A statement whose answer is rows.
pub fn query(text: impl Into<Text>) -> Query<Row> {
    Query {
        text: text.into(),
        arguments: Vec::new(),
        read: Ok,
    }
}

/// A statement whose answer is the first column.
pub fn query_scalar<T: FromValue>(text: impl Into<Text>) -> Query<T> {
    Query {
        text: text.into(),
        arguments: Vec::new(),
        read: |row| row.get(0),
    }
}

impl<T> Query<T> {
    /// The next argument: the first is `$1`.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Does it, and answers with how many rows it changed.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn execute(self, connection: &mut Connection) -> Result<u64, SqlError> {
        match &mut connection.0 {
            Kind::File(file) => file::execute(file, &self.text.0, &self.arguments),
            Kind::Pooled(server) => server::execute(server, self.text.0, self.arguments).await,
            Kind::Transaction(transaction) => {
                let server = transaction.server().await?;
                server::execute(server, self.text.0, self.arguments).await
            }
        }
    }

    /// Writes a new row down before the transaction ends, or with the next statement: an `INSERT` that answers nothing. PostgreSQL is asked once for several such in a row; none of them
    /// may need another.
    ///
    /// # Errors
    ///
    /// [`SqlError`], here or at the next statement or the end.
    pub async fn insert(self, connection: &mut Connection) -> Result<(), SqlError> {
        match &mut connection.0 {
            Kind::Transaction(transaction) => transaction.insert(self.text.0, self.arguments).await,
            Kind::File(_) | Kind::Pooled(_) => self.execute(connection).await.map(|_one| ()),
        }
    }

    /// All rows of the answer.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<T>, SqlError> {
        let rows = match &mut connection.0 {
            Kind::File(file) => file::rows(file, &self.text.0, &self.arguments)?,
            Kind::Pooled(server) => server::rows(server, self.text.0, self.arguments).await?,
            Kind::Transaction(transaction) => {
                let server = transaction.server().await?;
                server::rows(server, self.text.0, self.arguments).await?
            }
        };
        rows.into_iter().map(self.read).collect()
    }

    /// The first row of the answer, if it has one.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn fetch_optional(self, connection: &mut Connection) -> Result<Option<T>, SqlError> {
        Ok(self.fetch_all(connection).await?.into_iter().next())
    }

    /// The first row of the answer.
    ///
    /// # Errors
    ///
    /// [`SqlError`], also if there is none.
    pub async fn fetch_one(self, connection: &mut Connection) -> Result<T, SqlError> {
        self.fetch_optional(connection).await?.ok_or(SqlError::NoRow)
    }
}

impl Connection {
    pub(super) const fn of_file(file: rusqlite::Connection) -> Self {
        Self(Kind::File(file))
    }

    pub(super) const fn pooled(server: PoolConnection<Postgres>) -> Self {
        Self(Kind::Pooled(server))
    }

    pub(super) const fn in_transaction(transaction: sqlx::Transaction<'static, Postgres>) -> Self {
        Self(Kind::Transaction(Transaction::new(transaction)))
    }

    /// An empty SQLite that is gone with its connection.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self::of_file(rusqlite::Connection::open_in_memory().expect("memory"))
    }

    /// Which of the two it leads to.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Kind::File(_) => Dialect::Sqlite,
            Kind::Pooled(_) | Kind::Transaction(_) => Dialect::Postgres,
        }
    }

    /// Does several statements without arguments, of which nobody needs the answers.
    pub(super) async fn batch(&mut self, text: &'static str) -> Result<(), SqlError> {
        match &mut self.0 {
            Kind::File(file) => Ok(file.execute_batch(text)?),
            Kind::Pooled(server) => server::batch(server, text).await,
            Kind::Transaction(transaction) => server::batch(transaction.server().await?, text).await,
        }
    }

    /// Ends a transaction of PostgreSQL so that it stands. SQLite's writer ends its own.
    pub(super) async fn commit(self) -> Result<(), SqlError> {
        match self.0 {
            Kind::Transaction(transaction) => transaction.commit().await,
            Kind::File(_) | Kind::Pooled(_) => Ok(()),
        }
    }

    /// Closes a file, as far as it can be.
    pub(super) fn close(self) -> Result<(), SqlError> {
        match self.0 {
            Kind::File(file) => file.close().map_err(|(_file, error)| error.into()),
            Kind::Pooled(_) | Kind::Transaction(_) => Ok(()),
        }
    }
}

impl<T> std::fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Query({}, <redacted>)", self.text.0)
    }
}

/// PostgreSQL's own would print the row that an error is about.
impl std::fmt::Debug for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqlError({self})")
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({:?})", self.dialect())
    }
}
