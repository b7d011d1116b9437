//! What only the store's inside can bring about: a full disk, a kill in the middle of a transaction, a failing commit.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::{CredentialStore, mock};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::*;
use crate::identity::EndpointId;
use crate::invitation::InvitationId;
use crate::party::PartyId;
use crate::time::Timestamp;

const PENDING: InvitationId = InvitationId::from_bytes([5; 16]);

fn outside() -> Outside {
    let keyring = mock::Store::new().unwrap();
    Outside {
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
    }
}

fn keys() -> Keys {
    Keys::generate(&mut StdRng::seed_from_u64(1))
}

fn new_profile() -> (TempDir, PathBuf, Store) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("profile");
    let store = Store::open_with(&path, outside()).unwrap();
    (dir, path, store)
}

fn open_profile() -> (TempDir, PathBuf, Store) {
    let (dir, path, mut store) = new_profile();
    store.create(Protection::Unprotected, &keys(), "Alice").unwrap();
    (dir, path, store)
}

fn save_pending(byte: u8, length: usize) -> Change {
    Change::SavePending {
        id: PENDING,
        bytes: Zeroizing::new(vec![byte; length]),
    }
}

fn pending(store: &Store) -> Vec<Vec<u8>> {
    store
        .load_pending()
        .unwrap()
        .iter()
        .map(|pending| pending.bytes.to_vec())
        .collect()
}

/// Gives the database no room beyond what it has.
fn fill_disk(store: &Store) {
    let pages: i64 = store
        .database
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    store.database.pragma_update(None, "max_page_count", pages).unwrap();
}

/// The folder as a power cut would leave it now: another one with the same files.
fn copy(path: &Path) -> PathBuf {
    let copy = path.with_extension("copy");
    fs::DirBuilder::new().create(&copy).unwrap();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    #[cfg(unix)]
    fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    copy
}

#[test]
fn full_disk_fails_the_whole_write_and_nothing_else() {
    let (_dir, path, mut store) = open_profile();
    store.write(&[save_pending(1, 10)]).unwrap();
    fill_disk(&store);
    let result = store.write(&[
        Change::CountWrongPin {
            at: Timestamp::from_millis(9),
        },
        save_pending(2, 100_000),
    ]);
    assert!(matches!(result, Err(StoreError::Full)), "{result:?}");
    assert_eq!(store.wrong_pins_since(Timestamp::default()).unwrap().len(), 0);
    assert_eq!(pending(&store), [vec![1; 10]]);

    drop(store);
    let mut store = Store::open_with(&path, outside()).unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    assert_eq!(pending(&store), [vec![1; 10]]);
    store.write(&[save_pending(2, 100_000)]).unwrap();
}

#[test]
fn profile_that_could_not_be_written_is_still_new_whatever_keeps_its_key() {
    let name = "A".repeat(100_000);
    for protection in [
        Protection::Keyring,
        Protection::Passphrase("correct horse"),
        Protection::Unprotected,
    ] {
        let (_dir, path, mut store) = new_profile();
        fill_disk(&store);
        let result = store.create(protection, &keys(), &name);
        assert!(matches!(result, Err(StoreError::Full)), "{protection:?}: {result:?}");
        assert_eq!(store.state(), ProfileState::New);
        assert!(!store.is_open());
        // The same as after a crash between the key and the rows: the key is there, the rows are not.
        drop(store);
        let mut store = Store::open_with(&path, outside()).unwrap();
        assert_eq!(store.state(), ProfileState::New);
        store.create(protection, &keys(), &name).unwrap();
        assert_eq!(store.keys().unwrap().identity.id(), keys().identity.id());
    }
}

