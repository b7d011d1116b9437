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
use super::pack::{BLOCK, Block, News, Packer};
use super::seal::{MasterKey, Table};
use crate::identity::DeviceId;
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
    /// How many ops this device had written before any were lost. It must not write anew what others may have of it.
    pub own: u64,
}

/// The block that a party's next op goes into.
#[derive(Debug)]
struct Open {
    packer: Packer,
    /// The number of the block.
    number: i64,
}

/// Writes ops of all parties.
#[derive(Debug, Default)]
pub(super) struct Writer {
    open: BTreeMap<PartyId, Open>,
}

/// Makes and checks the codes, and knows this device's own ops.
pub(super) struct Codes {
    hmac: Hmac<Sha256>,
    device: DeviceId,
}

impl Codes {
    pub(super) fn new(key: &MasterKey, device: DeviceId) -> Result<Self, StoreError> {
        let hmac = Hmac::new_from_slice(&*key.table_key(Table::Ops)?);
        let hmac = hmac.or(Err(StoreError::Damaged("the length of a key")))?;
        Ok(Self { hmac, device })
    }

    fn of(&self, verdicts: u8, op: &Op) -> Hmac<Sha256> {
        let mut hmac = self.hmac.clone();
        hmac.update(&[verdicts]);
        hmac.update(op.id().as_bytes());
        hmac.update(op.signature());
        hmac
    }

    fn make(&self, verdicts: u8, op: &Op) -> [u8; CODE] {
        let code: [u8; 32] = self.of(verdicts, op).finalize().into_bytes().into();
        code.first_chunk().copied().unwrap_or_default()
    }
}

/// Reads rows, one block of a party after another.
struct Reader<'a> {
    codes: &'a Codes,
    /// The op that was read last, as it was before it was packed.
    op: Vec<u8>,
}

impl<'a> Reader<'a> {
    const fn new(codes: &'a Codes) -> Self {
        Self { codes, op: Vec::new() }
    }

    /// The op of a row; none if the row is damaged. The block learns what later rows may name.
    fn read(&mut self, block: &mut Block, place: i64, row: &[u8]) -> Option<Op> {
        let (verdicts, row) = row.split_first()?;
        let (code, packed) = row.split_first_chunk::<CODE>()?;
        let news = if verdicts & PLAIN == 0 {
            block.unpack(place, packed, &mut self.op)?
        } else {
            packed.clone_into(&mut self.op);
            News::default()
        };
        let stored = Op::reopen(&self.op, *verdicts).ok();
        let known = stored.filter(|op| self.codes.of(*verdicts, op).verify_truncated_left(code).is_ok());
        let op = known.or_else(|| Op::open(&self.op).ok())?;
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
        (id, ops): (PartyId, &[Op]),
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
            let (verdicts, packed, news) = match open.packer.pack(place, op.bytes()) {
                Some((packed, news)) => (verdicts, packed, news),
                None => (verdicts | PLAIN, op.bytes().to_vec(), Default::default()),
            };
            let row = [&[verdicts], &codes.make(verdicts, op)[..], &packed].concat();
            insert.execute((place, party, row))?;
            open.packer.learn(place, *op.id().as_bytes(), news);
            place = place.saturating_add(1);
        }
        let own = ops.iter().filter(|op| op.device() == codes.device).count();
        // What comes back to an incomplete party was counted before.
        let sql = "update parties set ops = ops + ?, own = own + ? where number = ? and not incomplete";
        transaction
            .prepare_cached(sql)?
            .execute((signed(ops.len()), signed(own), party))?;
        Ok(())
    }

    /// Stores all ops of a party anew, in the place of what there is of it. Nothing is lost of it then.
    pub(super) fn replace(
        &mut self,
        transaction: &Transaction<'_>,
        codes: &Codes,
        (id, ops): (PartyId, &[Op]),
    ) -> Result<(), StoreError> {
        self.delete(transaction, id)?;
        self.append(transaction, codes, (id, ops))
    }

    /// Forgets a party's ops.
    pub(super) fn delete(&mut self, transaction: &Transaction<'_>, id: PartyId) -> rusqlite::Result<()> {
        self.open.remove(&id);
        let sql = "delete from ops where party = (select number from parties where id = ?)";
        transaction.execute(sql, [id.as_bytes()])?;
        transaction.execute("delete from parties where id = ?", [id.as_bytes()])?;
        Ok(())
    }
}

