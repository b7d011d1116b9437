//! What becomes of a profile whose database is damaged: what can be read is saved, and what is lost is known.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

#[path = "store/machine.rs"]
#[expect(dead_code, reason = "the tests of a whole profile use more of it")]
mod machine;

use std::fs;

use machine::{Machine, alice};
use partyline::party::{Act, Op, Party, PartyId, TaskId};
use partyline::store::{Change, Protection, StoreError, Unlock};
use partyline::time::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

#[test]
fn a_file_without_the_keys_is_said_to_be_damaged_and_left_alone() {
    let (machine, store) = Machine::with_profile(Protection::Unprotected);
    drop(store);
    let path = machine.folder().join("partyline.db");
    let good = fs::read(&path).unwrap();
    let mut torn = good.clone();
    torn.truncate(4096);
    let mut overwritten = good.clone();
    overwritten[4096..].iter_mut().for_each(|byte| *byte ^= 0x55);
    for bad in [torn, overwritten, vec![7; 5000]] {
        fs::write(&path, &bad).unwrap();
        assert!(matches!(machine.open(), Err(StoreError::Damaged(_))));
        assert_eq!(fs::read(&path).unwrap(), bad);
    }
    fs::write(&path, good).unwrap();
    machine.open().unwrap().unlock(Unlock::Unprotected).unwrap();
}

/// A party and all its ops.
type Stored = (PartyId, Vec<Op>);

/// A profile with two parties of which one has many ops, and its database's pages.
fn two_parties() -> (Machine, [Stored; 2], Vec<Vec<u8>>) {
    let (machine, mut store) = Machine::with_profile(Protection::Unprotected);
    let now = Timestamp::from_millis(1_000_000);
    let (mut party, mut ops) = Party::found(&alice(), "Alice", "Large", now, &mut StdRng::seed_from_u64(5)).unwrap();
    for task in 0..200 {
        let act = Act::TaskAdded {
            task: TaskId::from_bytes([task; 16]),
            title: format!("Task {task}"),
            place: Party::place_behind(None),
        };
        ops.push(party.write(&alice(), act, now).unwrap());
    }
    let parties = [(party.id(), ops), machine::party("Small")];
    for (party, ops) in parties.clone() {
        store.write(&[Change::AppendOps { party, ops }]).unwrap();
    }
    drop(store);
    let bytes = fs::read(machine.folder().join("partyline.db")).unwrap();
    let pages = bytes.chunks(4096).map(<[u8]>::to_vec).collect();
    (machine, parties, pages)
}

#[test]
fn a_damaged_page_takes_what_was_on_it_and_nothing_else() {
    let (machine, parties, pages) = two_parties();
    let path = machine.folder().join("partyline.db");
    let (mut saved, mut lost, mut incomplete, mut none_whole) = (0, 0, 0, 0);
    for damaged in 0..pages.len() {
        let mut pages = pages.clone();
        pages[damaged].iter_mut().for_each(|byte| *byte ^= 0xff);
        fs::write(&path, pages.concat()).unwrap();
        let Ok(mut store) = machine.open() else {
            lost += 1;
            continue;
        };
        store.unlock(Unlock::Unprotected).unwrap();
        assert_eq!(store.keys().unwrap().identity.id(), alice().identity.id());
        let stored = store.load_ops().unwrap();
        let mut whole = 0;
        for (id, ops) in &parties {
            let stored = &stored[id];
            assert!(stored.ops.iter().all(|op| ops.contains(op)), "page {damaged}");
            assert!(stored.is_incomplete || stored.ops == *ops, "page {damaged}");
            whole += usize::from(!stored.is_incomplete);
        }
        none_whole += usize::from(whole == 0);
        incomplete += parties.len() - whole;
        saved += usize::from(machine.folder().join("partyline.db.damaged").exists());
        // It goes on from there.
        let ops = parties[0].1.clone();
        let party = parties[0].0;
        store.write(&[Change::ReplaceOps { party, ops }]).unwrap();
        assert_eq!(store.load_ops().unwrap()[&party].ops, parties[0].1);
        drop(store);
        drop(fs::remove_file(machine.folder().join("partyline.db.damaged")));
    }
    // The schema, the profile's row and the keys are on a page each, or two.
    assert!(lost <= 5, "{lost} of {} pages", pages.len());
    // The root of the table of ops, the counts that show that a party is whole, and a page with the end of one party and the
    // beginning of the other.
    assert!(none_whole <= 3, "{none_whole} of {} pages", pages.len());
    assert!(saved > 5 && incomplete > 3, "{saved} saved, {incomplete} incomplete");
}

#[test]
fn a_file_that_was_cut_off_keeps_what_was_before_the_cut() {
    let (machine, parties, pages) = two_parties();
    let path = machine.folder().join("partyline.db");
    let mut opened = 0;
    for length in 1..pages.len() {
        fs::write(&path, pages[..length].concat()).unwrap();
        let Ok(mut store) = machine.open() else { continue };
        store.unlock(Unlock::Unprotected).unwrap();
        for (id, stored) in store.load_ops().unwrap() {
            let (_, ops) = parties.iter().find(|(party, _)| *party == id).unwrap();
            assert!(stored.ops.iter().all(|op| ops.contains(op)));
            assert_eq!(stored.is_incomplete, stored.ops != *ops, "{length} pages");
        }
        opened += 1;
    }
    assert!(opened > 3, "{opened} of {}", pages.len());
}
