//! A member whose program was made to harm: what it sends is turned away, and the others do not notice.

use std::sync::Arc;

use partyline::party::sync::{Part, Sync, SyncError, SyncMessage, SyncOutput, Topic};
use partyline::party::{Op, Party};
use partyline::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::device::{Opened, frame};
use crate::world::{People, World};
use crate::{PEOPLE, acts};

/// Mallory is the second: an Editor.
const MALLORY: usize = 1;

/// Alice's party, and what Mallory has written in a copy of it without ever passing on the first op.
fn scene() -> (World, Vec<Op>) {
    let world = World::new(5, &PEOPLE[..5], People::Peaceful);
    let mut copy = world.devices[MALLORY].party().clone();
    let keys = Arc::clone(&world.devices[MALLORY].keys);
    let now = Timestamp::from_millis(1_800_000_600_000);
    let mut rng = StdRng::seed_from_u64(5);
    let mut ops = Vec::new();
    while ops.len() < 3000 {
        let act = acts::random(&world.devices[MALLORY], People::Peaceful, now, &mut rng);
        ops.extend(copy.write(&keys, act, now));
    }
    ops.remove(0);
    (world, ops)
}

/// What Alice's machine does with a frame of Mallory's.
fn receive(sync: &mut Sync, party: &mut Party, bytes: &[u8]) -> Result<Vec<SyncOutput>, SyncError> {
    let outputs = sync.handle(bytes, &[party])?;
    let mut all = Vec::new();
    for output in outputs {
        match output {
            SyncOutput::Take { ops, part, .. } => {
                let unknown = ops.iter().filter(|op| !party.holds(op));
                let ops = unknown.map(|op| Op::open(op)).collect::<Result<_, _>>()?;
                all.extend(sync.take(party, ops, part).outputs);
            }
            other => all.push(other),
        }
    }
    Ok(all)
}

#[test]
fn ops_whose_past_never_comes_are_let_go_and_end_the_link() {
    let (world, ops) = scene();
    let mut party = world.devices[0].party().clone();
    let before = (party.have(), party.tasks());
    let mut sync = Sync::default();
    sync.share(&party);
    let pushes: Vec<Vec<u8>> = sync.push(party.id(), &ops).into_iter().filter_map(frame).collect();
    let mut ended = false;
    for push in pushes {
        ended |= receive(&mut sync, &mut party, &push) == Ok(vec![SyncOutput::Misbehaved(SyncError::Useless)]);
    }
    assert!(!ended, "an honest peer may push before it answers");
    let answer = SyncMessage::Ops {
        topic: Topic::of(party.id()),
        ops: Vec::new(),
        part: Part::Last,
    };
    let ended = receive(&mut sync, &mut party, &answer.encode());
    assert_eq!(ended, Ok(vec![SyncOutput::Misbehaved(SyncError::Useless)]));
    assert!(!party.waits_for_ops());
    assert_eq!((party.have(), party.tasks()), before);
}

#[test]
fn bent_frames_are_refused_and_change_nothing() {
    let (world, ops) = scene();
    let mut party = world.devices[0].party().clone();
    let before = party.have();
    let sync = {
        let mut sync = Sync::default();
        sync.share(&party);
        sync
    };
    let frames: Vec<Vec<u8>> = sync.push(party.id(), &ops[..3]).into_iter().filter_map(frame).collect();
    let mut rng = StdRng::seed_from_u64(9);
    let mut refused = 0;
    for _ in 0..2000 {
        let mut bytes = frames[0].clone();
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..3) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes.truncate(at),
            _ => bytes.insert(at, rng.random()),
        }
        let mut sync = Sync::default();
        sync.share(&party);
        refused += usize::from(receive(&mut sync, &mut party, &bytes).is_err());
    }
    assert!(refused > 1800, "{refused}");
    assert_eq!(party.have(), before);
    let long = vec![2; 256 * 1024 + 1];
    assert!(receive(&mut Sync::default(), &mut party, &long).is_err());
}

/// Frames that were heard before are said again, in any order, thousands of times.
#[test]
fn replayed_frames_change_nothing_and_ask_for_little() {
    let mut world = World::new(6, &PEOPLE[..5], People::Peaceful);
    world.link(0, MALLORY);
    world.settle();
    let mut party = world.devices[0].party().clone();
    let mut copy = party.clone();
    let keys = Arc::clone(&world.devices[MALLORY].keys);
    let mut sync = Sync::default();
    sync.share(&party);
    let mut frames = Vec::new();
    for minute in 0..50 {
        let now = Timestamp::from_millis(1_800_001_000_000 + minute);
        let act = acts::random(&world.devices[MALLORY], People::Peaceful, now, &mut world.rng);
        if let Ok(op) = copy.write(&keys, act, now) {
            frames.extend(sync.push(copy.id(), &[op]).into_iter().filter_map(frame));
        }
    }
    for heard in &frames {
        receive(&mut sync, &mut party, heard).expect("new ops");
    }
    let (held, mut answers) = (party.have(), 0);
    for _ in 0..5000 {
        let heard = &frames[world.rng.random_range(0..frames.len())];
        answers += receive(&mut sync, &mut party, heard).expect("old ops").len();
    }
    assert_eq!((party.have(), answers), (held, 0));
}

#[test]
fn others_are_not_touched_by_what_one_member_floods() {
    let (mut world, ops) = scene();
    world.link(0, 2);
    world.link(2, 3);
    world.settle();
    let (link, party) = world.devices[0].new_link(MALLORY);
    link.sync.share(party);
    let mut opened = Opened::default();
    for ops in ops.chunks(100) {
        let bytes: Vec<Vec<u8>> = ops.iter().map(|op| op.bytes().to_vec()).collect();
        let taken = world.devices[0].take(MALLORY, &bytes, Part::Push, &mut opened);
        assert!(taken.new.is_empty());
        world.write(2);
        world.write(3);
        world.settle();
    }
    let held: Vec<_> = [0, 2, 3].map(|n| world.devices[n].party().have()).into();
    assert!(held.iter().all(|have| *have == held[0]));
    assert_ne!(held[0], world.devices[4].party().have(), "something was written");
}
