//! Rule 4 of LOG.md once more, word for word and slowly, over random parties of people with two devices each.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};

use crate::identity::{DeviceId, DeviceKey, EndpointKey, Keys};
use crate::party::fixture::*;
use crate::party::log::Entry;
use crate::party::resolver::Whose;
use crate::party::text::Effect;
use crate::party::{Act, KnownData, MessageId, Op, OpId, Party, Role};

/// Everybody's two devices, each with a copy, and every op that anybody ever signed.
struct World {
    devices: Vec<Keys>,
    copies: Vec<Party>,
    ops: BTreeMap<OpId, Op>,
    rng: StdRng,
    minute: u64,
}

fn second(who: &Keys, n: u8) -> (Keys, Act) {
    let (device, endpoint) = (
        DeviceKey::from_seed(&[100 + n; 32]),
        EndpointKey::from_seed(&[150 + n; 32]),
    );
    let added = adds_device(who, device.id(), endpoint.id());
    (Keys { device, ..person(n) }, added)
}

impl World {
    fn new(seed: u64) -> Self {
        let alice = person(1);
        let mut party = founded(&alice);
        let mut devices = Vec::new();
        for (n, role) in [(1, Role::Owner), (2, Role::Admin), (3, Role::Admin), (4, Role::Editor)] {
            let first = person(n);
            if n > 1 {
                party.write(&alice, admits(&first, role), at(0)).unwrap();
            }
            let (further, added) = second(&first, n);
            party.write(&first, added, at(0)).unwrap();
            devices.extend([first, further]);
        }
        let ops = party.ops().map(|op| (op.id(), op.clone())).collect();
        Self {
            copies: vec![party; devices.len()],
            devices,
            ops,
            rng: StdRng::seed_from_u64(seed),
            minute: 1,
        }
    }

    fn says(&mut self) -> Act {
        Act::MessageSent {
            message: MessageId::from_bytes(self.rng.random()),
            text: "Hello".to_owned(),
            reply_to: MessageId::from_bytes([0; 16]),
        }
    }

    fn act(&mut self) -> Act {
        let (whom, device) = (self.rng.random_range(0..8), self.rng.random_range(0..8));
        match self.rng.random_range(0..12) {
            0 => makes(&self.devices[whom], Role::Reader),
            1 => makes(&self.devices[whom], Role::Editor),
            2 => removes(&self.devices[whom]),
            3 => admits(&person(9), Role::Editor),
            4 => Act::DeviceRemoved {
                device: self.devices[device].device.id(),
                known: KnownData::default(),
            },
            _ => self.says(),
        }
    }

    /// Somebody writes by the program, dated a little too early or too late.
    fn write(&mut self) {
        let (by, act) = (self.rng.random_range(0..8), self.act());
        let time = at(self.minute + self.rng.random_range(0..4));
        if let Ok(op) = self.copies[by].write(&self.devices[by], act, time) {
            self.ops.insert(op.id(), op);
        }
    }

    /// Somebody writes on a past that they choose, and gives it to somebody; a removal knows what they like.
    fn forge(&mut self) {
        let (by, to) = (self.rng.random_range(0..8), self.rng.random_range(0..8));
        let mut act = self.says();
        if self.rng.random_bool(0.3) {
            let whom = &self.devices[self.rng.random_range(0..8)];
            let known = KnownData::new([(whom.device.id(), self.rng.random_range(0..9))].into_iter());
            let member = whom.identity.id();
            act = Act::MemberRemoved { member, known };
        }
        let is_membership = act.is_membership();
        let all: Vec<&Op> = self
            .ops
            .values()
            .filter(|op| !is_membership || op.act().is_membership())
            .collect();
        let count = self.rng.random_range(1..4);
        let chosen: Vec<&Op> = all.sample(&mut self.rng, count).copied().collect();
        let device = &self.devices[by].device;
        let past = self.past(&chosen.iter().map(|op| op.id()).collect::<Vec<_>>());
        let own = past.iter().map(|id| &self.ops[id]);
        let own = own.filter(|op| op.device() == device.id() && op.act().is_membership() == is_membership);
        // A data op names the one before it; only membership ops may have it further back.
        let seq = if is_membership {
            own.map(|op| op.seq() + 1).max().unwrap_or(0)
        } else {
            let named = chosen
                .iter()
                .filter(|op| op.device() == device.id() && !op.act().is_membership());
            named.map(|op| op.seq() + 1).max().unwrap_or(0)
        };
        let deps = chosen.iter().map(|op| op.id()).collect();
        let time = at(self.rng.random_range(0..self.minute + 2));
        let op = forge(&self.copies[0], (&self.devices[by], device), (seq, deps), time, act);
        self.copies[to].receive(op.clone()).ok();
        self.ops.insert(op.id(), op);
    }

    fn past(&self, ids: &[OpId]) -> BTreeSet<OpId> {
        let (mut past, mut open) = (BTreeSet::new(), ids.to_vec());
        while let Some(id) = open.pop() {
            if past.insert(id) {
                open.extend(self.ops[&id].deps());
            }
        }
        past
    }

