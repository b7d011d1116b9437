//! Stories of a profile on the disk: it is created, opened again, used twice, damaged, tampered with, and read by others.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

#[path = "store/machine.rs"]
mod machine;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::mock;
use machine::{Machine, alice, party};
use partyline::identity::EndpointId;
use partyline::invitation::InvitationId;
use partyline::party::{Op, Party, PartyId};
use partyline::store::{
    Change, Keyring, Outside, ProfileState, Protection, ProtectionKind, Store, StoreError, StoreThread, Unlock,
};
use partyline::time::Timestamp;
use zeroize::Zeroizing;

const INVITATION: InvitationId = InvitationId::from_bytes([1; 16]);
const PARTY: PartyId = PartyId::from_bytes([2; 32]);
const BOB: EndpointId = EndpointId::from_bytes([3; 32]);

fn secret(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

fn pending(store: &Store) -> Vec<(InvitationId, Vec<u8>)> {
    store
        .load_pending()
        .unwrap()
        .into_iter()
        .map(|pending| (pending.id, pending.bytes.to_vec()))
        .collect()
}

#[test]
fn profile_is_the_same_after_a_restart_whatever_keeps_its_key() {
    for protection in [
        Protection::Keyring,
        Protection::Passphrase("correct horse"),
        Protection::Unprotected,
    ] {
        let machine = Machine::new();
        let mut store = machine.open().unwrap();
        assert_eq!(store.state(), ProfileState::New);
        assert!(matches!(store.name(), Err(StoreError::Locked)));
        assert!(matches!(store.unlock(protection), Err(StoreError::Locked)));
        store.create(protection, &alice(), "Alice").unwrap();
        assert!(matches!(
            store.create(protection, &alice(), "Eve"),
            Err(StoreError::Exists)
        ));
        store.write(&[Change::SetName("Alice B.".to_owned())]).unwrap();
        drop(store);

        let mut store = machine.open().unwrap();
        assert_eq!(store.state(), ProfileState::Locked(protection.kind()));
        assert!(!store.is_open());
        assert!(matches!(store.keys(), Err(StoreError::Locked)));
        assert!(matches!(store.load_pending(), Err(StoreError::Locked)));
        assert!(matches!(store.load_invitations(), Err(StoreError::Locked)));
        assert!(matches!(store.write(&[]), Err(StoreError::Locked)));
        assert!(matches!(
            store.create(protection, &alice(), "Eve"),
            Err(StoreError::Exists)
        ));
        store.unlock(protection).unwrap();
        assert!(store.is_open());
        let keys = store.keys().unwrap();
        assert_eq!(keys.identity.id(), alice().identity.id());
        assert_eq!(keys.device.id(), alice().device.id());
        assert_eq!(keys.endpoint.id(), alice().endpoint.id());
        assert_eq!(store.name().unwrap(), "Alice B.");
    }
}

#[test]
fn everything_that_was_written_is_there_after_a_restart() {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let other = InvitationId::from_bytes([9; 16]);
    let address = |port: u16| format!("192.0.2.1:{port}");
    store
        .write(&[
            Change::SaveInvitation {
                id: INVITATION,
                party: PARTY,
                bytes: secret("open"),
            },
            Change::SaveInvitation {
                id: INVITATION,
                party: PARTY,
                bytes: secret("used"),
            },
            Change::SavePending {
                id: INVITATION,
                bytes: secret("redeeming"),
            },
            Change::SavePending {
                id: other,
                bytes: secret("proven"),
            },
            Change::DeletePending { id: INVITATION },
            Change::DeletePending { id: INVITATION },
            Change::SaveAddresses {
                endpoint: BOB,
                addresses: vec![address(1), address(2)],
            },
            Change::SaveAddresses {
                endpoint: BOB,
                addresses: vec![address(4), address(3)],
            },
            Change::SetSetting {
                key: "port".to_owned(),
                value: "4000".to_owned(),
            },
            Change::SetSetting {
                key: "port".to_owned(),
                value: "4001".to_owned(),
            },
            Change::SetReadMark {
                party: PARTY,
                entries: 3,
            },
            Change::SetReadMark {
                party: PARTY,
                entries: 70_000,
            },
            Change::SaveSeen {
                identity: alice().identity.id(),
                at: Timestamp::from_millis(1),
            },
            Change::SaveSeen {
                identity: alice().identity.id(),
                at: Timestamp::from_millis(2),
            },
        ])
        .unwrap();
    drop(store);

    let mut store = machine.open().unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    let invitations = store.load_invitations().unwrap();
    assert_eq!(invitations.len(), 1);
    assert_eq!((invitations[0].id, invitations[0].party), (INVITATION, PARTY));
    assert_eq!(**invitations[0].bytes, *b"used");
    assert_eq!(pending(&store), [(other, b"proven".to_vec())]);
    assert_eq!(store.load_addresses().unwrap()[&BOB], [address(4), address(3)]);
    assert_eq!(store.setting("port").unwrap().as_deref(), Some("4001"));
    assert_eq!(store.setting("theme").unwrap(), None);
    assert_eq!(store.read_marks().unwrap()[&PARTY], 70_000);
    let seen = store.last_seen().unwrap();
    assert_eq!(seen[&alice().identity.id()], Timestamp::from_millis(2));
}

#[test]
fn ops_keep_the_order_in_which_they_came() {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let (books, mut book_ops) = party("Books");
    let (music, music_ops) = party("Music club");
    // Not the order of their ids, and not the causal one either.
    book_ops.reverse();
    let append = |party, ops: &[Op]| Change::AppendOps {
        party,
        ops: ops.to_vec(),
    };
    store.write(&[append(books, &book_ops[..3])]).unwrap();
    store
        .write(&[append(music, &music_ops), append(books, &book_ops[3..])])
        .unwrap();
    store
        .write(&[
            Change::SaveInvitation {
                id: INVITATION,
                party: music,
                bytes: secret("open"),
            },
            Change::SaveInvitation {
                id: InvitationId::from_bytes([9; 16]),
                party: books,
                bytes: secret("open"),
            },
        ])
        .unwrap();
    drop(store);

    let mut store = machine.open().unwrap();
    assert!(matches!(store.load_ops(), Err(StoreError::Locked)));
    store.unlock(Unlock::Unprotected).unwrap();
    let parties = store.load_ops().unwrap();
    assert_eq!(parties.len(), 2);
    assert_eq!(parties[&books].ops, book_ops);
    assert_eq!(parties[&music].ops, music_ops);
    assert!(!parties[&books].is_incomplete);
    let loaded = Party::load(parties[&books].ops.iter().cloned()).unwrap();
    assert_eq!(loaded.tasks().len(), 5);

    store.write(&[Change::DeleteParty { party: books }]).unwrap();
    assert_eq!(store.load_ops().unwrap().into_keys().collect::<Vec<_>>(), [music]);
    let invitations = store.load_invitations().unwrap();
    assert_eq!(
        invitations
            .iter()
            .map(|invitation| invitation.party)
            .collect::<Vec<_>>(),
        [music]
    );
}

/// As a foreign hand would write them.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn ops_of_the_first_format_are_packed_when_the_profile_is_opened() {
    let (machine, store) = Machine::with_profile(Protection::Unprotected);
    drop(store);
    let (books, ops) = party("Books");
    for op in &ops {
        let (id, body) = (hex(op.id().as_bytes()), hex(op.bytes()));
        let party = hex(books.as_bytes());
        machine.tamper(&format!(
            "insert into former_ops (party, id, body) values (x'{party}', x'{id}', x'{body}')"
        ));
    }
    for _ in 0..2 {
        let mut store = machine.open().unwrap();
        store.unlock(Unlock::Unprotected).unwrap();
        let stored = &store.load_ops().unwrap()[&books];
        assert_eq!((&stored.ops, stored.is_incomplete), (&ops, false));
    }
}

