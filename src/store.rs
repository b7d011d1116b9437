//! The only room that touches files and the keyring: one folder for each profile.
//!
//! # What is where
//!
//! | file | what |
//! |---|---|
//! | `partyline.db` | everything, in `SQLite` |
//! | `partyline.db.damaged` | the former one, if it was damaged and what could be read of it was saved |
//! | `lock` | held while a process uses the profile |
//! | `dmk` | the master key, only if the person chose to store it without protection. Leave it out of backups |
//!
//! Sealed in the database, row by row (`seal.rs`): the seeds of the identity, device and endpoint keys, invitation records
//! (they hold the invitation's secret) and unfinished redemptions (they hold the code). In clear: the person's name, ops
//! (packed, `pack.rs`), settings, last known addresses, when members were last seen. **Ops are not sealed**: they are signed and every member of the party has them, but who
//! can read this user's files can read the parties' contents. Encrypt the disk against that.
//!
//! One random master key seals it all. It is kept in the operating system's keyring, or under a passphrase (Argon2id), or,
//! if the person says so, in a file.
//!
//! # Invariants
//!
//! - **Invariant:** when [`Store::write`] returns, everything in it is on the disk; if it fails, nothing is.
//! - **Invariant:** the master key is stored before the first row that it seals. A crash in between leaves a new profile
//!   and a key that nobody needs.
//! - **Invariant:** a profile never gets a second master key. A keyring that has lost it is an error.
//! - **Invariant:** one process uses a folder at a time, and no other user of the machine can read it.

mod change;
mod compact;
mod error;
mod export;
mod folder;
mod keyring;
mod load;
mod ops;
mod pack;
mod passphrase;
mod profile;
mod salvage;
mod schema;
mod seal;
mod thread;

use std::fmt;
use std::path::Path;

use rand::CryptoRng;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use zeroize::Zeroizing;

use crate::identity::{DeviceKey, IdentityId, Keys};
use folder::Folder;
use ops::{Codes, Writer};
use passphrase::Wrapped;
use profile::Profile;
use seal::{MasterKey, Table};

pub use change::Change;
pub use compact::Compacted;
pub use error::StoreError;
pub use export::{read_file, write_folder};
pub use keyring::{Keyring, keyring_available};
pub use load::{StoredInvitation, StoredPending};
pub use ops::StoredParty;
pub use passphrase::PassphraseCost;
pub use profile::{ProfileState, Protection, ProtectionKind, Unlock};
pub use thread::StoreThread;

/// Rows of the table `keys`. The name is bound into the sealed seed: it never changes.
const IDENTITY: &str = "identity";
const DEVICE: &str = "device";
const ENDPOINT: &str = "endpoint";
/// In the place of the identity's seed where that is on another device: who it is, and what it has signed for this one.
const CERTIFICATE: &str = "certificate";

/// What the store takes from outside.
pub struct Outside {
    /// Nonces, salts, the master key.
    pub rng: Box<dyn CryptoRng + Send>,
    /// Where the master key is kept if it is kept in a keyring.
    pub keyring: Keyring,
    /// What a passphrase costs in a profile that is created now.
    pub passphrase_cost: PassphraseCost,
}

impl Outside {
    /// The operating system's generator and keyring, and the standard cost.
    #[must_use]
    pub fn system() -> Self {
        Self {
            rng: Box::new(UnwrapErr(SysRng)),
            keyring: Keyring::system(),
            passphrase_cost: PassphraseCost::STANDARD,
        }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside")
            .field("keyring", &self.keyring)
            .finish_non_exhaustive()
    }
}

/// One profile on the disk. Used by one thread at a time; see [`StoreThread`].
pub struct Store {
    // Before the folder: the database closes first, then the lock is released.
    database: Connection,
    folder: Folder,
    outside: Outside,
    state: ProfileState,
    /// Known while the profile is open.
    key: Option<MasterKey>,
    writer: Writer,
}

