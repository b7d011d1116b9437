//! The table of ops: packed, and each with a code by which the store knows its own rows again.
//!
//! A row is `verdicts ‖ code ‖ packed op` ([`super::pack`]). The code is HMAC-SHA256 over the verdicts, the op's id and its
//! signature, under a key that only this profile has, cut to eight bytes. Whatever carries a good code was opened before it was
//! stored and has not changed since, so that its signatures need not be checked again at each start: that alone would take
//! four seconds for 100,000 ops. A row without one is opened like an op of a peer, and if that fails, it is damage.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use sha2::Sha256;

use super::StoreError;
use super::pack::{BLOCK, Block};
use super::seal::{MasterKey, Table};
use crate::party::{Op, PartyId};

/// Length of the code.
const CODE: usize = 8;
/// Stands in the verdicts of an op that could not be packed.
const PLAIN: u8 = 0x80;

/// What is stored of a party.
#[derive(Clone, Debug, Default)]
pub struct StoredParty {
    /// The ops that can be read, in the order in which they were stored.
    pub ops: Vec<Op>,
    /// Whether ops have been lost, now or at an earlier start, that have not come back yet.
    pub is_incomplete: bool,
}

/// The block that a party's next op goes into.
#[derive(Debug, Default)]
struct Open {
    block: Block,
    /// The number of the block.
    number: i64,
}

/// Writes ops of all parties.
#[derive(Debug, Default)]
pub(super) struct Writer {
    open: BTreeMap<PartyId, Open>,
}

/// Makes and checks the codes.
pub(super) struct Codes(Hmac<Sha256>);

impl Codes {
    pub(super) fn new(key: &MasterKey) -> Result<Self, StoreError> {
        let hmac = Hmac::new_from_slice(&*key.table_key(Table::Ops)?);
        hmac.map(Self).or(Err(StoreError::Damaged("the length of a key")))
    }

    fn of(&self, verdicts: u8, op: &Op) -> Hmac<Sha256> {
        let mut hmac = self.0.clone();
        hmac.update(&[verdicts]);
        hmac.update(op.id().as_bytes());
        hmac.update(op.signature());
        hmac
    }

    fn make(&self, verdicts: u8, op: &Op) -> [u8; CODE] {
        let code: [u8; 32] = self.of(verdicts, op).finalize().into_bytes().into();
        code.first_chunk().copied().unwrap_or_default()
    }

    /// The op of a row; none if the row is damaged. The block learns what later rows may name.
    fn read(&self, block: &mut Block, place: i64, row: &[u8]) -> Option<Op> {
        let (verdicts, row) = row.split_first()?;
        let (code, packed) = row.split_first_chunk::<CODE>()?;
        let (bytes, news) = if verdicts & PLAIN == 0 {
            block.unpack(place, packed)?
        } else {
            (packed.to_vec(), Default::default())
        };
        let stored = Op::reopen(&bytes, *verdicts).ok();
        let known = stored.filter(|op| self.of(*verdicts, op).verify_truncated_left(code).is_ok());
        let op = known.or_else(|| Op::open(&bytes).ok())?;
        block.learn(place, *op.id().as_bytes(), news);
        Some(op)
    }
}

impl Writer {
    /// Adds ops to a party, in this order.
    ///
    /// If the transaction fails, this writer knows what is not there: use another one.
    pub(super) fn append(
        &mut self,
        transaction: &Transaction<'_>,
        codes: &Codes,
        id: PartyId,
        ops: &[Op],
    ) -> Result<(), StoreError> {
        let party = number(transaction, id)?;
        let mut place = next_place(transaction)?;
        let mut insert = transaction.prepare_cached("insert into ops (place, party, packed) values (?, ?, ?)")?;
        for op in ops {
            let open = self.open.entry(id).or_insert_with(Open::unread);
            if open.number != place / BLOCK {
                *open = Open::read(transaction, codes, party, place / BLOCK)?;
            }
            let verdicts = op.verdicts();
            let (verdicts, packed, news) = match open.block.pack(place, op.bytes()) {
                Some((packed, news)) => (verdicts, packed, news),
                None => (verdicts | PLAIN, op.bytes().to_vec(), Default::default()),
            };
            let row = [&[verdicts], &codes.make(verdicts, op)[..], &packed].concat();
            insert.execute((place, party, row))?;
            open.block.learn(place, *op.id().as_bytes(), news);
            place = place.saturating_add(1);
        }
        Ok(())
    }
}

impl Open {
    /// No block that there is.
    fn unread() -> Self {
        Self {
            block: Block::default(),
            number: -1,
        }
    }

