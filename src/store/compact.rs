//! Gives back the room that nothing needs any more.
//!
//! `SQLite` keeps the pages of deleted rows for later ones, and its write-ahead log as long as it once was. Compaction writes
//! the database anew, without gaps, and empties the log. Until it is through, the disk needs room for a second copy; if there
//! is none, it fails and everything is as it was.

use super::{Store, StoreError};

/// What a compaction has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// How many bytes the database and its log took on the disk before.
    pub before: u64,
    /// How many they take now.
    pub after: u64,
}

impl Store {
    /// Writes the database anew without gaps, and empties its log. Parties that were deleted are gone from the disk then.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there is no room for the copy, [`StoreError::InUse`] if another program reads the database,
    /// [`StoreError::Io`]. Nothing is lost.
    pub fn compact(&mut self) -> Result<Compacted, StoreError> {
        let before = self.folder.database_length()?;
        self.database.execute_batch("vacuum")?;
        // The new pages are in the log until now.
        let is_busy: bool = self
            .database
            .query_one("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        if is_busy {
            return Err(StoreError::InUse);
        }
        Ok(Compacted {
            before,
            after: self.folder.database_length()?,
        })
    }
}
