//! The service's tables: SQLite in its own folder, or PostgreSQL by URL. The only part that names sqlx.
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
pub mod queue;
pub mod refresh;
pub mod replayed;
mod schema;
pub mod server;
pub mod sessions;
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
use sqlx::{AnyConnection, AnyPool};

pub use self::writer::Task;
pub use sqlx::AnyConnection as Connection;

/// The tables.
#[derive(Clone, Debug)]
pub struct Database {
    dialect: Dialect,
    reads: AnyPool,
    writes: Writes,
}

#[derive(Clone, Debug)]
enum Writes {
    /// One writer for all.
    Grouped(writer::Writer),
    /// A transaction each.
    Each(AnyPool),
}

/// Which of the two databases it is, for the few statements that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// That of a connection.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        if connection.backend_name() == "SQLite" {
            Self::Sqlite
        } else {
            Self::Postgres
        }
    }
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
        source: sqlx::Error,
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
    Failed(#[from] sqlx::Error),
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
        self.dialect
    }

    /// Reads, beside all writes.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn read<T, F>(&self, ask: F) -> Result<T, DatabaseError>
    where
        F: for<'c> FnOnce(&'c mut AnyConnection) -> Answer<'c, T> + Send,
    {
        let mut connection = self.reads.acquire().await?;
        ask(&mut connection).await
    }

    /// Writes in one transaction, and answers once that is on disk. If `change` fails, nothing of it is.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut AnyConnection) -> Answer<'c, T> + Send + 'static,
    {
        match &self.writes {
            Writes::Grouped(writer) => writer.write(change).await,
            Writes::Each(pool) => {
                let mut transaction = pool.begin().await?;
                let answer = change(&mut transaction).await?;
                transaction.commit().await?;
                Ok(answer)
            }
        }
    }

    /// Ends all writes that have begun, then closes the files.
    pub async fn close(self) {
        if let Writes::Grouped(writer) = self.writes {
            writer.close().await;
        }
        self.reads.close().await;
    }
}

/// How long a connection, or a place in the queue of writes, may be waited for.
const PATIENCE: Duration = Duration::from_secs(10);