#[test]
fn an_op_that_was_changed_is_left_out_and_its_party_is_incomplete() {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let ((books, book_ops), (music, music_ops)) = (party("Books"), party("Music club"));
    for (party, ops) in [(books, &book_ops), (music, &music_ops)] {
        store
            .write(&[Change::AppendOps {
                party,
                ops: ops.clone(),
            }])
            .unwrap();
    }
    drop(store);
    // The title in the last op of one of them.
    let last = book_ops.len();
    machine.tamper(&format!(
        "update ops set packed = cast(replace(packed, cast('Task' as blob), cast('Mask' as blob)) as blob) where place = {last}"
    ));
    let mut store = machine.open().unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    let stored = store.load_ops().unwrap();
    assert_eq!(stored[&books].ops, book_ops[..last - 1]);
    assert!(stored[&books].is_incomplete);
    assert_eq!(stored[&music].ops, music_ops);
    assert!(!stored[&music].is_incomplete);

    // What was lost comes back. That it is all is for the party to say.
    let again = |store: &mut Store| store.load_ops().unwrap().remove(&books).unwrap();
    let last_op = Change::AppendOps {
        party: books,
        ops: book_ops[last - 1..].to_vec(),
    };
    store.write(&[last_op]).unwrap();
    let stored = again(&mut store);
    assert_eq!((&stored.ops, stored.is_incomplete), (&book_ops, true));
    assert_eq!(stored.own, book_ops.len() as u64);
    let whole = Change::ReplaceOps {
        party: books,
        ops: book_ops.clone(),
    };
    store.write(&[whole]).unwrap();
    let stored = again(&mut store);
    assert_eq!((&stored.ops, stored.is_incomplete), (&book_ops, false));
    assert_eq!(stored.own, book_ops.len() as u64);
}

