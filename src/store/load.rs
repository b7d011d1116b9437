//! Reads a profile back: what an engine needs at its start.

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::OptionalExtension as _;
use zeroize::Zeroizing;

use super::ops::{self, StoredParty};
use super::seal::Table;
use super::{Store, StoreError, change};
use crate::identity::{EndpointId, IdentityId};
use crate::invitation::InvitationId;
use crate::party::PartyId;
use crate::time::Timestamp;

/// An invitation record, as it was saved.
pub struct StoredInvitation {
    /// Which invitation.
    pub id: InvitationId,
    /// To which party.
    pub party: PartyId,
    /// The record, encoded. Secret.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for StoredInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredInvitation")
            .field("id", &self.id)
            .field("party", &self.party)
            .finish_non_exhaustive()
    }
}

/// An unfinished redemption, as it was saved.
pub struct StoredPending {
    /// Which invitation it redeems.
    pub id: InvitationId,
    /// The redemption, encoded. Secret.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for StoredPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredPending")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Loaders. Those of sealed rows fail with [`StoreError::Locked`] until the profile is open, and with
/// [`StoreError::Damaged`] if a row was changed by anybody else.
impl Store {
    /// The ops of every party. Rows that cannot be read are removed, and their party is marked as incomplete.
    ///
    /// # Errors
    /// If the profile is not open, or the database cannot be read.
    pub fn load_ops(&mut self) -> Result<BTreeMap<PartyId, StoredParty>, StoreError> {
        let codes = self.codes()?;
        ops::pack_former(&mut self.database, &codes)?;
        ops::load(&mut self.database, &codes, None)
    }

    /// The same of one party alone; without ops if nothing is stored of it.
    ///
    /// # Errors
    /// As [`Self::load_ops`].
    pub fn load_party(&mut self, party: PartyId) -> Result<StoredParty, StoreError> {
        let codes = self.codes()?;
        let mut parties = ops::load(&mut self.database, &codes, Some(party))?;
        Ok(parties.remove(&party).unwrap_or_default())
    }

    /// Every invitation record, by id.
    ///
    /// # Errors
    /// If the profile is not open, a record is damaged, or the database cannot be read.
    pub fn load_invitations(&self) -> Result<Vec<StoredInvitation>, StoreError> {
        let key = self.key()?;
        let mut statement = self
            .database
            .prepare("select id, party, sealed from invitations order by id")?;
        let mut rows = statement.query([])?;
        let mut invitations = Vec::new();
        while let Some(row) = rows.next()? {
            let id: [u8; 16] = row.get(0)?;
            let bytes = key.open(
                Table::Invitations,
                &id,
                row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?,
            )?;
            let (id, party) = (InvitationId::from_bytes(id), PartyId::from_bytes(row.get(1)?));
            invitations.push(StoredInvitation { id, party, bytes });
        }
        Ok(invitations)
    }

    /// Every unfinished redemption, by id.
    ///
    /// # Errors
    /// If the profile is not open, a redemption is damaged, or the database cannot be read.
    pub fn load_pending(&self) -> Result<Vec<StoredPending>, StoreError> {
        let key = self.key()?;
        let mut statement = self.database.prepare("select id, sealed from pending order by id")?;
        let mut rows = statement.query([])?;
        let mut pending = Vec::new();
        while let Some(row) = rows.next()? {
            let id: [u8; 16] = row.get(0)?;
            let bytes = key.open(Table::Pending, &id, &row.get::<_, Vec<u8>>(1)?)?;
            pending.push(StoredPending {
                id: InvitationId::from_bytes(id),
                bytes,
            });
        }
        Ok(pending)
    }

    /// The accounts at invitation services, encoded.
    ///
    /// # Errors
    /// If the profile is not open, an account is damaged, or the database cannot be read.
    pub fn load_accounts(&self) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
        let key = self.key()?;
        let mut statement = self
            .database
            .prepare("select issuer, sealed from accounts order by issuer")?;
        let mut rows = statement.query([])?;
        let mut accounts = Vec::new();
        while let Some(row) = rows.next()? {
            let issuer: String = row.get(0)?;
            accounts.push(key.open(Table::Accounts, issuer.as_bytes(), &row.get::<_, Vec<u8>>(1)?)?);
        }
        Ok(accounts)
    }

    /// When wrong PINs were entered at this device since then, in order. Those of the last 30 days are remembered.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn wrong_pins_since(&self, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        let sql = "select at from wrong_pins where at >= ? order by at";
        let mut statement = self.database.prepare(sql)?;
        let rows = statement.query_map([change::millis(since)], |row| row.get::<_, i64>(0))?;
        rows.map(|at| Ok(Timestamp::from_millis(u64::try_from(at?).unwrap_or(0))))
            .collect()
    }

    /// Where each endpoint was last reached, in the order in which to try.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn load_addresses(&self) -> Result<BTreeMap<EndpointId, Vec<String>>, StoreError> {
        let mut endpoints = BTreeMap::<EndpointId, Vec<String>>::new();
        let mut statement = self
            .database
            .prepare("select endpoint, address from addresses order by endpoint, place")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            endpoints
                .entry(EndpointId::from_bytes(row.get(0)?))
                .or_default()
                .push(row.get(1)?);
        }
        Ok(endpoints)
    }

    /// How many entries of each party's log have been read. A party that was never read has none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read_marks(&self) -> Result<BTreeMap<PartyId, u64>, StoreError> {
        self.numbers("select party, entries from read_marks", PartyId::from_bytes)
    }

    /// When everybody who ever was seen online was last seen.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_seen(&self) -> Result<BTreeMap<IdentityId, Timestamp>, StoreError> {
        let seen = self.numbers("select identity, at from seen", IdentityId::from_bytes)?;
        Ok(seen
            .into_iter()
            .map(|(who, at)| (who, Timestamp::from_millis(at)))
            .collect())
    }

    /// Rows of an id and a number.
    fn numbers<Id: Ord>(&self, sql: &str, id: fn([u8; 32]) -> Id) -> Result<BTreeMap<Id, u64>, StoreError> {
        let mut statement = self.database.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((id(row.get(0)?), row.get::<_, i64>(1)?)))?;
        rows.map(|row| row.map(|(id, number)| (id, u64::try_from(number).unwrap_or_default())))
            .collect::<Result<_, _>>()
            .map_err(StoreError::from)
    }

    /// A setting, if it was ever set.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "select value from settings where key = ?";
        Ok(self.database.query_one(sql, [key], |row| row.get(0)).optional()?)
    }
}
