//! What can be changed in an open profile. Each change becomes rows; several in one transaction happen together or not at all.

use std::fmt;
use std::time::Duration;

use rand::CryptoRng;
use rusqlite::Transaction;
use zeroize::Zeroizing;

use super::ops::{Codes, Writer};
use super::seal::{MasterKey, Table};
use super::{CERTIFICATE, IDENTITY, StoreError};
use crate::identity::{EndpointId, IdentityId};
use crate::invitation::InvitationId;
use crate::party::{Op, PartyId};
use crate::time::Timestamp;

/// How long a wrong PIN is remembered. Limits look back one day; the rest is for a clock that was set wrongly.
const WRONG_PINS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// One change of what is stored.
pub enum Change {
    /// Adds ops to a party, in this order. Whoever holds the party knows which are there already: those are not given again.
    AppendOps {
        /// Which party.
        party: PartyId,
        /// Opened, so they are whole and signed.
        ops: Vec<Op>,
    },
    /// Stores an invitation record, instead of the former one of the same id. Sealed.
    SaveInvitation {
        /// Which invitation.
        id: InvitationId,
        /// To which party: the record goes with it.
        party: PartyId,
        /// The record, encoded.
        bytes: Zeroizing<Vec<u8>>,
    },
    /// Forgets an invitation, if it is there.
    DeleteInvitation {
        /// Which invitation.
        id: InvitationId,
    },
    /// Counts one wrong PIN for the limit of this device.
    CountWrongPin {
        /// When it was entered.
        at: Timestamp,
    },
    /// Stores an unfinished redemption, instead of the former one of the same id. Sealed.
    SavePending {
        /// Which invitation it redeems.
        id: InvitationId,
        /// The redemption, encoded.
        bytes: Zeroizing<Vec<u8>>,
    },
    /// Forgets an unfinished redemption, if it is there.
    DeletePending {
        /// Which invitation it redeems.
        id: InvitationId,
    },
    /// Stores an account at an invitation service, instead of the former one there. Sealed.
    SaveAccount {
        /// The service's URL.
        issuer: String,
        /// The account, encoded.
        bytes: Zeroizing<Vec<u8>>,
    },
    /// Forgets an account, if it is there.
    DeleteAccount {
        /// The service's URL.
        issuer: String,
    },
    /// Stores where an endpoint was last reached, instead of what was known before.
    SaveAddresses {
        /// Which endpoint.
        endpoint: EndpointId,
        /// In the order in which to try them.
        addresses: Vec<String>,
    },
    /// Changes the person's own name.
    SetName(String),
    /// Forgets a party: its ops, its invitations and how far it was read.
    DeleteParty {
        /// Which party.
        party: PartyId,
    },
    /// Stores a party anew, in the place of what there is of it: what had been lost has come back.
    ReplaceOps {
        /// Which party.
        party: PartyId,
        /// All its ops.
        ops: Vec<Op>,
    },
    /// Stores how far a party has been read, instead of what was stored before.
    SetReadMark {
        /// Which party.
        party: PartyId,
        /// How many of the log's entries, in the order of their arrival, have been read.
        entries: u64,
    },
    /// Stores when somebody was last seen online, instead of what was stored before.
    SaveSeen {
        /// Who.
        identity: IdentityId,
        /// When, by the clock of this machine.
        at: Timestamp,
    },
    /// Stores a setting, instead of its former value. In clear.
    SetSetting {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
    /// This device becomes somebody's further one: the profile's own identity, which nobody has met, is forgotten. Sealed.
    AdoptIdentity {
        /// Who it is from now on.
        identity: IdentityId,
        /// What they have signed for this device.
        signature: [u8; 64],
    },
    /// The identity's key is here from now on, as its recovery phrase was entered. Sealed.
    HoldIdentity {
        /// The key's seed.
        seed: Zeroizing<[u8; 32]>,
    },
}

impl Change {
    /// Makes the rows. The caller commits.
    #[expect(clippy::too_many_lines, reason = "one line for each case")]
    pub(super) fn apply(
        &self,
        transaction: &Transaction<'_>,
        (key, codes): (&MasterKey, &Codes),
        writer: &mut Writer,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), StoreError> {
        match self {
            Self::AppendOps { party, ops } => writer.append(transaction, codes, (*party, ops))?,
            Self::ReplaceOps { party, ops } => writer.replace(transaction, codes, (*party, ops))?,
            Self::SaveInvitation { id, party, bytes } => {
                let sealed = key.seal(Table::Invitations, id.as_bytes(), bytes, rng)?;
                execute(
                    transaction,
                    "insert or replace into invitations (id, party, sealed) values (?, ?, ?)",
                    (id.as_bytes(), party.as_bytes(), sealed),
                )?;
            }
            Self::DeleteInvitation { id } => {
                execute(transaction, "delete from invitations where id = ?", [id.as_bytes()])?;
            }
            Self::CountWrongPin { at } => {
                let at = millis(*at);
                let kept = i64::try_from(WRONG_PINS_KEPT.as_millis()).unwrap_or(i64::MAX);
                execute(
                    transaction,
                    "delete from wrong_pins where at < ?",
                    [at.saturating_sub(kept)],
                )?;
                execute(transaction, "insert into wrong_pins (at) values (?)", [at])?;
            }
            Self::SavePending { id, bytes } => {
                let sealed = key.seal(Table::Pending, id.as_bytes(), bytes, rng)?;
                let sql = "insert or replace into pending (id, sealed) values (?, ?)";
                execute(transaction, sql, (id.as_bytes(), sealed))?;
            }
            Self::DeletePending { id } => execute(transaction, "delete from pending where id = ?", [id.as_bytes()])?,
            Self::SaveAccount { issuer, bytes } => {
                let sealed = key.seal(Table::Accounts, issuer.as_bytes(), bytes, rng)?;
                let sql = "insert or replace into accounts (issuer, sealed) values (?, ?)";
                execute(transaction, sql, (issuer, sealed))?;
            }
            Self::DeleteAccount { issuer } => execute(transaction, "delete from accounts where issuer = ?", [issuer])?,
            Self::SaveAddresses { endpoint, addresses } => {
                execute(
                    transaction,
                    "delete from addresses where endpoint = ?",
                    [endpoint.as_bytes()],
                )?;
                let sql = "insert into addresses (endpoint, place, address) values (?, ?, ?)";
                for (place, address) in (0_i64..).zip(addresses) {
                    execute(transaction, sql, (endpoint.as_bytes(), place, address))?;
                }
            }
            Self::SetName(name) => execute(transaction, "update profile set name = ?", [name])?,
            Self::DeleteParty { party } => {
                writer.delete(transaction, *party)?;
                execute(
                    transaction,
                    "delete from invitations where party = ?",
                    [party.as_bytes()],
                )?;
                execute(
                    transaction,
                    "delete from read_marks where party = ?",
                    [party.as_bytes()],
                )?;
            }
            Self::SetReadMark { party, entries } => {
                let sql = "insert or replace into read_marks (party, entries) values (?, ?)";
                let entries = i64::try_from(*entries).unwrap_or(i64::MAX);
                execute(transaction, sql, (party.as_bytes(), entries))?;
            }
            Self::SaveSeen { identity, at } => {
                let sql = "insert or replace into seen (identity, at) values (?, ?)";
                execute(transaction, sql, (identity.as_bytes(), millis(*at)))?;
            }
            Self::SetSetting { key, value } => {
                let sql = "insert or replace into settings (key, value) values (?, ?)";
                execute(transaction, sql, (key, value))?;
            }
            Self::AdoptIdentity { identity, signature } => {
                let certificate = Zeroizing::new([identity.as_bytes().as_slice(), signature].concat());
                replace_key(transaction, (IDENTITY, CERTIFICATE), &certificate, (key, rng))?;
            }
            Self::HoldIdentity { seed } => {
                replace_key(transaction, (CERTIFICATE, IDENTITY), &**seed, (key, rng))?;
            }
        }
        Ok(())
    }
}

/// Puts one row of the table `keys` in the place of another.
fn replace_key(
    transaction: &Transaction<'_>,
    (old, new): (&str, &str),
    content: &[u8],
    (key, rng): (&MasterKey, &mut dyn CryptoRng),
) -> Result<(), StoreError> {
    let sealed = key.seal(Table::Keys, new.as_bytes(), content, rng)?;
    execute(transaction, "delete from keys where name = ?", [old])?;
    let sql = "insert or replace into keys (name, sealed) values (?, ?)";
    Ok(execute(transaction, sql, (new, sealed))?)
}

/// Runs a statement that was prepared once.
fn execute(transaction: &Transaction<'_>, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<()> {
    transaction.prepare_cached(sql)?.execute(parameters)?;
    Ok(())
}

/// As the database has it. Its integers are signed; a moment beyond them is as good as the last one.
pub(super) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// Shows which change of what, and never its content.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppendOps { party, ops } => f
                .debug_struct("AppendOps")
                .field("party", party)
                .field("ops", &ops.len())
                .finish(),
            Self::SaveInvitation { id, .. } => f.debug_struct("SaveInvitation").field("id", id).finish_non_exhaustive(),
            Self::DeleteInvitation { id } => f.debug_struct("DeleteInvitation").field("id", id).finish(),
            Self::CountWrongPin { at } => f.debug_struct("CountWrongPin").field("at", at).finish(),
            Self::SavePending { id, .. } => f.debug_struct("SavePending").field("id", id).finish_non_exhaustive(),
            Self::DeletePending { id } => f.debug_struct("DeletePending").field("id", id).finish(),
            Self::SaveAccount { issuer, .. } => f
                .debug_struct("SaveAccount")
                .field("issuer", issuer)
                .finish_non_exhaustive(),
            Self::DeleteAccount { issuer } => f.debug_struct("DeleteAccount").field("issuer", issuer).finish(),
            Self::SaveAddresses { endpoint, addresses } => f
                .debug_struct("SaveAddresses")
                .field("endpoint", endpoint)
                .field("addresses", &addresses.len())
                .finish(),
            Self::SetName(_) => f.write_str("SetName(<redacted>)"),
            Self::DeleteParty { party } => f.debug_struct("DeleteParty").field("party", party).finish(),
            Self::ReplaceOps { party, ops } => f
                .debug_struct("ReplaceOps")
                .field("party", party)
                .field("ops", &ops.len())
                .finish(),
            Self::SetReadMark { party, entries } => f
                .debug_struct("SetReadMark")
                .field("party", party)
                .field("entries", entries)
                .finish(),
            Self::SaveSeen { identity, at } => f
                .debug_struct("SaveSeen")
                .field("identity", identity)
                .field("at", at)
                .finish(),
            Self::SetSetting { key, .. } => f.debug_struct("SetSetting").field("key", key).finish_non_exhaustive(),
            Self::AdoptIdentity { identity, .. } => f
                .debug_struct("AdoptIdentity")
                .field("identity", identity)
                .finish_non_exhaustive(),
            Self::HoldIdentity { .. } => f.write_str("HoldIdentity(<redacted>)"),
        }
    }
}