#[test]
fn compaction_gives_back_the_room_of_a_party_that_was_deleted() {
    let (_machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let ((books, ops), (music, music_ops)) = (party("Books"), party("Music club"));
    for _ in 0..100 {
        let (party, ops) = (books, ops.clone());
        store.write(&[Change::AppendOps { party, ops }]).unwrap();
    }
    let kept = Change::AppendOps {
        party: music,
        ops: music_ops.clone(),
    };
    store.write(&[kept, Change::DeleteParty { party: books }]).unwrap();
    let first = store.compact().unwrap();
    assert!(first.after < first.before, "{first:?}");
    let second = store.compact().unwrap();
    assert_eq!((second.before, second.after), (first.after, first.after));
    assert_eq!(store.load_ops().unwrap()[&music].ops, music_ops);
}

#[test]
fn an_op_without_a_code_is_opened_like_that_of_a_peer() {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let (books, ops) = party("Books");
    store
        .write(&[Change::AppendOps {
            party: books,
            ops: ops.clone(),
        }])
        .unwrap();
    drop(store);
    machine.tamper(
        "update ops set packed = cast(substr(packed, 1, 1) || x'0000000000000000' || substr(packed, 10) as blob)",
    );
    let mut store = machine.open().unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    let stored = &store.load_ops().unwrap()[&books];
    assert_eq!((&stored.ops, stored.is_incomplete), (&ops, false));
}

#[test]
fn wrong_pins_of_the_last_day_are_counted_and_those_of_last_month_forgotten() {
    let (_machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let day = |day: u64| Timestamp::from_millis(day * 24 * 3600 * 1000);
    let count = |store: &mut Store, at| store.write(&[Change::CountWrongPin { at }]).unwrap();
    count(&mut store, day(100));
    count(&mut store, day(101));
    count(&mut store, day(101));
    assert_eq!(store.wrong_pins_since(day(101)).unwrap().len(), 2);
    assert_eq!(store.wrong_pins_since(day(100)).unwrap().len(), 3);
    assert_eq!(store.wrong_pins_since(day(102)).unwrap().len(), 0);
    count(&mut store, day(131));
    assert_eq!(store.wrong_pins_since(day(0)).unwrap().len(), 3);
    count(&mut store, Timestamp::from_millis(u64::MAX));
    assert_eq!(store.wrong_pins_since(day(0)).unwrap().len(), 1);
}

#[test]
fn wrong_passphrase_opens_nothing_and_the_right_one_still_does() {
    let (machine, store) = Machine::with_profile(Protection::Passphrase("correct horse"));
    drop(store);
    let mut store = machine.open().unwrap();
    for wrong in ["", "correct hors", "correct horse "] {
        assert!(matches!(
            store.unlock(Unlock::Passphrase(wrong)),
            Err(StoreError::WrongPassphrase)
        ));
        assert!(!store.is_open());
    }
    assert!(matches!(
        store.unlock(Unlock::Keyring),
        Err(StoreError::OtherProtection)
    ));
    assert!(matches!(
        store.unlock(Unlock::Unprotected),
        Err(StoreError::OtherProtection)
    ));
    store.unlock(Unlock::Passphrase("correct horse")).unwrap();
}

#[test]
fn keyring_that_lost_the_key_is_an_error_and_never_a_new_key() {
    let (mut machine, store) = Machine::with_profile(Protection::Keyring);
    drop(store);
    let full = std::mem::replace(&mut machine.keyring, mock::Store::new().unwrap());
    let mut store = machine.open().unwrap();
    assert!(store.keyring_available());
    assert_eq!(store.state(), ProfileState::Locked(ProtectionKind::Keyring));
    assert!(matches!(store.unlock(Unlock::Keyring), Err(StoreError::KeyMissing)));
    assert!(matches!(
        store.create(Protection::Keyring, &alice(), "Alice"),
        Err(StoreError::Exists)
    ));
    drop(store);

    // The keyring of another profile has an entry of another name: no key for this one either.
    machine.keyring = Machine::with_profile(Protection::Keyring).0.keyring;
    machine.tamper("update profile set id = x'00112233445566778899aabbccddeeff'");
    assert!(matches!(
        machine.open().unwrap().unlock(Unlock::Keyring),
        Err(StoreError::KeyMissing)
    ));

    machine.keyring = full;
    assert!(matches!(
        machine.open().unwrap().unlock(Unlock::Keyring),
        Err(StoreError::KeyMissing)
    ));
}

#[test]
fn key_file_that_is_gone_or_of_another_profile_is_a_missing_key() {
    let (machine, store) = Machine::with_profile(Protection::Unprotected);
    drop(store);
    let path = machine.folder().join("dmk");
    let key = fs::read(&path).unwrap();
    fs::write(&path, [1; 32]).unwrap();
    assert!(matches!(
        machine.open().unwrap().unlock(Unlock::Unprotected),
        Err(StoreError::KeyMissing)
    ));
    fs::write(&path, [1; 5]).unwrap();
    assert!(matches!(
        machine.open().unwrap().unlock(Unlock::Unprotected),
        Err(StoreError::Damaged(_))
    ));
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        machine.open().unwrap().unlock(Unlock::Unprotected),
        Err(StoreError::KeyMissing)
    ));
    fs::write(&path, key).unwrap();
    make_private(&path);
    machine.open().unwrap().unlock(Unlock::Unprotected).unwrap();
}

