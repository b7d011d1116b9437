mod oracle;

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::identity::{DeviceKey, EndpointKey, Keys};
use crate::party::fixture::*;
use crate::party::{Act, KnownData, MessageId, Op, OpId, Party, ReceiveError, Received, Role};

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

/// Alice, Bob and Carol, who may write, each with a copy.
fn three() -> ([Keys; 3], [Party; 3]) {
    let people = [person(1), person(2), person(3)];
    let mut party = founded(&people[0]);
    for who in &people[1..] {
        party.write(&people[0], admits(who, Role::Editor), at(0)).unwrap();
    }
    (people, [party.clone(), party.clone(), party])
}

fn texts(party: &Party) -> Vec<String> {
    party.messages().iter().map(|message| message.text.clone()).collect()
}

fn says(text: &str) -> Act {
    let (mut message, reply_to) = ([0; 16], MessageId::from_bytes([0; 16]));
    message.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
    Act::MessageSent {
        message: MessageId::from_bytes(message),
        text: text.to_owned(),
        reply_to,
    }
}

/// Gives a copy an op that leaves the newest membership out of its past: the way to date something back.
fn says_behind(party: &mut Party, keys: &Keys, deps_of: &Party, text: &str, minute: u64) -> Op {
    let op = deps_of.clone().write(keys, says(text), at(minute)).unwrap();
    party.receive(op.clone()).unwrap();
    op
}

#[test]
fn what_the_author_of_a_removal_held_stays() {
    let ([alice, bob, _], [mut hers, mut his, _]) = three();
    his.write(&bob, says("seen"), at(5)).unwrap();
    sync(&his, &mut hers);
    his.write(&bob, says("not seen"), at(6)).unwrap();
    // Her clock is behind: what she holds stays all the same.
    hers.write(&alice, removes(&bob), at(1)).unwrap();
    sync(&his, &mut hers);
    assert_eq!(texts(&hers), ["seen"]);
}

#[test]
fn somebody_made_a_reader_dates_nothing_back() {
    let ([alice, bob, carol], [mut hers, his, mut carols]) = three();
    hers.write(&alice, makes(&bob, Role::Reader), at(5)).unwrap();
    sync(&hers, &mut carols);
    let op = says_behind(&mut carols, &bob, &his, "dated back", 1);
    assert!(texts(&carols).is_empty());
    // Carol knows of the demotion: that she writes after Bob does not save what he wrote.
    carols.write(&carol, says("mine"), at(6)).unwrap();
    hers.receive(op).unwrap();
    sync(&carols, &mut hers);
    assert_eq!(
        (texts(&carols), texts(&hers)),
        (vec!["mine".to_owned()], vec!["mine".to_owned()])
    );
}

#[test]
fn what_others_have_built_on_stays_if_it_came_before_the_removal() {
    let ([alice, bob, carol], [mut hers, mut his, mut carols]) = three();
    his.write(&bob, says("before"), at(1)).unwrap();
    sync(&his, &mut carols);
    carols.write(&carol, says("built on it"), at(2)).unwrap();
    sync(&carols, &mut his);
    his.write(&bob, says("nobody's ground"), at(3)).unwrap();
    // Alice was away all the while.
    hers.write(&alice, removes(&bob), at(4)).unwrap();
    his.write(&bob, says("after"), at(5)).unwrap();
    sync(&his, &mut carols);
    carols.write(&carol, says("built on that"), at(6)).unwrap();

    let mut one_by_one = hers.clone();
    carols
        .ops()
        .for_each(|op| drop(one_by_one.receive(op.clone()).unwrap()));
    sync(&hers, &mut carols);
    sync(&carols, &mut hers);
    // The last two of Bob's are saved by nobody who came in time, but for what Carol's second message has in its past and
    // is dated before the removal.
    for party in [&hers, &carols, &one_by_one] {
        assert_eq!(
            texts(party),
            ["before", "built on it", "nobody's ground", "built on that"]
        );
    }
}

#[test]
fn two_who_were_removed_do_not_save_each_other() {
    let ([alice, bob, carol], [mut hers, mut his, mut carols]) = three();
    hers.write(&alice, makes(&bob, Role::Reader), at(3)).unwrap();
    hers.write(&alice, makes(&carol, Role::Reader), at(3)).unwrap();
    his.write(&bob, says("one"), at(1)).unwrap();
    sync(&his, &mut carols);
    carols.write(&carol, says("two"), at(1)).unwrap();
    sync(&carols, &mut his);
    his.write(&bob, says("three"), at(1)).unwrap();
    sync(&his, &mut hers);
    assert!(texts(&hers).is_empty());
}