    /// A block as it is on the disk.
    fn read(database: &Connection, codes: &Codes, party: i64, number: i64) -> Result<Self, StoreError> {
        let first = number.saturating_mul(BLOCK);
        let sql = "select place, packed from ops where place >= ? and place < ? and party = ? order by place";
        let mut statement = database.prepare_cached(sql)?;
        let mut rows = statement.query((first, first.saturating_add(BLOCK), party))?;
        let mut block = Block::default();
        while let Some(row) = rows.next()? {
            // A row that is lost adds nothing, here and when it is loaded.
            if let Ok(packed) = row.get_ref(1)?.as_blob() {
                codes.read(&mut block, row.get(0)?, packed);
            }
        }
        Ok(Self { block, number })
    }
}

/// What is stored of every party. Damaged rows are gone afterwards, and their parties marked.
pub(super) fn load(database: &mut Connection, codes: &Codes) -> Result<BTreeMap<PartyId, StoredParty>, StoreError> {
    let (mut parties, lost) = read(database, codes)?;
    if lost.is_empty() {
        return Ok(parties);
    }
    let transaction = database.transaction()?;
    for (id, place) in lost {
        tracing::error!(party = %id.short(), place, "a stored op is damaged");
        transaction.execute("delete from ops where place = ?", [place])?;
        mark(&transaction, id, true)?;
        parties.entry(id).or_default().is_incomplete = true;
    }
    transaction.commit()?;
    Ok(parties)
}

/// What can be read of every party, and the places of the rows that cannot.
fn read(
    database: &Connection,
    codes: &Codes,
) -> Result<(BTreeMap<PartyId, StoredParty>, Vec<(PartyId, i64)>), StoreError> {
    let mut lost = Vec::new();
    let mut parties = BTreeMap::<i64, (PartyId, Open, StoredParty)>::new();
    let mut statement = database.prepare("select number, id, incomplete from parties")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let stored = StoredParty {
            ops: Vec::new(),
            is_incomplete: row.get(2)?,
        };
        parties.insert(row.get(0)?, (PartyId::from_bytes(row.get(1)?), Open::unread(), stored));
    }
    let mut statement = database.prepare("select place, party, packed from ops order by place")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let place: i64 = row.get(0)?;
        let Some((id, open, stored)) = parties.get_mut(&row.get(1)?) else {
            continue;
        };
        if open.number != place / BLOCK {
            *open = Open::unread();
            open.number = place / BLOCK;
        }
        let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        match codes.read(&mut open.block, place, packed) {
            Some(op) if op.party() == *id => stored.ops.push(op),
            _ => lost.push((*id, place)),
        }
    }
    let parties = parties.into_values().map(|(id, _, stored)| (id, stored));
    Ok((parties.collect(), lost))
}

/// Packs what a former version of this program stored as it was. It had checked the signatures; nobody vouches for them any more.
pub(super) fn pack_former(database: &mut Connection, codes: &Codes) -> Result<(), StoreError> {
    if !database.query_one("select exists (select 1 from former_ops)", [], |row| row.get(0))? {
        return Ok(());
    }
    let transaction = database.transaction()?;
    let mut writer = Writer::default();
    let mut select = transaction.prepare("select party, body from former_ops order by place")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = PartyId::from_bytes(row.get(0)?);
        match Op::open(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?) {
            Ok(op) => writer.append(&transaction, codes, id, &[op])?,
            Err(_) => mark(&transaction, id, true)?,
        }
    }
    drop(rows);
    drop(select);
    transaction.execute("delete from former_ops", [])?;
    Ok(transaction.commit()?)
}

/// Notes whether ops of a party have been lost and not come back.
pub(super) fn mark(transaction: &Transaction<'_>, id: PartyId, is_incomplete: bool) -> Result<(), StoreError> {
    let party = number(transaction, id)?;
    let sql = "update parties set incomplete = ? where number = ?";
    transaction.prepare_cached(sql)?.execute((is_incomplete, party))?;
    Ok(())
}

/// Forgets a party's ops.
pub(super) fn delete(transaction: &Transaction<'_>, id: PartyId) -> rusqlite::Result<()> {
    let sql = "delete from ops where party = (select number from parties where id = ?)";
    transaction.execute(sql, [id.as_bytes()])?;
    transaction.execute("delete from parties where id = ?", [id.as_bytes()])?;
    Ok(())
}

/// The number that stands for a party in the table of ops.
fn number(transaction: &Transaction<'_>, id: PartyId) -> Result<i64, StoreError> {
    let sql = "select number from parties where id = ?";
    let known = transaction
        .prepare_cached(sql)?
        .query_one([id.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    transaction.execute("insert into parties (id) values (?)", [id.as_bytes()])?;
    Ok(transaction.last_insert_rowid())
}

fn next_place(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let sql = "select coalesce(max(place), 0) + 1 from ops";
    transaction.prepare_cached(sql)?.query_one([], |row| row.get(0))
}