#[test]
fn keyring_that_does_not_answer_leaves_a_new_profile() {
    let machine = Machine::new();
    let mut outside = Outside::system();
    outside.keyring = Keyring::custom(|| Err(keyring_core::Error::NoDefaultStore), Duration::from_secs(30));
    let mut store = Store::open_with(&machine.folder(), outside).unwrap();
    assert!(!store.keyring_available());
    let refused = store.create(Protection::Keyring, &alice(), "Alice");
    assert!(matches!(refused, Err(StoreError::KeyringUnavailable(_))));
    assert_eq!(store.state(), ProfileState::New);
    store.create(Protection::Unprotected, &alice(), "Alice").unwrap();
}

#[test]
fn one_folder_is_open_once() {
    let (machine, store) = Machine::with_profile(Protection::Unprotected);
    assert!(matches!(machine.open(), Err(StoreError::InUse)));
    drop(store);
    machine.open().unwrap();
}

#[test]
fn sealed_row_that_was_changed_or_moved_is_damage() {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let other = InvitationId::from_bytes([9; 16]);
    store
        .write(&[
            Change::SaveInvitation {
                id: INVITATION,
                party: PARTY,
                bytes: secret("open"),
            },
            Change::SavePending {
                id: INVITATION,
                bytes: secret("redeeming"),
            },
            Change::SavePending {
                id: other,
                bytes: secret("proven"),
            },
        ])
        .unwrap();
    drop(store);
    let open = || {
        let mut store = machine.open().unwrap();
        store.unlock(Unlock::Unprotected).map(|()| store)
    };

    machine.tamper("update keys set sealed = (select sealed from keys where name = 'device') where name = 'identity'");
    assert!(matches!(open().unwrap().keys(), Err(StoreError::Damaged(_))));
    machine.tamper("delete from keys where name = 'identity'");
    assert!(matches!(open().unwrap().keys(), Err(StoreError::Damaged(_))));
    machine.tamper("update pending set sealed = (select max(sealed) from pending)");
    assert!(matches!(open().unwrap().load_pending(), Err(StoreError::Damaged(_))));
    machine.tamper("update pending set sealed = x'00'");
    assert!(matches!(open().unwrap().load_pending(), Err(StoreError::Damaged(_))));
    machine.tamper("update invitations set id = x'00112233445566778899aabbccddeeff'");
    assert!(matches!(
        open().unwrap().load_invitations(),
        Err(StoreError::Damaged(_))
    ));
    machine.tamper("update profile set proof = x'00'");
    assert!(matches!(open(), Err(StoreError::KeyMissing)));
    machine.tamper("delete from profile");
    assert!(matches!(machine.open(), Err(StoreError::Damaged(_))));
}

