//! A party on the disk: opened, written to, and how much room it takes.

use std::path::Path;
use std::time::Duration;

use partyline::identity::Keys;
use partyline::party::{Op, Party, PartyId, Role};
use partyline::store::{Change, Protection, Store, Unlock};

use super::figure::{self, Figure, say, timed};
use super::{DAY, admission, founded, person, task};

/// How many ops go into one transaction: what the engine takes at once.
const BATCH: usize = 64;

const OPEN: &str = "open a party of 50 members and 100,000 ops";
const WRITE: &str = "10,000 edits: applied and on disk";
const SIZE: &str = "10,000 edits: room on the disk";

/// A party of 50 members in a profile of its own.
pub(super) fn disk() {
    if figure::is_wanted(OPEN) {
        let folder = tempfile::tempdir().unwrap();
        let (party, _) = large(100_000);
        let id = party.id();
        append(
            &mut profile(folder.path()),
            id,
            &party.ops().cloned().collect::<Vec<_>>(),
        );
        Figure::new(OPEN, Some(Duration::from_secs(1))).measure(10, || {
            // What is opened is not closed again within the time.
            let mut opened = None;
            timed(|| opened = Some(open(folder.path(), id)))
        });
    }
    if figure::is_wanted(WRITE) || figure::is_wanted(SIZE) {
        edits();
    }
}

/// A party whose 50 members have written this many ops in turn.
fn large(ops: usize) -> (Party, Vec<Keys>) {
    let people: Vec<Keys> = (0..50).map(person).collect();
    let mut party = founded(&people[0]);
    for who in &people[1..] {
        party.write(&people[0], admission(who, Role::Editor), DAY).unwrap();
    }
    let mut number = 0;
    while party.ops().len() < ops {
        party.write(&people[number % people.len()], task(number), DAY).unwrap();
        number += 1;
    }
    (party, people)
}

fn edits() {
    let (before, people) = large(100);
    let mut after = before.clone();
    let edits: Vec<Op> = (0..10_000)
        .map(|number| {
            after
                .write(&people[number % people.len()], task(1000 + number), DAY)
                .unwrap()
        })
        .collect();
    Figure::new(WRITE, Some(Duration::from_secs(2))).measure(5, || {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, mut party) = (profile(folder.path()), before.clone());
        timed(|| {
            for batch in edits.chunks(BATCH) {
                for op in batch {
                    party.receive(op.clone()).unwrap();
                }
                append(&mut store, party.id(), batch);
            }
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let mut store = profile(folder.path());
    let empty = store.compact().unwrap().after;
    append(&mut store, before.id(), &edits);
    let stored = store.compact().unwrap().after - empty;
    let plain: usize = edits.iter().map(|op| op.bytes().len()).sum();
    say(&format!("| {SIZE} | {stored} bytes; {plain} on the wire |"));
}

fn profile(folder: &Path) -> Store {
    let mut store = Store::open(&folder.join("profile")).unwrap();
    store.create(Protection::Unprotected, &person(0), "Alice").unwrap();
    store
}

fn append(store: &mut Store, party: PartyId, ops: &[Op]) {
    let ops = ops.to_vec();
    store.write(&[Change::AppendOps { party, ops }]).unwrap();
}

fn open(folder: &Path, party: PartyId) -> Party {
    let mut store = Store::open(&folder.join("profile")).unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    Party::load(store.load_ops().unwrap().remove(&party).unwrap().ops).unwrap()
}
