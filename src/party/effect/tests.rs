use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::identity::Keys;
use crate::party::fixture::*;
use crate::party::{Act, MessageId, Op, OpId, Party, ReceiveError, Received, Role};

/// Five people, each with a copy of the party, and every op that anybody ever signed.
struct World {
    people: Vec<Keys>,
    copies: Vec<Party>,
    ops: BTreeMap<OpId, Op>,
    rng: StdRng,
    minute: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let people: Vec<Keys> = (1..=5).map(person).collect();
        let mut party = founded(&people[0]);
        let roles = [Role::Admin, Role::Editor, Role::Reader, Role::Reader];
        for (who, role) in people[1..].iter().zip(roles) {
            party.write(&people[0], admits(who, role), at(0)).unwrap();
        }
        let ops = party.ops().map(|op| (op.id(), op.clone())).collect();
        Self {
            people,
            copies: vec![party; 5],
            ops,
            rng: StdRng::seed_from_u64(seed),
            minute: 1,
        }
    }

    /// An act that nobody else writes.
    fn says(&mut self) -> Act {
        Act::MessageSent {
            message: MessageId::from_bytes(self.rng.random()),
            text: "Hello".to_owned(),
            reply_to: MessageId::from_bytes([0; 16]),
        }
    }

    /// Somebody writes by the program, or changes a role, removes or admits.
    fn write(&mut self) {
        let by = self.rng.random_range(0..5);
        let whom = self.rng.random_range(1..5);
        let role = *[Role::Reader, Role::Reader, Role::Editor, Role::Admin]
            .choose(&mut self.rng)
            .unwrap();
        let act = match self.rng.random_range(0..8) {
            0..=3 => self.says(),
            4..=5 => makes(&self.people[whom], role),
            6 => removes(&self.people[whom]),
            _ => admits(&self.people[whom], role),
        };
        // What is not allowed is simply not written.
        if let Ok(op) = self.copies[by].write(&self.people[by], act, at(self.minute)) {
            self.ops.insert(op.id(), op);
        }
    }

    /// Somebody signs what they like, upon a past that they choose, and gives it to somebody.
    fn forge(&mut self) {
        let (by, to) = (self.rng.random_range(1..5), self.rng.random_range(0..5));
        let act = match self.rng.random_range(0..4) {
            0 => Act::Unknown {
                kind: 99,
                raw: vec![0x80],
            },
            1 => adds(self.rng.random(), ""),
            _ => self.says(),
        };
        let all: Vec<&Op> = self.ops.values().collect();
        let count = self.rng.random_range(1..4);
        let chosen: Vec<&Op> = all.sample(&mut self.rng, count).copied().collect();
        let device = &self.people[by].device;
        let own = chosen
            .iter()
            .filter(|op| op.device() == device.id() && !op.act().is_membership());
        let seq = own.map(|op| op.seq() + 1).max().unwrap_or(0);
        let deps = chosen.iter().map(|op| op.id()).collect();
        let time = at(self.rng.random_range(0..self.minute + 2));
        let op = forge(&self.copies[0], (&self.people[by], device), (seq, deps), time, act);
        let may = self.role_in_its_past(&op).is_some_and(|role| role >= Role::Editor);
        match self.copies[to].receive(op.clone()) {
            Ok(Received::New(_)) => assert!(may, "a Reader's op was taken"),
            Err(ReceiveError::NotAllowed) => assert!(!may, "an Editor's op was refused"),
            Ok(Received::Pending) | Ok(Received::Known) => {}
            Err(error) => panic!("{error}"),
        }
        self.ops.insert(op.id(), op);
    }

    /// Which role the past of an op gives its author: from the membership ops in it alone.
    fn role_in_its_past(&self, op: &Op) -> Option<Role> {
        let (mut past, mut open) = (BTreeSet::new(), op.deps().to_vec());
        while let Some(id) = open.pop() {
            if past.insert(id) {
                open.extend(self.ops[&id].deps());
            }
        }
        let membership = past
            .iter()
            .map(|id| &self.ops[id])
            .filter(|op| op.act().is_membership());
        let party = Party::load(membership.cloned()).ok()?;
        let member = party.membership().member(op.author())?;
        let is_theirs = member.devices.iter().any(|device| device.device == op.device());
        is_theirs.then_some(member.role)
    }

    fn meet(&mut self) {
        let (from, to) = (self.rng.random_range(0..5), self.rng.random_range(0..5));
        let from = self.copies[from].clone();
        sync(&from, &mut self.copies[to]);
    }
}

/// No Reader's op is in anybody's log, by whatever way it comes: forged upon any past, dated back, handed on by others.
#[test]
fn a_reader_writes_by_no_path() {
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..40 {
        let mut world = World::new(seed);
        for minute in 1..60 {
            world.minute = minute;
            match world.rng.random_range(0..5) {
                0..=1 => world.write(),
                2 => world.forge(),
                _ => world.meet(),
            }
        }
        // Of a forked chain the shorter branch comes in a later round.
        for _ in 0..6 {
            let all = world.copies.clone();
            for copy in &mut world.copies {
                all.iter().for_each(|other| sync(other, copy));
            }
        }
        let held = world.copies[0].have();
        for copy in &world.copies {
            assert_eq!(copy.have(), held, "seed {seed}");
            assert_eq!(copy.messages(), world.copies[0].messages(), "seed {seed}");
            for op in copy.ops().filter(|op| !op.act().is_membership()) {
                let role = world.role_in_its_past(op);
                assert!(role.is_some_and(|role| role >= Role::Editor), "seed {seed}: {op:?}");
                taken += 1;
            }
        }
        // Whoever gets everything that was ever signed, in any order, takes the same and no more.
        let mut whole = world.copies[0].clone();
        for op in world.ops.values() {
            match whole.receive(op.clone()) {
                Err(ReceiveError::NotAllowed) => refused += 1,
                Err(error) => panic!("{error}"),
                Ok(_) => {}
            }
        }
        let may = |op: &&Op| world.role_in_its_past(op).is_some_and(|role| role >= Role::Editor);
        let data = |party: &Party| party.ops().filter(|op| !op.act().is_membership()).count();
        let allowed = whole.ops().filter(|op| !op.act().is_membership()).filter(may).count();
        assert_eq!(data(&whole), allowed, "seed {seed}");
    }
    assert!(taken > 1000 && refused > 100, "{taken} taken, {refused} refused");
}
