//! The service's tables: SQLite in its own folder, or PostgreSQL by URL. The only part that names rusqlite and tokio-postgres.
//!
//! Every statement is one text for both. What differs is here and in [`Dialect`]: SQLite has one writer, which puts the writes
//! of many requests into one transaction with one sync of the disk; PostgreSQL has a transaction for each.
//!
//! - **Invariant:** when [`Database::write`] has answered, what was written is on disk.
//! - **Invariant:** a state changes by compare-and-set (`UPDATE … WHERE status IN (…)`), so that of many at once one wins,
//!   on both databases and from any number of processes.
//! - **Invariant:** no statement reads the database's clock; every moment is an argument.

pub mod audit;
pub mod chain;
mod checkpoints;
pub mod clients;
pub mod codes;
pub mod copy;
pub mod counters;
pub mod deliveries;
pub mod events;
pub mod idempotency;
pub mod invitations;
pub mod links;
pub mod listing;
pub mod locks;
mod open;
pub mod outbox;
mod postgres;
pub mod queue;
mod readers;
pub mod refresh;
pub mod replayed;
mod schema;
pub mod server;
pub mod sessions;
mod sql;
pub mod subjects;
pub mod suppressions;
pub mod sweeps;
pub mod templates;
pub mod tickets;
pub mod typed_codes;
pub mod webhooks;
mod writer;

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::runtime::Handle;

pub use self::postgres::AddressError;
use self::postgres::Postgres;
use self::readers::Readers;
pub use self::sql::{Column, Connection, FromValue, Query, Row, SqlError, Text, Value, query, query_scalar};
pub use self::writer::Task;

/// The tables.
#[derive(Clone, Debug)]
pub struct Database(Tables);

#[derive(Clone, Debug)]
enum Tables {
    /// A file of SQLite, with one writer for all.
    File { readers: Readers, writer: writer::Writer },
    /// PostgreSQL, with a transaction for each write.
    Server(Postgres),
}

/// Which of the two databases it is, for the few statements that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Why the database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be opened.
    #[error("the database {name} cannot be opened: {source}")]
    Open {
        /// Its file or address, without a password.
        name: String,
        /// Why.
        source: SqlError,
    },
    /// It was made by a newer build.
    #[error("the database is of version {found}, and this build knows versions up to {known}: use the newer build")]
    Newer {
        /// The database's.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// A statement failed.
    #[error("the database failed: {0}")]
    Failed(SqlError),
    /// What the write began with does not hold any more; nothing was written. Whoever can looks again.
    #[error("somebody else has changed the same in this very moment; nothing was written")]
    Overtaken,
    /// It is full of work or shutting down; nothing was written.
    #[error("the database is busy or closing; nothing was written")]
    Unavailable,
}

/// What a read or a write does with its connection.
pub type Answer<'c, T> = BoxFuture<'c, Result<T, DatabaseError>>;

impl Database {
    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Tables::File { .. } => Dialect::Sqlite,
            Tables::Server(_) => Dialect::Postgres,
        }
    }

    /// Reads, beside all writes: some rows that an index leads to.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn read<T, F>(&self, ask: F) -> Result<T, DatabaseError>
    where
        F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, T> + Send,
    {
        let mut connection = self.reader().await?;
        let answer = ask(&mut connection).await;
        self.give_back(connection);
        answer
    }

    /// The same for what may take long: SQLite would hold up the thread that answers requests.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn read_aside<T, F>(&self, ask: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, T> + Send + 'static,
    {
        if let Tables::Server(server) = &self.0 {
            let mut connection = server.own().await?;
            let answer = ask(&mut connection).await;
            if answer.is_err() {
                // What it was asked may still be under way.
                connection.close()?;
            }
            return answer;
        }
        let database = self.clone();
        let asked = tokio::task::spawn_blocking(move || Handle::current().block_on(database.read(ask)));
        // It panicked, or the runtime ends.
        asked.await.map_err(|_gone| DatabaseError::Unavailable)?
    }

    /// A connection for some reads.
    async fn reader(&self) -> Result<Connection, DatabaseError> {
        Ok(match &self.0 {
            Tables::File { readers, .. } => readers.take()?,
            Tables::Server(server) => server.shared().await?,
        })
    }

    /// A connection for reads in a transaction of their own.
    async fn own_reader(&self) -> Result<Connection, DatabaseError> {
        Ok(match &self.0 {
            Tables::File { readers, .. } => readers.take()?,
            Tables::Server(server) => server.own().await?,
        })
    }

    /// Leaves it to the next. One of PostgreSQL that is shared stays where it is; one's own is closed, as something may be open on it.
    fn give_back(&self, connection: Connection) {
        match &self.0 {
            Tables::File { readers, .. } => readers.give_back(connection),
            // It leaves nothing to close.
            Tables::Server(_) => connection.close().unwrap_or_default(),
        }
    }

    /// Writes in one transaction, and answers once that is on disk. If `change` fails, nothing of it is.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, T> + Send + 'static,
    {
        match &self.0 {
            Tables::File { writer, .. } => writer.write(change).await,
            Tables::Server(server) => server.write(change).await,
        }
    }

    /// Ends all writes that have begun, then closes the files.
    pub async fn close(self) {
        match self.0 {
            Tables::File { readers, writer } => {
                readers.close();
                writer.close().await;
            }
            Tables::Server(server) => server.close().await,
        }
    }
}

impl From<SqlError> for DatabaseError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Overtaken => Self::Overtaken,
            SqlError::NoRoom => Self::Unavailable,
            error => Self::Failed(error),
        }
    }
}

/// How long a connection to PostgreSQL, or a place in the queue of writes to SQLite, may be waited for.
const PATIENCE: Duration = Duration::from_secs(10);
