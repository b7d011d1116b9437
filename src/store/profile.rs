//! The profile's own row: how its master key is kept, and the proof that a key is the right one.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::StoreError;
use super::passphrase::{PassphraseCost, Wrapped};

/// How the master key of a profile is kept, with what it takes.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// In the operating system's keyring.
    Keyring,
    /// Wrapped under this passphrase, which is asked for at every start.
    Passphrase(&'a str),
    /// In a file that only this user can read. Only ever chosen explicitly.
    Unprotected,
}

/// What opens a profile: the same three, as they were chosen when it was created.
pub type Unlock<'a> = Protection<'a>;

impl Protection<'_> {
    /// Which of the three it is.
    #[must_use]
    pub const fn kind(self) -> ProtectionKind {
        match self {
            Self::Keyring => ProtectionKind::Keyring,
            Self::Passphrase(_) => ProtectionKind::Passphrase,
            Self::Unprotected => ProtectionKind::Unprotected,
        }
    }
}

impl fmt::Debug for Protection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyring => "Keyring",
            Self::Passphrase(_) => "Passphrase(<redacted>)",
            Self::Unprotected => "Unprotected",
        })
    }
}

/// How the master key of a profile is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectionKind {
    /// In the operating system's keyring.
    Keyring,
    /// Wrapped under a passphrase.
    Passphrase,
    /// In a file that only this user can read.
    Unprotected,
}

impl ProtectionKind {
    const ALL: [Self; 3] = [Self::Keyring, Self::Passphrase, Self::Unprotected];

    /// As the database has it.
    const fn word(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::Unprotected => "unprotected",
        }
    }
}

/// What is on the disk before the master key is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileState {
    /// Nobody has created a profile in this folder.
    New,
    /// There is one, and this is how its master key is kept.
    Locked(ProtectionKind),
}

/// The profile's row, without the name.
#[derive(Debug)]
pub(super) struct Profile {
    /// Random. Names the keyring's entry.
    pub(super) id: [u8; 16],
    pub(super) protection: ProtectionKind,
    /// Nothing, sealed: opens under the profile's master key only.
    pub(super) proof: Vec<u8>,
}

impl Profile {
    /// The row, if the profile has been created. Sealed rows without it are damage, never a new profile.
    pub(super) fn load(database: &Connection) -> Result<Option<Self>, StoreError> {
        let row = database
            .query_one("select id, protection, proof from profile", [], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((id, word, proof)) = row else {
            let sealed = "select exists (select 1 from keys) or exists (select 1 from invitations)
                or exists (select 1 from pending) or exists (select 1 from passphrase)";
            return match database.query_one(sealed, [], |row| row.get(0))? {
                true => Err(StoreError::Damaged("the profile's row is missing")),
                false => Ok(None),
            };
        };
        let protection = ProtectionKind::ALL.into_iter().find(|kind| kind.word() == word);
        let protection = protection.ok_or(StoreError::Damaged("the profile's protection"))?;
        Ok(Some(Self { id, protection, proof }))
    }

    /// Adds the row. Fails if there is one.
    pub(super) fn insert(&self, transaction: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
        transaction.execute(
            "insert into profile (one, id, name, protection, proof) values (1, ?, ?, ?, ?)",
            (self.id, name, self.protection.word(), &self.proof),
        )?;
        Ok(())
    }
}

impl Wrapped {
    /// The wrapped master key of a profile that a passphrase protects.
    pub(super) fn load(database: &Connection) -> Result<Self, StoreError> {
        let row = database
            .query_one(
                "select salt, memory_kib, passes, lanes, sealed from passphrase",
                [],
                |row| {
                    let cost = PassphraseCost {
                        memory_kib: row.get(1)?,
                        passes: row.get(2)?,
                        lanes: row.get(3)?,
                    };
                    Ok(Self {
                        salt: row.get(0)?,
                        cost,
                        sealed: row.get(4)?,
                    })
                },
            )
            .optional()?;
        row.ok_or(StoreError::Damaged("the wrapped key is missing"))
    }

    /// Adds it to the profile's row.
    pub(super) fn insert(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let PassphraseCost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        transaction.execute(
            "insert into passphrase (one, salt, memory_kib, passes, lanes, sealed) values (1, ?, ?, ?, ?, ?)",
            (self.salt, memory_kib, passes, lanes, &self.sealed),
        )?;
        Ok(())
    }
}