/// Eve, whom Bob claims to have let in before he was made a reader, writes on what he dates back.
#[test]
fn who_is_let_in_by_somebody_made_a_reader_saves_nothing() {
    let ([alice, bob, _], [mut hers, mut his, _]) = three();
    hers.write(&alice, makes(&bob, Role::Admin), at(1)).unwrap();
    sync(&hers, &mut his);
    hers.write(&alice, makes(&bob, Role::Reader), at(5)).unwrap();
    let eve = person(9);
    his.write(&bob, admits(&eve, Role::Editor), at(2)).unwrap();
    his.write(&bob, says("dated back"), at(2)).unwrap();
    let mut eves = his.clone();
    eves.write(&eve, says("built on it"), at(3)).unwrap();
    sync(&eves, &mut hers);
    assert!(texts(&hers).is_empty());
}

#[test]
fn what_was_saved_stays_when_its_witness_leaves() {
    let ([alice, bob, carol], [mut hers, mut his, mut carols]) = three();
    his.write(&bob, says("before"), at(1)).unwrap();
    sync(&his, &mut carols);
    carols.write(&carol, says("built on it"), at(2)).unwrap();
    hers.write(&alice, removes(&bob), at(4)).unwrap();
    sync(&carols, &mut hers);
    assert_eq!(texts(&hers), ["before", "built on it"]);
    hers.write(&alice, removes(&carol), at(5)).unwrap();
    assert_eq!(texts(&hers), ["before", "built on it"]);
    carols.write(&carol, removes(&carol), at(6)).unwrap();
    sync(&carols, &mut hers);
    assert_eq!(texts(&hers), ["before", "built on it"]);
}

/// An accomplice cannot keep what somebody writes later by a removal of their own that claims to know it.
#[test]
fn of_two_removals_at_once_each_counts() {
    let ([alice, bob, carol], [mut hers, his, mut carols]) = three();
    hers.write(&alice, makes(&carol, Role::Admin), at(1)).unwrap();
    sync(&hers, &mut carols);
    hers.write(&alice, removes(&bob), at(2)).unwrap();
    let head = carols.membership_closure().last().unwrap().id();
    let everything = KnownData::new([(bob.device.id(), u64::MAX)].into_iter());
    let act = Act::MemberRemoved {
        member: bob.identity.id(),
        known: everything,
    };
    let generous = forge(&carols, (&carol, &carol.device), (0, vec![head]), at(2), act);
    let mut both = hers.clone();
    both.receive(generous.clone()).unwrap();
    let late = his.clone().write(&bob, says("late"), at(9)).unwrap();
    for party in [&mut both, &mut carols] {
        party.receive(late.clone()).unwrap();
    }
    carols.receive(generous).unwrap();
    sync(&hers, &mut carols);
    assert!(texts(&both).is_empty() && texts(&carols).is_empty());
}

#[test]
fn a_crowd_of_heads_does_not_hide_a_removal() {
    let ([alice, bob, carol], [mut hers, his, mut carols]) = three();
    let head = hers.membership_closure().last().unwrap().id();
    hers.write(&alice, makes(&bob, Role::Reader), at(5)).unwrap();
    for n in 0..60 {
        let act = Act::Named {
            name: format!("Bob {n}"),
        };
        let op = forge(&hers, (&bob, &bob.device), (0, vec![head]), at(2), act);
        hers.receive(op).unwrap();
    }
    sync(&hers, &mut carols);
    let dated_back = his.clone().write(&bob, says("dated back"), at(1)).unwrap();
    carols.receive(dated_back).unwrap();
    carols.write(&carol, says("mine"), at(6)).unwrap();
    assert_eq!(texts(&carols), ["mine"]);
}

/// A laptop that retires a phone may not have seen what the phone wrote last.
#[test]
fn what_a_retired_device_wrote_before_stays() {
    let ([_, bob, _], [mut hers, mut laptops, _]) = three();
    let phone = Keys {
        device: DeviceKey::from_seed(&[77; 32]),
        ..person(2)
    };
    let endpoint = EndpointKey::from_seed(&[78; 32]).id();
    let added = adds_device(&bob, phone.device.id(), endpoint);
    laptops.write(&bob, added, at(1)).unwrap();
    sync(&laptops, &mut hers);
    let mut phones = laptops.clone();
    phones.write(&phone, says("from the phone"), at(2)).unwrap();
    let retired = Act::DeviceRemoved {
        device: phone.device.id(),
        known: KnownData::default(),
    };
    laptops.write(&bob, retired, at(3)).unwrap();
    phones.write(&phone, says("stolen"), at(4)).unwrap();
    sync(&phones, &mut hers);
    sync(&laptops, &mut hers);
    assert_eq!(texts(&hers), ["from the phone"]);
}

#[test]
fn a_member_has_at_most_sixteen_devices() {
    let ([_, bob, _], [_, mut his, _]) = three();
    for n in 1..=16 {
        let device = DeviceKey::from_seed(&[100 + n; 32]).id();
        let endpoint = EndpointKey::from_seed(&[150 + n; 32]).id();
        let written = his.write(&bob, adds_device(&bob, device, endpoint), at(1));
        assert_eq!(written.is_ok(), n < 16, "{n}");
    }
}
