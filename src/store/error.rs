//! What can go wrong between the profile and the disk, the keyring or the passphrase.
//!
//! No variant carries a secret: not the passphrase, not a key, not a row's content.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked to. Whatever it was, nothing of that request has been stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another program, or another window of this one, has the profile open.
    #[error("the profile is open in another program")]
    InUse,
    /// Other users of this machine may read or write a file of the profile.
    #[error("other users can get at {}", .0.display())]
    Exposed(PathBuf),
    /// A newer version of the program wrote the profile.
    #[error("the profile has format {found}, this program knows {known}")]
    Newer {
        /// The format on disk.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// What is on disk contradicts itself, or was changed by somebody who does not have the master key.
    #[error("the profile is damaged: {0}")]
    Damaged(&'static str),
    /// The disk is full.
    #[error("the disk is full")]
    Full,

    /// The profile has been created already.
    #[error("the profile exists already")]
    Exists,
    /// The profile has not been created or unlocked yet.
    #[error("the profile is not open")]
    Locked,
    /// The master key of this profile is kept in another way than the one asked for.
    #[error("the profile's key is kept in another way")]
    OtherProtection,
    /// The passphrase does not open the profile.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The keyring does not answer, refuses, or did not answer in time.
    #[error("the keyring is unavailable: {0}")]
    KeyringUnavailable(String),
    /// The keyring or the folder answers, and does not have the key that this profile was sealed with.
    #[error("the profile's key is missing")]
    KeyMissing,

    /// The operating system refused to read or write a file. If that was the sync of a commit, only the next start can tell
    /// whether the disk has it: whole or not at all, as ever.
    #[error("the profile's files cannot be used: {0}")]
    Io(#[source] io::Error),
    /// Anything else that the database says. A bug here.
    #[error("the database refused: {0}")]
    Database(#[source] rusqlite::Error),
    /// A job on the store's thread panicked. A bug here; its transaction was rolled back and the store goes on.
    #[error("a job of the store panicked")]
    Panicked,
    /// The store's thread has ended.
    #[error("the store has been closed")]
    Closed,
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Damaged("the database file"),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::InUse,
            Some(Code::SystemIoFailure | Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                Self::Io(io::Error::other(error))
            }
            _ => match error {
                // Strict tables and our own statements: only a foreign hand puts another type or size there.
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => Self::Damaged("a column"),
                other => Self::Database(other),
            },
        }
    }
}
