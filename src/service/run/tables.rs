//! Tables that are open, with what writes into them.

use std::path::Path;

use tokio::task::JoinSet;

use super::join;
use crate::service::database::{Database, DatabaseError};
use crate::service::stop::Stopper;

/// Tables that are open until [`close`](Self::close).
#[derive(Debug)]
pub struct OpenTables {
    /// The tables.
    pub database: Database,
    writer: JoinSet<()>,
    stopper: Stopper,
}

impl OpenTables {
    /// A file of `SQLite`, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn sqlite(path: &Path) -> Result<Self, DatabaseError> {
        let (database, task) = Database::sqlite(path).await?;
        let (stopper, mut stop) = Stopper::new();
        let mut writer = JoinSet::new();
        writer.spawn(task.run(async move { stop.asked().await }));
        Ok(Self {
            database,
            writer,
            stopper,
        })
    }

    /// A database of `PostgreSQL`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`].
    pub async fn postgres(url: &str) -> Result<Self, DatabaseError> {
        Ok(Self {
            database: Database::postgres(url).await?,
            writer: JoinSet::new(),
            stopper: Stopper::new().0,
        })
    }

    /// Waits until what writes has ended, which it does not by itself.
    pub(super) async fn ended(&mut self) {
        if self.writer.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Writes what waits to be written, then closes.
    pub async fn close(mut self) {
        self.stopper.stop();
        join(&mut self.writer).await;
        self.database.close().await;
    }
}
