//! One way to ask either database: a text with `$1`, `$2` and so on, its arguments, and rows of numbers and texts.
//!
//! SQLite answers on the thread that asks: to find a few rows takes less time than to hand the question to another thread. What takes longer is
//! asked elsewhere ([`Database::read_aside`](super::Database::read_aside), the writer). PostgreSQL is waited for.

mod file;
mod server;
mod transaction;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use deadpool_postgres::Client;
use tokio_postgres::error::SqlState;

pub(super) use self::file::Access;
pub(super) use self::server::Line;
use self::transaction::Transaction;
pub use self::value::{Column, FromValue, Row, Value};
use super::{AddressError, Dialect};

/// A connection to one of the two.
pub struct Connection(Kind);

enum Kind {
    File(rusqlite::Connection),
    /// On which others ask as well.
    Shared(Arc<Line>),
    Own(Box<Client>),
    Transaction(Box<Transaction>),
}

/// What a statement answers.
struct Answer {
    rows: Vec<Row>,
    /// How many rows it has changed.
    changed: u64,
}

/// Why a statement failed.
#[derive(thiserror::Error)]
pub enum SqlError {
    /// SQLite says why.
    #[error(transparent)]
    File(#[from] rusqlite::Error),
    /// PostgreSQL says why, or it is not there. What it says beside that may name what is in a row.
    #[error("{0}")]
    Server(String),
    /// The address leads to no PostgreSQL.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// All connections to PostgreSQL are taken, for long, or they are being closed.
    #[error("no connection to PostgreSQL became free")]
    NoRoom,
    /// PostgreSQL has said nothing for long.
    #[error("PostgreSQL did not answer in time")]
    Late,
    /// What a write began with does not hold any more, or somebody else had to be let through first: nothing was written.
    #[error("another write was quicker")]
    Overtaken,
    /// A statement of this transaction has failed: nothing of it stands.
    #[error("the transaction had failed before")]
    Over,
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
        Ok(connection.0.ask(&self.text.0, self.arguments).await?.changed)
    }

    /// Changes one row before the transaction ends, or with the next statement; if it is not one, nothing of the transaction stands. Nothing is
    /// answered: PostgreSQL is asked once for several such in a row, of which none may need another.
    ///
    /// # Errors
    ///
    /// [`SqlError`], [`SqlError::Overtaken`] if it is not one row: here, at the next statement, or at the end.
    pub async fn once(self, connection: &mut Connection) -> Result<(), SqlError> {
        if let Kind::Transaction(transaction) = &mut connection.0 {
            return transaction.once(self.text.0, self.arguments).await;
        }
        match self.execute(connection).await? {
            1 => Ok(()),
            _ => Err(SqlError::Overtaken),
        }
    }

    /// All rows of the answer.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<T>, SqlError> {
        let rows = connection.0.ask(&self.text.0, self.arguments).await?.rows;
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

    pub(super) const fn shared(server: Arc<Line>) -> Self {
        Self(Kind::Shared(server))
    }

    pub(super) fn own(server: Client) -> Self {
        Self(Kind::Own(Box::new(server)))
    }

    pub(super) fn in_transaction(server: Client) -> Self {
        Self(Kind::Transaction(Box::new(Transaction::new(server))))
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
            Kind::Shared(_) | Kind::Own(_) | Kind::Transaction(_) => Dialect::Postgres,
        }
    }

    /// Does several statements without arguments, of which nobody needs the answers, however long they take. On a connection that others share
    /// none of them may begin something.
    pub(super) async fn batch(&mut self, text: &str) -> Result<(), SqlError> {
        match &mut self.0 {
            Kind::File(file) => Ok(file.execute_batch(text)?),
            Kind::Shared(server) => server.batch(text).await,
            Kind::Own(server) => Ok(server.batch_execute(text).await?),
            Kind::Transaction(transaction) => transaction.batch(text).await,
        }
    }

    /// Ends a transaction of PostgreSQL so that it stands. SQLite's writer ends its own.
    pub(super) async fn commit(self) -> Result<(), SqlError> {
        match self.0 {
            Kind::Transaction(transaction) => transaction.commit().await,
            Kind::File(_) | Kind::Shared(_) | Kind::Own(_) => Ok(()),
        }
    }

    /// Takes a transaction of PostgreSQL back.
    pub(super) async fn roll_back(self) {
        if let Kind::Transaction(transaction) = self.0 {
            transaction.roll_back().await;
        }
    }

    /// Closes a file, as far as it can be, or a connection that nobody else has.
    pub(super) fn close(self) -> Result<(), SqlError> {
        match self.0 {
            Kind::File(file) => file.close().map_err(|(_file, error)| error.into()),
            Kind::Own(server) => {
                drop(Client::take(*server));
                Ok(())
            }
            Kind::Shared(_) | Kind::Transaction(_) => Ok(()),
        }
    }
}

impl Kind {
    async fn ask(&mut self, text: &str, arguments: Vec<Value>) -> Result<Answer, SqlError> {
        match self {
            Self::File(file) => file::ask(file, text, &arguments),
            Self::Shared(server) => server.ask(text, arguments).await,
            Self::Own(server) => server::ask(server, text, arguments).await,
            Self::Transaction(transaction) => transaction.ask(text, arguments).await,
        }
    }
}

impl From<tokio_postgres::Error> for SqlError {
    fn from(error: tokio_postgres::Error) -> Self {
        // Nothing but `once` divides by what may be zero. Of two that wait for each other the server sends one away.
        let overtaken = [
            SqlState::DIVISION_BY_ZERO,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ];
        if error.code().is_some_and(|code| overtaken.contains(code)) {
            return Self::Overtaken;
        }
        let mut said = error.to_string();
        match error.as_db_error() {
            Some(refused) => said = format!("{} ({})", refused.message(), refused.code().code()),
            None => {
                if let Some(cause) = std::error::Error::source(&error) {
                    said += &format!(": {cause}");
                }
            }
        }
        Self::Server(said)
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
