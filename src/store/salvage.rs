//! Saves what can be read of a damaged database into a new one.
//!
//! A page that a disk has lost takes along what was on it, and not the profile: table by table, row by row, what can still be
//! read is copied into a new file, which then takes the place of the damaged one. That one is kept beside it
//! (`partyline.db.damaged`). What a party has lost shows when its ops are counted ([`super::ops`]); members have the rest.
//! Without the person's keys there is nothing to go on with: then the profile stays as it is, damaged.

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, Transaction, params_from_iter};

use super::folder::Folder;
use super::pack::Block;
use super::{StoreError, schema};
use crate::party::{Op, PartyId};

/// How many rows in a row may be unreadable before the rest of a table is given up: more than hang on one page of the tree.
const GAP: i64 = 1 << 16;

/// Looking for where a table can be read again, the steps grow by one each time they have covered this many rows.
const PACE: i64 = 256;

/// What the profile cannot be without: its row, its keys, and the wrapped key if a passphrase protects it.
const ESSENTIALS: &str = "select (select count(*) from keys) = 3
    and exists (select 1 from profile where protection <> 'passphrase' or exists (select 1 from passphrase))";

/// Opens the database of a folder; a damaged one after it has been replaced by what could be saved of it.
pub(super) fn open(folder: &Folder) -> Result<Connection, StoreError> {
    let path = folder.database()?;
    match schema::open(&path) {
        Err(StoreError::Damaged(what)) => {
            tracing::error!(what, "the profile is damaged");
            salvage(folder).map_err(|error| match error {
                StoreError::Full => StoreError::Full,
                error => {
                    tracing::error!(%error, "the profile could not be saved");
                    StoreError::Damaged(what)
                }
            })?;
            schema::open(&path)
        }
        other => other,
    }
}

fn salvage(folder: &Folder) -> Result<(), StoreError> {
    let damaged = schema::open_damaged(&folder.database()?)?;
    let draft = folder.new_draft()?;
    let mut new = schema::open(&draft)?;
    let transaction = new.transaction()?;
    for table in tables(&transaction)? {
        copy(&damaged, &transaction, &table)?;
    }
    name_parties(&transaction)?;
    if !transaction.query_one(ESSENTIALS, [], |row| row.get(0))? {
        return Err(StoreError::Damaged("the keys are lost"));
    }
    transaction.commit()?;
    // One file from now on, so that one rename replaces all of it.
    new.pragma_update(None, "journal_mode", "delete")?;
    new.close().map_err(|(_, error)| error)?;
    damaged.close().map_err(|(_, error)| error)?;
    folder.replace_damaged()
}

/// Every table, what others refer to first.
fn tables(database: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "select name from sqlite_schema where type = 'table' order by name <> 'profile', rowid";
    database.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// Copies the rows of a table that can be read.
fn copy(damaged: &Connection, to: &Transaction<'_>, table: &str) -> Result<(), StoreError> {
    let columns = columns(to, table)?;
    let (names, marks) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    let format: i64 = damaged.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let source = match (format, table) {
        (1, "former_ops") => "ops",
        (1, "ops") => return Ok(()),
        _ => table,
    };
    let mut insert = to.prepare(&format!("insert or ignore into {table} ({names}) values ({marks})"))?;
    let select = format!("select rowid, {names} from {source} where rowid >= ? order by rowid");
    // A table that the damaged file does not have, or no more, has nothing to copy.
    let Ok(mut select) = damaged.prepare(&select) else {
        return Ok(());
    };
    let (mut next, mut gap) = (0_i64, 0);
    while gap < GAP {
        let mut rows = select.query([next])?;
        loop {
            match rows.next() {
                Ok(None) => return Ok(()),
                Ok(Some(row)) => {
                    (next, gap) = (row.get::<_, i64>(0)?.saturating_add(1), 0);
                    let values = (1..=columns.len()).map(|at| row.get(at));
                    let values: Vec<Value> = values.collect::<rusqlite::Result<_>>()?;
                    match insert.execute(params_from_iter(values)) {
                        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {}
                        other => drop(other?),
                    }
                }
                // On to where the tree can be read again.
                Err(_) => break,
            }
        }
        let step = 1 + gap / PACE;
        (next, gap) = (next.saturating_add(step), gap.saturating_add(step));
    }
    tracing::warn!(table, "the end of a table is lost");
    Ok(())
}

fn columns(database: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "select name from pragma_table_info(?)";
    database.prepare(sql)?.query_map([table], |row| row.get(0))?.collect()
}

/// Finds out which parties ops belong to whose row in `parties` is lost: the first op of a block names it in full.
fn name_parties(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "select distinct party from ops where party not in (select number from parties)";
    let lost: Vec<i64> = transaction
        .prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for number in lost {
        let mut select = transaction.prepare("select place, packed from ops where party = ? order by place")?;
        let rows = select.query_map([number], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let id = rows.flatten().find_map(|(place, packed)| party_of(place, &packed));
        if let Some(id) = id {
            let sql = "insert or ignore into parties (number, id, incomplete) values (?, ?, 1)";
            transaction.execute(sql, (number, id.as_bytes()))?;
        }
    }
    Ok(())
}

/// The party that a row names by itself. Whether that is true shows when it is loaded.
fn party_of(place: i64, row: &[u8]) -> Option<PartyId> {
    let packed = super::ops::packed(row)?;
    let mut bytes = Vec::new();
    Block::default().unpack(place, packed, &mut bytes)?;
    Some(Op::reopen(&bytes, 0).ok()?.party())
}
