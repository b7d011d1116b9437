//! A machine with a disk and a keyring, and what Alice has on it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::{CredentialStore, mock};
use partyline::identity::Keys;
use partyline::party::{Act, Op, Party, PartyId, TaskId};
use partyline::store::{Keyring, Outside, PassphraseCost, Protection, Store, StoreError};
use partyline::time::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rusqlite::Connection;
use tempfile::TempDir;

/// A machine: a disk and a keyring.
pub(crate) struct Machine {
    pub(crate) dir: TempDir,
    pub(crate) keyring: Arc<mock::Store>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            keyring: mock::Store::new().unwrap(),
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.dir.path().join("partyline/profile")
    }

    pub(crate) fn open(&self) -> Result<Store, StoreError> {
        let keyring = Arc::clone(&self.keyring);
        let outside = Outside {
            rng: Box::new(StdRng::seed_from_u64(7)),
            keyring: Keyring::custom(
                move || Ok(Arc::clone(&keyring) as Arc<CredentialStore>),
                Duration::from_secs(30),
            ),
            passphrase_cost: PassphraseCost {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
        };
        Store::open_with(&self.folder(), outside)
    }

    pub(crate) fn with_profile(protection: Protection<'_>) -> (Self, Store) {
        let machine = Self::new();
        let mut store = machine.open().unwrap();
        store.create(protection, &alice(), "Alice").unwrap();
        (machine, store)
    }

    /// Lets a foreign hand at the database while no store has it open.
    pub(crate) fn tamper(&self, sql: &str) {
        let database = Connection::open(self.folder().join("partyline.db")).unwrap();
        database.execute_batch(sql).unwrap();
    }
}

pub(crate) fn alice() -> Keys {
    Keys::generate(&mut StdRng::seed_from_u64(1))
}
/// A party of Alice's with some tasks, and everything that it is made of.
pub(crate) fn party(name: &str) -> (PartyId, Vec<Op>) {
    let now = Timestamp::from_millis(1_000_000);
    let mut rng = StdRng::seed_from_u64(name.len() as u64);
    let (mut party, mut ops) = Party::found(&alice(), "Alice", name, now, &mut rng).unwrap();
    for task in 0..5 {
        let act = Act::TaskAdded {
            task: TaskId::from_bytes([task; 16]),
            title: format!("Task {task}"),
            place: Party::place_behind(None),
        };
        ops.push(party.write(&alice(), act, now).unwrap());
    }
    (party.id(), ops)
}