    fn meet(&mut self) {
        let (from, to) = (self.rng.random_range(0..8), self.rng.random_range(0..8));
        let ops = self.copies[from].missing(&self.copies[to].have(), usize::MAX);
        let all_at_once = self.rng.random_bool(0.7);
        let to = &mut self.copies[to];
        if all_at_once {
            assert!(to.receive_all(ops).iter().all(Result::is_ok));
        } else {
            ops.into_iter().for_each(|op| drop(to.receive(op).unwrap()));
        }
    }
}

/// The rule, over the removals that the resolver says are in effect.
struct Oracle<'a> {
    world: &'a World,
    party: &'a Party,
}

impl Oracle<'_> {
    fn unseen(&self, op: &Op) -> Vec<&Op> {
        let past = self.world.past(op.deps());
        let about = [Whose::Member(op.author()), Whose::Device(op.device())];
        let cuts = about
            .iter()
            .filter_map(|whose| self.party.resolved.cuts.get(&whose.key()));
        let removals = cuts.flat_map(|cuts| cuts.iter().map(|at| &self.party.log.graph.get(*at).unwrap().op));
        removals.filter(|removal| !past.contains(&removal.id())).collect()
    }

    fn knows(&self, removal: &Op, op: &Op) -> bool {
        match (removal.act(), removal.author() == op.author()) {
            (Act::RoleChanged { .. }, true) => false,
            (_, true) => op.time() <= removal.time(),
            (
                Act::MemberRemoved { known, .. } | Act::RoleChanged { known, .. } | Act::DeviceRemoved { known, .. },
                false,
            ) => op.seq() < known.of(op.device()),
            _ => panic!("no removal"),
        }
    }

    /// How far the data of one device is in what an op of its person builds on, itself included, through that person's ops.
    fn reach(&self, op: &Op, device: DeviceId) -> Option<u64> {
        let own = op.deps().iter().map(|dep| &self.world.ops[dep]);
        let own = own.filter(|dep| dep.author() == op.author() && !dep.act().is_membership());
        let reached = own.filter_map(|dep| self.reach(dep, device)).max();
        reached.max((op.device() == device).then(|| op.seq()))
    }

    fn names(&self, witness: &Op, op: &Op) -> bool {
        let named = witness.deps().iter().map(|dep| &self.world.ops[dep]);
        let mut named = named.filter(|dep| dep.author() == op.author() && !dep.act().is_membership());
        named.any(|dep| self.reach(dep, op.device()).is_some_and(|seq| seq >= op.seq()))
    }

    fn effect(&self, entry: &Entry) -> Effect {
        let entries = || self.party.log.entries().iter().filter(|entry| entry.place.is_none());
        let is_saved = |removal: &Op, op: &Op| {
            let mut witnesses = entries().filter(|other| other.op.author() != op.author() && self.names(&other.op, op));
            op.time() <= removal.time()
                && witnesses.any(|other| {
                    !self.world.past(other.op.deps()).contains(&removal.id())
                        && self.party.is_grounded(other)
                        && self.unseen(&other.op).iter().all(|about| self.knows(about, &other.op))
                })
        };
        let mut removals = self.unseen(&entry.op).into_iter();
        let stands = self.party.is_grounded(entry)
            && removals.all(|removal| self.knows(removal, &entry.op) || is_saved(removal, &entry.op));
        if stands { Effect::Stands } else { Effect::Cancelled }
    }
}

#[test]
fn every_data_op_has_the_effect_that_the_rule_says() {
    let (mut standing, mut cut) = (0, 0);
    for seed in 0..30 {
        let mut world = World::new(seed);
        for minute in 1..70 {
            world.minute = minute;
            match world.rng.random_range(0..5) {
                0..=1 => world.write(),
                2 => world.forge(),
                _ => world.meet(),
            }
        }
        for _ in 0..6 {
            let all = world.copies.clone();
            for copy in &mut world.copies {
                all.iter().for_each(|other| sync(other, copy));
            }
        }
        let mut ops: Vec<Op> = world.copies[0].ops().cloned().collect();
        ops.shuffle(&mut world.rng);
        let loaded = Party::load(ops).unwrap();
        let oracle = Oracle {
            world: &world,
            party: &loaded,
        };
        for entry in loaded.log.entries().iter().filter(|entry| entry.place.is_none()) {
            let effect = oracle.effect(entry);
            assert_eq!(loaded.effect(entry), effect, "seed {seed}: {:?}", entry.op);
            standing += usize::from(effect == Effect::Stands);
            cut += usize::from(effect == Effect::Cancelled);
        }
        for copy in &world.copies {
            assert_eq!(copy.have(), loaded.have(), "seed {seed}");
            assert_eq!(copy.messages(), loaded.messages(), "seed {seed}");
        }
    }
    assert!(standing > 100 && cut > 100, "{standing} stand, {cut} do not");
}
