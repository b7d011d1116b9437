//! What only one process does at a time. `SQLite` has one writer anyway.

use super::{Connection, DatabaseError, Dialect, query};

/// What is done by one process at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Giving events their numbers.
    Sealing,
    /// Ending what is over and taking away what is old.
    Sweeping,
}

/// Waits until no other process does this. The lock ends with the write.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn take(connection: &mut Connection, lock: Lock) -> Result<(), DatabaseError> {
    let number = match lock {
        Lock::Sealing => 7_309_285_i64,
        Lock::Sweeping => 7_309_286,
    };
    if connection.dialect() == Dialect::Postgres {
        query("SELECT pg_advisory_xact_lock($1)")
            .bind(number)
            .execute(connection)
            .await?;
    }
    Ok(())
}
