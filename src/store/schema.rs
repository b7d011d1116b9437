//! The database: how it is opened, its tables, and the steps from one format to the next.
//!
//! `SQLite` in WAL mode with `synchronous=FULL`: what has been committed is on the disk. The format's number is
//! `user_version`; step *n* leads from format *n* to *n* + 1. A step that has been released is never edited.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::StoreError;

/// How long to wait for another program that has the database open, such as a person's own `sqlite3`.
const BUSY: Duration = Duration::from_secs(2);

/// Every step there has been.
const STEPS: &[&str] = &[FIRST, SECOND, THIRD];

const FIRST: &str = "
    -- One row once the profile has been created. `proof` is sealed and empty: it opens under the right master key only.
    create table profile (
        one integer primary key check (one = 1),
        id blob not null check (length(id) = 16),
        name text not null,
        protection text not null check (protection in ('keyring', 'passphrase', 'unprotected')),
        proof blob not null
    ) strict;
    -- One row if a passphrase protects the profile: the master key under it.
    create table passphrase (
        one integer primary key references profile (one),
        salt blob not null check (length(salt) = 16),
        memory_kib integer not null,
        passes integer not null,
        lanes integer not null,
        sealed blob not null
    ) strict;
    create table keys (name text primary key, sealed blob not null) strict;

    -- Signed data that every member of the party has: in clear. `place` keeps the order of arrival.
    create table ops (
        place integer primary key,
        party blob not null check (length(party) = 32),
        id blob not null check (length(id) = 32),
        body blob not null,
        unique (party, id)
    ) strict;

    create table invitations (
        id blob primary key check (length(id) = 16),
        party blob not null check (length(party) = 32),
        sealed blob not null
    ) strict;
    create table pending (id blob primary key check (length(id) = 16), sealed blob not null) strict;

    create table wrong_pins (at integer not null) strict;
    create index wrong_pins_by_time on wrong_pins (at);
    create table addresses (
        endpoint blob not null check (length(endpoint) = 32),
        place integer not null,
        address text not null,
        primary key (endpoint, place)
    ) strict;
    create table settings (key text primary key, value text not null) strict;
";

const SECOND: &str = "
    -- A party's number in the table of ops; how many ops it has there, and how many of them this device wrote: what a party
    -- has lost shows by that. `incomplete` is set when some were lost, until they have come back.
    create table parties (
        number integer primary key,
        id blob not null unique check (length(id) = 32),
        ops integer not null default 0,
        own integer not null default 0,
        incomplete integer not null default 0 check (incomplete in (0, 1))
    ) strict;
    -- As they were stored in format 1: packed as soon as the master key is known.
    alter table ops rename to former_ops;
    -- `place` keeps the order of arrival.
    create table ops (
        place integer primary key,
        party integer not null,
        packed blob not null
    ) strict;
    -- How many entries of a party's log, in the order of their arrival, have been read.
    create table read_marks (
        party blob primary key check (length(party) = 32),
        entries integer not null
    ) strict;
    -- When somebody was last online, by the clock of this machine.
    create table seen (
        identity blob primary key check (length(identity) = 32),
        at integer not null
    ) strict;
";

const THIRD: &str = "
    -- Where this person is known, by the service's URL.
    create table accounts (issuer text primary key, sealed blob not null) strict;
";

/// Opens the database in a file that exists, empty or not, and brings it to the format of this program.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut database = connect(path)?;
    database.pragma_update(None, "journal_mode", "wal")?;
    database.pragma_update(None, "synchronous", "full")?;
    // On macOS a plain fsync does not reach the disk. Elsewhere these two change nothing.
    database.pragma_update(None, "fullfsync", "on")?;
    database.pragma_update(None, "checkpoint_fullfsync", "on")?;
    database.pragma_update(None, "foreign_keys", "on")?;
    check(&database)?;
    migrate(&mut database, STEPS)?;
    Ok(database)
}

/// Opens a damaged database to read what is left of it, after all of it is in the one file.
pub(super) fn open_damaged(path: &Path) -> Result<Connection, StoreError> {
    let database = connect(path)?;
    // Otherwise a file that was cut off is not opened at all.
    database.pragma_update(None, "writable_schema", "on")?;
    let is_busy: bool = database.query_one("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if is_busy { Err(StoreError::InUse) } else { Ok(database) }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let database = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE,
    )?;
    database.busy_timeout(BUSY)?;
    // The file may have been made by somebody else: nothing in its schema may run.
    database.pragma_update(None, "trusted_schema", "off")?;
    database.pragma_update(None, "cell_size_check", "on")?;
    Ok(database)
}

/// Reads the whole file once, so that damage is found at the start and not in the middle of an admission.
fn check(database: &Connection) -> Result<(), StoreError> {
    let verdict: String = database.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(StoreError::Damaged("the database file"))
    }
}

/// Takes the steps that the database has not seen, all of them or none.
fn migrate(database: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let done = usize::try_from(found).unwrap_or_default();
    for step in steps.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "create table tasks (title text not null) strict;";
    const TWO: &str = "alter table tasks add column done integer not null default 0;";
    const BROKEN: &str = "update tasks set done = 1; create table broken (";

    fn version(database: &Connection) -> i64 {
        database
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn older_format_is_brought_up_with_its_rows() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate(&mut database, &[ONE]).unwrap();
        database.execute("insert into tasks values ('buy milk')", []).unwrap();
        for _ in 0..2 {
            migrate(&mut database, &[ONE, TWO]).unwrap();
            assert_eq!(version(&database), 2);
        }
        let row = database
            .query_one("select title, done from tasks", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, ("buy milk".to_owned(), 0));
    }

    #[test]
    fn newer_format_is_refused_and_left_alone() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate(&mut database, &[ONE, TWO]).unwrap();
        let refused = migrate(&mut database, &[ONE]);
        assert!(matches!(refused, Err(StoreError::Newer { found: 2, known: 1 })));
        assert_eq!(version(&database), 2);
    }

    #[test]
    fn steps_are_taken_all_or_none() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate(&mut database, &[ONE]).unwrap();
        database.execute("insert into tasks values ('buy milk')", []).unwrap();
        assert!(migrate(&mut database, &[ONE, TWO, BROKEN]).is_err());
        assert_eq!(version(&database), 1);
        assert!(database.prepare("select done from tasks").is_err());
    }

    #[test]
    fn steps_of_this_program_make_a_sound_database_that_syncs_every_commit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, "").unwrap();
        let database = open(&path).unwrap();
        assert_eq!(version(&database), i64::try_from(STEPS.len()).unwrap());
        let pragma = |name| {
            database
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!(
            (pragma("synchronous"), pragma("foreign_keys"), pragma("trusted_schema")),
            (2, 1, 0)
        );
        let mode: String = database
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
        drop(database);
        open(&path).unwrap();
    }
}