#[test]
fn kill_in_the_middle_of_a_transaction_leaves_what_was_committed() {
    let (_dir, path, mut store) = open_profile();
    store.write(&[save_pending(1, 10)]).unwrap();
    let key = MasterKey::from_bytes(store.folder.read_master_key().unwrap().unwrap());
    let codes = store.codes().unwrap();
    let transaction = store.database.transaction().unwrap();
    // So large that pages leave the cache and lie in the WAL before the commit.
    transaction.pragma_update(None, "cache_size", 1).unwrap();
    save_pending(2, 1_000_000)
        .apply(
            &transaction,
            (&key, &codes),
            &mut Writer::default(),
            &mut *store.outside.rng,
        )
        .unwrap();
    let killed = copy(&path);
    drop(transaction);
    assert_eq!(pending(&store), [vec![1; 10]]);

    let mut store = Store::open_with(&killed, outside()).unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    assert_eq!(pending(&store), [vec![1; 10]]);
}

#[test]
fn power_cut_at_any_byte_of_the_log_leaves_the_state_before_or_after() {
    let (_dir, path, mut store) = open_profile();
    store.write(&[save_pending(1, 10)]).unwrap();
    let wal = "partyline.db-wal";
    let before = fs::metadata(path.join(wal)).unwrap().len();
    store
        .write(&[
            save_pending(2, 9000),
            Change::CountWrongPin {
                at: Timestamp::from_millis(9),
            },
        ])
        .unwrap();
    let after = fs::metadata(path.join(wal)).unwrap().len();
    assert!(after > before);
    for cut in (before..=after).step_by(997).chain([after]) {
        let killed = copy(&path);
        fs::File::options()
            .write(true)
            .open(killed.join(wal))
            .unwrap()
            .set_len(cut)
            .unwrap();
        let mut store = Store::open_with(&killed, outside()).unwrap();
        store.unlock(Unlock::Unprotected).unwrap();
        let (content, count) = if cut == after {
            (vec![2; 9000], 1)
        } else {
            (vec![1; 10], 0)
        };
        assert_eq!(pending(&store), [content], "{cut}");
        assert_eq!(
            store.wrong_pins_since(Timestamp::default()).unwrap().len(),
            count,
            "{cut}"
        );
        drop(store);
        fs::remove_dir_all(killed).unwrap();
    }
}

#[test]
fn secrets_are_not_in_the_files_nor_in_any_debug() {
    let (_dir, path, mut store) = new_profile();
    let passphrase = "correct horse battery";
    store
        .create(Protection::Passphrase(passphrase), &keys(), "Alice")
        .unwrap();
    let secret = b"very secret record".repeat(3);
    let bytes = || Zeroizing::new(secret.clone());
    let party = PartyId::from_bytes([4; 32]);
    let changes = [
        Change::SaveInvitation {
            id: PENDING,
            party,
            bytes: bytes(),
        },
        Change::SavePending {
            id: PENDING,
            bytes: bytes(),
        },
        Change::SetName("Alice Secret".to_owned()),
        Change::SetSetting {
            key: "k".to_owned(),
            value: "secret value".to_owned(),
        },
        Change::SaveAddresses {
            endpoint: EndpointId::from_bytes([6; 32]),
            addresses: vec!["secret:1".to_owned()],
        },
    ];
    store.write(&changes).unwrap();

    let seeds = [
        keys().identity.key().unwrap().seed(),
        keys().device.seed(),
        keys().endpoint.seed(),
    ];
    let master = store.key.as_ref().unwrap().as_bytes();
    for entry in fs::read_dir(&path).unwrap() {
        let content = fs::read(entry.unwrap().path()).unwrap();
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"very secret") && !holds(passphrase.as_bytes()) && !holds(master));
        assert!(!seeds.iter().any(|seed| holds(&**seed)));
    }

    let shown = format!(
        "{changes:?} {store:?} {:?} {:?} {:?} {:?} {:?}",
        store.load_invitations().unwrap(),
        store.load_pending().unwrap(),
        Protection::Passphrase(passphrase),
        store.outside,
        Wrapped::load(&store.database).unwrap(),
    );
    for secret in [
        "ecret",
        "horse",
        "118, 101, 114, 121",
        &format!("{:?}", &master[..4]).replace(['[', ']'], ""),
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
