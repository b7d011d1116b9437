use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;
use crate::identity::Keys;
use crate::party::OpId;
use crate::party::fixture::{adds, admits, at, forge, founded, person, titles};
use crate::party::{Act, Role};

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
                SyncOutput::Compare(_) => {}
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
                SyncOutput::Take { ops, part, .. } => self.take(to, from, &ops, part),
                SyncOutput::Answer { have, .. } => {
                    let answer = Sync::answer(&self.devices[to].party, &have);
                    self.put(to, from, vec![answer]);
                }
                other => self.put(to, from, vec![other]),
            }
        }
        true
    }

    fn take(&mut self, who: usize, from: usize, ops: &[Vec<u8>], part: Part) {
        let device = &mut self.devices[who];
        let unknown = ops.iter().filter(|op| !device.party.holds(op));
        let ops = unknown.map(|op| Op::open(op).unwrap()).collect();
        let taken = device.links[from].take(&mut device.party, ops, part);
        self.put(who, from, taken.outputs);
        self.push(who, Some(from), &taken.new);
    }

    /// A while passes: everybody tells what is held, and asks who holds something else.
    fn wait(&mut self) {
        for who in 0..3 {
            for to in (0..3).filter(|to| *to != who) {
                let device = &mut self.devices[who];
                let said = device.links[to].tell(&device.party);
                let asked = device.links[to].compare(&device.party);
                self.put(who, to, said.into_iter().chain(asked).collect());
            }
        }
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

/// Pushes may get lost on the way to a slow peer; that is made good.
#[test]
fn what_was_not_pushed_is_asked_for_and_the_talk_ends() {
    for seed in 0..50 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut party = Party3::new();
        party.link(0, 1);
        party.link(1, 2);
        party.settle(&mut rng);
        for n in 0..5 {
            let device = &mut party.devices[0];
            device.party.write(&device.keys, adds(n, "left out"), at(10)).unwrap();
            device.links[1].missed(device.party.id());
        }
        for _ in 0..8 {
            party.wait();
            party.settle(&mut rng);
        }
        let haves: Vec<Have> = party.devices.iter().map(|device| device.party.have()).collect();
        assert!(haves[0] == haves[1] && haves[1] == haves[2], "seed {seed}");
        for (who, to) in [(0, 1), (1, 0), (1, 2), (2, 1)] {
            let device = &party.devices[who];
            let digest = device.party.digest();
            assert_eq!(device.links[to].is_held(device.party.id(), digest), Some(true));
        }
        party.wait();
        assert!(!party.deliver(&mut rng), "there is nothing left to say");
    }
}

#[test]
fn who_pushes_what_stands_on_nothing_is_cut_off_when_the_answer_shows_it() {
    let (alice, bob) = (person(1), person(2));
    let mut party = founded(&alice);
    party.write(&alice, admits(&bob, Role::Editor), at(1)).unwrap();
    let ops: Vec<Op> = (0..=MAX_USELESS)
        .map(|n| {
            let never = OpId::from_bytes([n as u8; 32]);
            forge(
                &party,
                (&bob, &bob.device),
                (9, vec![never]),
                at(2),
                adds(1, "out of nowhere"),
            )
        })
        .collect();
    let mut sync = Sync::default();
    let taken = sync.take(&mut party, ops, Part::Push);
    assert!(
        matches!(taken.outputs[..], [SyncOutput::Send(_)]),
        "it is asked for the past"
    );
    assert!(party.waits_for_ops());
    let taken = sync.take(&mut party, Vec::new(), Part::Last);
    assert_eq!(taken.outputs, [SyncOutput::Misbehaved(SyncError::Useless)]);
    assert!(!party.waits_for_ops(), "what stands on nothing is gone");
}

#[test]
fn a_peer_that_never_answers_has_a_bounded_number_of_ops_waiting_and_is_cut_off_in_the_end() {
    let (alice, bob) = (person(1), person(2));
    let mut party = founded(&alice);
    let op = |seq| {
        forge(
            &party,
            (&bob, &bob.device),
            (seq, vec![OpId::from_bytes([7; 32])]),
            at(2),
            adds(1, "x"),
        )
    };
    let flood: Vec<Op> = (0..2000).map(op).collect();
    let mut sync = Sync::default();
    for _ in 0..100 {
        let taken = sync.take(&mut party, flood.clone(), Part::Push);
        if taken.outputs == [SyncOutput::Misbehaved(SyncError::Useless)] {
            return;
        }
        assert!(party.waiting() <= MAX_WAITING);
    }
    panic!("never cut off");
}

#[test]
fn a_reader_that_keeps_writing_is_cut_off() {
    let (alice, rita) = (person(1), person(2));
    let mut party = founded(&alice);
    party.write(&alice, admits(&rita, Role::Reader), at(1)).unwrap();
    let heads: Vec<OpId> = party.ops().map(Op::id).collect();
    let mut sync = Sync::default();
    let before = party.have();
    let mut outputs = Vec::new();
    for n in 0..=MAX_USELESS {
        let act = adds(n as u8, "a Reader writes");
        let op = forge(
            &party,
            (&rita, &rita.device),
            (0, vec![heads[heads.len() - 1]]),
            at(2),
            act,
        );
        let taken = sync.take(&mut party, vec![op], Part::Push);
        assert_eq!((taken.new.len(), taken.useless), (0, 1));
        outputs = taken.outputs;
    }
    assert_eq!(outputs, [SyncOutput::Misbehaved(SyncError::Useless)]);
    assert_eq!(party.have(), before);
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
    let mut party = founded(&person(1));
    let mut sync = Sync::default();
    sync.share(&party);
    let taken = sync.take(&mut party, Vec::new(), Part::Portion);
    assert_eq!(taken, Taken::default());
    assert!(sync.is_settled(party.id()));
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
}