impl Store {
    /// Opens the profile in this folder, or makes room for one. No secret is touched yet.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Exposed`], [`StoreError::Newer`], [`StoreError::Damaged`], [`StoreError::Full`],
    /// or [`StoreError::Io`] if the folder cannot be made or used.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, Outside::system())
    }

    /// As [`Self::open`], with another outside. For tests.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(folder: &Path, outside: Outside) -> Result<Self, StoreError> {
        let folder = Folder::open(folder)?;
        let database = salvage::open(&folder)?;
        let state = match Profile::load(&database)? {
            Some(profile) => ProfileState::Locked(profile.protection),
            None => ProfileState::New,
        };
        Ok(Self {
            database,
            folder,
            outside,
            state,
            key: None,
            writer: Writer::default(),
        })
    }

    /// What is on the disk: no profile, or one and how its master key is kept. Opening it does not change that; see
    /// [`Self::is_open`].
    #[must_use]
    pub const fn state(&self) -> ProfileState {
        self.state
    }

    /// Whether the master key is known, so that sealed rows can be read and anything can be written.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.key.is_some()
    }

    /// Whether the keyring answers; see [`Keyring::available`].
    #[must_use]
    pub fn keyring_available(&self) -> bool {
        self.outside.keyring.available()
    }

    /// Creates the profile with these keys and this name, and leaves it open. Takes up to 30 s if it asks the keyring.
    ///
    /// After a crash or a failure in the middle the profile is still [`ProfileState::New`].
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::KeyringUnavailable`], [`StoreError::Full`], [`StoreError::Io`].
    pub fn create(&mut self, protection: Protection<'_>, keys: &Keys, name: &str) -> Result<(), StoreError> {
        if self.state != ProfileState::New {
            return Err(StoreError::Exists);
        }
        let rng = &mut *self.outside.rng;
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let key = MasterKey::generate(rng);
        let wrapped = match protection {
            Protection::Keyring => {
                self.outside.keyring.keep(&id, &key)?;
                None
            }
            Protection::Passphrase(passphrase) => {
                Some(Wrapped::new(&key, passphrase, self.outside.passphrase_cost, &id, rng)?)
            }
            Protection::Unprotected => {
                self.folder.write_master_key(key.as_bytes())?;
                None
            }
        };

        let profile = Profile {
            id,
            protection: protection.kind(),
            proof: key.seal(Table::Profile, &id, b"", rng)?,
        };
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        profile.insert(&transaction, name)?;
        if let Some(wrapped) = wrapped {
            wrapped.insert(&transaction)?;
        }
        let identity = keys
            .identity
            .key()
            .ok_or(StoreError::Damaged("a profile begins with its identity"))?;
        let seeds = [
            (IDENTITY, identity.seed()),
            (DEVICE, keys.device.seed()),
            (ENDPOINT, keys.endpoint.seed()),
        ];
        for (row, seed) in seeds {
            let sealed = key.seal(Table::Keys, row.as_bytes(), &*seed, rng)?;
            transaction.execute("insert into keys (name, sealed) values (?, ?)", (row, sealed))?;
        }
        transaction.commit()?;
        self.state = ProfileState::Locked(profile.protection);
        self.key = Some(key);
        Ok(())
    }

    /// Opens the profile. Takes up to 30 s if it asks the keyring.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if there is no profile, [`StoreError::OtherProtection`], [`StoreError::WrongPassphrase`],
    /// [`StoreError::KeyringUnavailable`], [`StoreError::KeyMissing`], [`StoreError::Damaged`].
    pub fn unlock(&mut self, unlock: Unlock<'_>) -> Result<(), StoreError> {
        let profile = Profile::load(&self.database)?.ok_or(StoreError::Locked)?;
        if unlock.kind() != profile.protection {
            return Err(StoreError::OtherProtection);
        }
        let key = match unlock {
            Unlock::Keyring => self.outside.keyring.fetch(&profile.id)?,
            Unlock::Passphrase(passphrase) => Wrapped::load(&self.database)?.open(passphrase, &profile.id)?,
            Unlock::Unprotected => self
                .folder
                .read_master_key()?
                .map(MasterKey::from_bytes)
                .ok_or(StoreError::KeyMissing)?,
        };
        if key.open(Table::Profile, &profile.id, &profile.proof).is_err() {
            // A key, but another one. Under a passphrase that cannot be: it was sealed itself.
            return Err(match unlock {
                Unlock::Keyring | Unlock::Unprotected => StoreError::KeyMissing,
                Unlock::Passphrase(_) => StoreError::Damaged("the proof of the master key"),
            });
        }
        self.key = Some(key);
        Ok(())
    }

    /// The person's keys.
    ///
    /// # Errors
    /// If the profile is not open, a seed is damaged, or the database cannot be read.
    pub fn keys(&self) -> Result<Keys, StoreError> {
        let (device, endpoint) = (self.seed(DEVICE)?, self.seed(ENDPOINT)?);
        let Some(certificate) = self.sealed_key(CERTIFICATE)? else {
            return Ok(Keys::from_seeds(&*self.seed(IDENTITY)?, &device, &endpoint));
        };
        let parts = certificate.split_first_chunk();
        let parts = parts.and_then(|(identity, signature)| Some((*identity, signature.try_into().ok()?)));
        let (identity, signature) = parts.ok_or(StoreError::Damaged("the device's certificate"))?;
        Keys::certified(&device, &endpoint, IdentityId::from_bytes(identity), signature)
            .or(Err(StoreError::Damaged("the device's certificate")))
    }

    /// The person's name.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if there is no profile, or the database cannot be read.
    pub fn name(&self) -> Result<String, StoreError> {
        let name = self
            .database
            .query_one("select name from profile", [], |row| row.get(0))
            .optional()?;
        name.ok_or(StoreError::Locked)
    }

    /// Makes these changes, all or none. When this returns, they are on the disk.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Full`], [`StoreError::Io`].
    pub fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let codes = self.codes()?;
        let key = self.key.as_ref().ok_or(StoreError::Locked)?;
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Back only if all goes well: what it learns is on the disk then.
        let mut writer = std::mem::take(&mut self.writer);
        for change in changes {
            change.apply(&transaction, (key, &codes), &mut writer, &mut *self.outside.rng)?;
        }
        transaction.commit()?;
        self.writer = writer;
        Ok(())
    }

    fn key(&self) -> Result<&MasterKey, StoreError> {
        self.key.as_ref().ok_or(StoreError::Locked)
    }

    fn codes(&self) -> Result<Codes, StoreError> {
        let device = DeviceKey::from_seed(&*self.seed(DEVICE)?).id();
        Codes::new(self.key()?, device)
    }

    fn seed(&self, row: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let seed = self.sealed_key(row)?;
        seal::to_key(&seed.ok_or(StoreError::Damaged("a seed is missing"))?)
    }

    /// What a row of the table `keys` holds, if it is there.
    fn sealed_key(&self, row: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let key = self.key()?;
        let sealed: Option<Vec<u8>> = self
            .database
            .query_one("select sealed from keys where name = ?", [row], |row| row.get(0))
            .optional()?;
        sealed
            .map(|sealed| key.open(Table::Keys, row.as_bytes(), &sealed))
            .transpose()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("state", &self.state)
            .field("open", &self.is_open())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
