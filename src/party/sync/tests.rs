use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;
use crate::identity::Keys;
use crate::party::fixture::{adds, admits, at, forge, founded, makes, person, titles};
use crate::party::{Act, ReceiveError, Received, Role};

/// A device with its copy of the party and its end of each link.
struct Device {
    keys: Keys,
    party: Party,
    links: Vec<Sync>,
}

/// Frames under way from one device to another: `(from, to)` and the frames in their order.
type Wire = Vec<((usize, usize), VecDeque<Vec<u8>>)>;

/// Devices that are linked each with each, and what is under way between them.
struct Party3 {
    devices: Vec<Device>,
    wire: Wire,
}

impl Party3 {
    /// Alice's party with Bob and Carol in it, nobody linked yet.
    fn new() -> Self {
        let (alice, bob, carol) = (person(1), person(2), person(3));
        let mut party = founded(&alice);
        party.write(&alice, admits(&bob, Role::Editor), at(1)).unwrap();
        party.write(&alice, admits(&carol, Role::Editor), at(2)).unwrap();
        let devices = [alice, bob, carol]
            .into_iter()
            .map(|keys| Device {
                keys,
                party: party.clone(),
                links: vec![Sync::default(), Sync::default(), Sync::default()],
            })
            .collect();
        let pairs = (0..3)
            .flat_map(|from| (0..3).map(move |to| (from, to)))
            .filter(|(from, to)| from != to);
        Self {
            devices,
            wire: pairs.map(|pair| (pair, VecDeque::new())).collect(),
        }
    }

    fn link(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            self.devices[from].links[to] = Sync::default();
            let device = &mut self.devices[from];
            let outputs = device.links[to].share(&device.party);
            self.put(from, to, outputs);
        }
    }

    fn put(&mut self, from: usize, to: usize, outputs: Vec<SyncOutput>) {
        let (_, frames) = self.wire.iter_mut().find(|(pair, _)| *pair == (from, to)).unwrap();
        for output in outputs {
            match output {
                SyncOutput::Send(frame) => frames.push_back(frame),
                other => panic!("{other:?}"),
            }
        }
    }

    fn write(&mut self, who: usize, act: Act, minute: u64) {
        let device = &mut self.devices[who];
        let op = device.party.write(&device.keys, act, at(minute)).unwrap();
        self.push(who, None, &[op]);
    }

    fn push(&mut self, who: usize, but: Option<usize>, ops: &[Op]) {
        for to in (0..3).filter(|to| *to != who && Some(*to) != but) {
            let outputs = self.devices[who].links[to].push(self.devices[who].party.id(), ops);
            self.put(who, to, outputs);
        }
    }

    /// Delivers one frame of a random link; whether there was one.
    fn deliver(&mut self, rng: &mut StdRng) -> bool {
        let busy: Vec<usize> = (0..self.wire.len())
            .filter(|index| !self.wire[*index].1.is_empty())
            .collect();
        if busy.is_empty() {
            return false;
        }
        let index = busy[rng.random_range(0..busy.len())];
        let (from, to) = self.wire[index].0;
        let frame = self.wire[index].1.pop_front().unwrap();
        let device = &mut self.devices[to];
        let outputs = device.links[from].handle(&frame, &[&device.party]).unwrap();
        for output in outputs {
            match output {
                SyncOutput::Take { ops, .. } => self.take(to, from, ops),
                other => self.put(to, from, vec![other]),
            }
        }
        true
    }

    fn take(&mut self, who: usize, from: usize, ops: Vec<Op>) {
        let (mut new, mut taken) = (Vec::new(), Taken::Nothing);
        let device = &mut self.devices[who];
        for op in ops {
            match device.party.receive(op) {
                Ok(Received::New(released)) => new.extend(released),
                Ok(Received::Known) | Err(ReceiveError::NotAllowed) => {}
                Ok(Received::Pending) => taken = Taken::Incomplete,
                Err(error) => panic!("{error}"),
            }
        }
        if taken == Taken::Nothing && !new.is_empty() {
            taken = Taken::New;
        }
        let outputs = device.links[from].took(&device.party, taken);
        self.put(who, from, outputs);
        self.push(who, Some(from), &new);
    }

    fn settle(&mut self, rng: &mut StdRng) {
        for _ in 0..100_000 {
            if !self.deliver(rng) {
                return;
            }
        }
        panic!("the machines never stop talking");
    }
}