#[test]
fn profile_of_a_newer_program_is_refused_and_left_alone() {
    let (machine, store) = Machine::with_profile(Protection::Unprotected);
    drop(store);
    machine.tamper("create table later (x); pragma user_version = 1000");
    assert!(matches!(machine.open(), Err(StoreError::Newer { found: 1000, .. })));
    machine.tamper("drop table later; pragma user_version = 3");
    machine.open().unwrap().unlock(Unlock::Unprotected).unwrap();
}

#[test]
fn folder_that_cannot_be_made_is_an_error_of_the_disk() {
    let machine = Machine::new();
    fs::write(machine.dir.path().join("partyline"), "a file").unwrap();
    assert!(matches!(machine.open(), Err(StoreError::Io(_))));
}

#[cfg(unix)]
fn make_private(path: &Path) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

#[cfg(unix)]
#[test]
fn no_file_can_be_read_by_others_and_one_that_can_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    store.write(&[Change::SetName("A".to_owned())]).unwrap();
    assert_eq!(mode(&machine.folder()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(machine.folder()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        ["dmk", "lock", "partyline.db", "partyline.db-shm", "partyline.db-wal"]
    );
    drop(store);

    let database = machine.folder().join("partyline.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(machine.open(), Err(StoreError::Exposed(path)) if path == database));
}

#[tokio::test]
async fn thread_runs_jobs_in_order_outlives_a_panic_and_frees_the_folder() {
    let machine = Arc::new(Machine::new());
    let spawn = || {
        let machine = Arc::clone(&machine);
        StoreThread::spawn(move || machine.open())
    };
    let thread = spawn().await.unwrap();
    assert!(matches!(spawn().await, Err(StoreError::InUse)));
    thread
        .run(|store| store.create(Protection::Unprotected, &alice(), "Alice"))
        .await
        .unwrap()
        .unwrap();

    let panicked = thread
        .run(|store| {
            store.write(&[Change::SetName("B".to_owned())]).unwrap();
            panic!("a bug");
        })
        .await;
    assert!(
        matches!(panicked, Err(StoreError::Panicked)),
        "{:?}",
        panicked.map(|(): ()| ())
    );
    assert_eq!(thread.run(|store| store.name()).await.unwrap().unwrap(), "B");

    // Nobody waits for this one; it is done all the same, before what comes after it.
    let forgotten = thread.run(|store| store.write(&[Change::SetName("C".to_owned())]));
    drop(tokio::time::timeout(Duration::ZERO, forgotten).await);
    assert_eq!(thread.run(|store| store.name()).await.unwrap().unwrap(), "C");
    drop(thread);
    drop(spawn().await.unwrap());
    assert!(matches!(
        StoreThread::spawn(|| panic!("a bug")).await,
        Err(StoreError::Panicked)
    ));
}
