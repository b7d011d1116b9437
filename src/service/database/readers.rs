//! Connections to one file of SQLite that only read, beside its writer.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::sql::{Access, Connection, SqlError};

/// Where a connection is had, and brought back to. There are as many as threads have asked at once.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    path: Arc<Path>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            idle: Arc::default(),
        }
    }

    /// One that nobody else has.
    pub(super) fn take(&self) -> Result<Connection, SqlError> {
        let idle = self.idle().pop();
        idle.map_or_else(|| Connection::open(&self.path, Access::Read), Ok)
    }

    /// Keeps one for the next, unless it is in a transaction that somebody left open, and sees an old moment.
    pub(super) fn give_back(&self, connection: Connection) {
        if connection.is_free() {
            self.idle().push(connection);
        }
    }

    /// Closes those that nobody has.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