#[test]
fn devices_that_wrote_apart_hold_the_same_after_any_order_of_delivery() {
    for seed in 0..200 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut party = Party3::new();
        for n in 0..20 {
            let who = rng.random_range(0..3);
            party.write(who, adds(n, &format!("written apart {n}")), u64::from(n) + 10);
        }
        // A mesh with a hole: Alice and Carol never meet.
        party.link(0, 1);
        party.link(1, 2);
        for n in 20..40 {
            for _ in 0..rng.random_range(0..4) {
                party.deliver(&mut rng);
            }
            let who = rng.random_range(0..3);
            party.write(who, adds(n, &format!("written together {n}")), u64::from(n) + 10);
        }
        party.settle(&mut rng);
        let [alice, bob, carol] = &party.devices[..] else {
            panic!()
        };
        assert_eq!(alice.party.have(), bob.party.have(), "seed {seed}");
        assert_eq!(bob.party.have(), carol.party.have(), "seed {seed}");
        assert_eq!(titles(&alice.party), titles(&carol.party), "seed {seed}");
        assert_eq!(titles(&alice.party).len(), 40, "seed {seed}");
    }
}

/// What a Reader writes behind the program's back is stored by nobody, nor passed on, nor asked for again and again.
#[test]
fn a_refused_op_and_what_names_it_end_with_who_wrote_them() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut party = Party3::new();
    let alice = person(1);
    let demoted = party.devices[0]
        .party
        .write(&alice, makes(&person(3), Role::Reader), at(3));
    party.link(0, 1);
    party.link(1, 2);
    party.settle(&mut rng);
    let carol = &party.devices[2];
    let head = demoted.unwrap().id();
    let forged = |seq, deps, n| {
        forge(
            &carol.party,
            (&carol.keys, &carol.keys.device),
            (seq, deps),
            at(4),
            adds(n, "X"),
        )
    };
    let first = forged(0, vec![head], 1);
    let second = forged(1, vec![first.id(), head], 2);
    let before = party.devices[1].party.have();
    party.push(2, None, &[second, first]);
    party.settle(&mut rng);
    for device in &party.devices {
        assert_eq!(device.party.have(), before);
        assert_eq!(titles(&device.party), [""; 0]);
    }
    party.write(1, adds(3, "Read"), 5);
    party.settle(&mut rng);
    assert!(party.devices.iter().all(|device| titles(&device.party) == ["Read"]));
}

#[test]
fn a_long_history_comes_in_portions() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut party = Party3::new();
    let long = "a task with a long title ".repeat(30);
    for n in 0..250 {
        party.write(0, adds(n, &long), 10);
    }
    party.link(0, 1);
    let largest = party
        .wire
        .iter()
        .flat_map(|(_, frames)| frames)
        .map(Vec::len)
        .max()
        .unwrap();
    assert!(largest < 4096, "nothing is sent before it is asked for");
    party.settle(&mut rng);
    assert_eq!(party.devices[1].party.have(), party.devices[0].party.have());
}

#[test]
fn a_party_that_is_not_shared_is_not_answered() {
    let (alice, mallory) = (person(1), person(9));
    let hers = founded(&alice);
    let asked = Sync::default().share(&hers);
    let [SyncOutput::Send(frame)] = &asked[..] else {
        panic!()
    };
    let answer = Sync::default().handle(frame, &[]).unwrap();
    let closed = SyncMessage::Closed {
        topic: Topic::of(hers.id()),
    }
    .encode();
    assert_eq!(answer, [SyncOutput::Send(closed)]);
    let other = founded(&mallory);
    assert_eq!(Sync::default().handle(frame, &[&other]).unwrap(), answer);
}

#[test]
fn who_repeats_that_there_is_more_ends_the_exchange() {
    let alice = person(1);
    let party = founded(&alice);
    let mut sync = Sync::default();
    sync.share(&party);
    let nothing = SyncMessage::Ops {
        topic: Topic::of(party.id()),
        ops: Vec::new(),
        more: true,
    }
    .encode();
    sync.handle(&nothing, &[&party]).unwrap();
    assert_eq!(sync.took(&party, Taken::Nothing), []);
}

#[test]
fn what_is_not_a_frame_is_an_error_and_no_panic() {
    let party = founded(&person(1));
    let Some(SyncOutput::Send(frame)) = Sync::default().share(&party).pop() else {
        panic!()
    };
    for length in 0..frame.len() {
        assert!(
            Sync::default().handle(&frame[..length], &[&party]).is_err(),
            "cut at {length}"
        );
    }
    let mut longer = frame.clone();
    longer.push(0);
    assert!(Sync::default().handle(&longer, &[&party]).is_err());
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..10_000 {
        let mut bytes = vec![0; rng.random_range(0..64)];
        rng.fill(&mut bytes[..]);
        if let Some(kind) = bytes.first_mut() {
            *kind = rng.random_range(0..6);
        }
        drop(Sync::default().handle(&bytes, &[&party]));
    }
    let forged = SyncMessage::Ops {
        topic: Topic::of(party.id()),
        ops: vec![vec![1; 200]],
        more: false,
    }
    .encode();
    assert!(matches!(
        Sync::default().handle(&forged, &[&party]),
        Err(SyncError::Op(_))
    ));
}
