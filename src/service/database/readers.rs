//! Connections to one file of SQLite that only read, beside its writer.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::sql::{Access, Connection, SqlError};

/// Connections that are kept for the next. There are as many at once as threads that ask, and few of those.
const KEPT: usize = 4;

/// Where a connection is had, and brought back to.
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
        let mut idle = self.idle();
        if idle.len() < KEPT && connection.is_free() {
            idle.push(connection);
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