impl Open {
    /// No block that there is.
    fn unread() -> Self {
        Self {
            packer: Packer::default(),
            number: -1,
        }
    }

    /// A block as it is on the disk.
    fn read(database: &Connection, codes: &Codes, party: i64, number: i64) -> Result<Self, StoreError> {
        let first = number.saturating_mul(BLOCK);
        let sql = "select place, packed from ops where place >= ? and place < ? and party = ? order by place";
        let mut statement = database.prepare_cached(sql)?;
        let mut rows = statement.query((first, first.saturating_add(BLOCK), party))?;
        let (mut block, mut reader) = (Block::default(), Reader::new(codes));
        while let Some(row) = rows.next()? {
            // A row that is lost adds nothing, here and when it is loaded.
            if let Ok(packed) = row.get_ref(1)?.as_blob() {
                reader.read(&mut block, row.get(0)?, packed);
            }
        }
        let packer = block.indexed(first);
        Ok(Self { packer, number })
    }
}

/// What is stored of every party, or of `only` this one. A party that has fewer ops than it should is marked, and damaged rows
/// are gone afterwards.
pub(super) fn load(
    database: &mut Connection,
    codes: &Codes,
    only: Option<PartyId>,
) -> Result<BTreeMap<PartyId, StoredParty>, StoreError> {
    let mut parties = parties(database)?;
    if let Some(only) = only {
        parties.retain(|_, party| party.id == only);
    }
    let (mut damaged, mut reader) = (Vec::new(), Reader::new(codes));
    let mut statement = database.prepare("select place, party, packed from ops order by place")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let place: i64 = row.get(0)?;
        let Some(party) = parties.get_mut(&row.get(1)?) else {
            // It is nobody's, or another party's.
            damaged.extend(only.is_none().then_some(place));
            continue;
        };
        if party.block_number != place / BLOCK {
            (party.block, party.block_number) = (Block::default(), place / BLOCK);
        }
        let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        match reader.read(&mut party.block, place, packed) {
            Some(op) if op.party() == party.id => party.stored.ops.push(op),
            _ => damaged.push(place),
        }
    }
    drop(rows);
    drop(statement);

    let lost = |party: &Known| !party.stored.is_incomplete && party.stored.ops.len() as u64 != party.count;
    if !damaged.is_empty() || parties.values().any(lost) {
        let transaction = database.transaction()?;
        for place in damaged {
            transaction.execute("delete from ops where place = ?", [place])?;
        }
        for (number, party) in parties.iter_mut().filter(|(_, party)| lost(party)) {
            tracing::error!(party = %party.id.short(), "stored ops are lost");
            party.stored.is_incomplete = true;
            transaction.execute("update parties set incomplete = 1 where number = ?", [number])?;
        }
        transaction.commit()?;
    }
    let parties = parties.into_values().map(|party| (party.id, party.stored));
    Ok(parties.collect())
}

/// A party while it is read.
struct Known {
    id: PartyId,
    /// How many ops there should be.
    count: u64,
    /// The block that the last row was in.
    block: Block,
    block_number: i64,
    stored: StoredParty,
}

/// Every party by its number, without ops.
fn parties(database: &Connection) -> Result<BTreeMap<i64, Known>, StoreError> {
    let mut parties = BTreeMap::new();
    let mut statement = database.prepare("select number, id, ops, own, incomplete from parties")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let party = Known {
            id: PartyId::from_bytes(row.get(1)?),
            count: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
            block: Block::default(),
            block_number: -1,
            stored: StoredParty {
                ops: Vec::new(),
                is_incomplete: row.get(4)?,
                own: u64::try_from(row.get::<_, i64>(3)?).unwrap_or_default(),
            },
        };
        parties.insert(row.get(0)?, party);
    }
    Ok(parties)
}

/// The packed op in a row.
pub(super) fn packed(row: &[u8]) -> Option<&[u8]> {
    row.get(1 + CODE..)
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
            Ok(op) => writer.append(&transaction, codes, (id, &[op]))?,
            Err(_) => {
                let party = number(&transaction, id)?;
                transaction.execute("update parties set incomplete = 1 where number = ?", [party])?;
            }
        }
    }
    drop(rows);
    drop(select);
    transaction.execute("delete from former_ops", [])?;
    Ok(transaction.commit()?)
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

/// As the database has it.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn next_place(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let sql = "select coalesce(max(place), 0) + 1 from ops";
    transaction.prepare_cached(sql)?.query_one([], |row| row.get(0))
}
