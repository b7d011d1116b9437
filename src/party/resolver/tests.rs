//! Random parties: people who write at the same time, hear of each other now and then, and break every rule.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};

use super::conflicts::are_concurrent;
use super::graph::{Node, judge};
use super::*;
use crate::identity::{DeviceKey, EndpointKey, IdentityId, Keys};
use crate::party::fixture::*;
use crate::party::have::Chain;
use crate::party::{Act, How, KnownData, Membership, Op, OpId, Party, PartyTag, ReceiveError, Role, evidence_text};

mod approval;

use approval::{approves, approves_by, asks, denies};

/// How many people there are and how much they do in a large party, and in a small one.
const LARGE: (u8, u32) = (8, 40);
const SMALL: (u8, u32) = (4, 12);
/// How many random parties of each size.
const LARGE_GRAPHS: u64 = 200;
const SMALL_GRAPHS: u64 = 10_000;

/// A secret of an invitation: any Ed25519 key will do.
fn invitation(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[0xc0 | n; 32])
}

fn invitation_bytes(n: u8) -> [u8; 16] {
    super::super::evidence::invitation_id(invitation(n).id().as_bytes())
}

/// Somebody comes in by a delegated link.
fn admits_by_link(tag: PartyTag, n: u8, who: &Keys, role: Role) -> Act {
    let invitation_id = invitation_bytes(n);
    let evidence = invitation(n).sign(&evidence_text(tag, &invitation_id, &who.certificate));
    admits_by(who, role, (invitation_id, How::Link, evidence))
}

fn delegates(n: u8, role: Role, max_uses: u32) -> Act {
    let key = *invitation(n).id().as_bytes();
    let (not_after, min_admitter_role) = (at(60 * 24).as_millis(), Role::Editor);
    Act::InvitationDelegated {
        key,
        role,
        max_uses,
        not_after,
        method: 0,
        bind: [0; 32],
        min_admitter_role,
    }
}

fn second_device(who: &Keys, n: u8) -> Act {
    let (device, endpoint) = (
        DeviceKey::from_seed(&[n | 0x30; 32]).id(),
        EndpointKey::from_seed(&[n | 0x20; 32]).id(),
    );
    adds_device(who, device, endpoint)
}

struct Random {
    rng: StdRng,
    people: Arc<[Keys]>,
    replicas: Vec<Party>,
    old: Vec<Party>,
    minute: u64,
}

impl Random {
    /// A start that others begin with, too.
    fn from_start(start: &Self, seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            people: Arc::clone(&start.people),
            replicas: start.replicas.clone(),
            old: start.old.clone(),
            minute: start.minute,
        }
    }

    fn new(seed: u64, people: u8) -> Self {
        let people: Arc<[Keys]> = (1..=people).map(person).collect();
        let mut party = founded(&people[0]);
        // A start that is not empty, so that most of what follows has a chance to be allowed.
        for who in &people[1..3] {
            party.write(&people[0], admits(who, Role::Admin), at(0)).unwrap();
        }
        for n in 0..2 {
            party
                .write(&people[0], delegates(n, Role::Editor, 1 + u32::from(n)), at(0))
                .unwrap();
        }
        party.write(&people[0], approves_by(4, 2), at(0)).unwrap();
        let replicas = vec![party; people.len()];
        Self {
            rng: StdRng::seed_from_u64(seed),
            people,
            old: replicas.clone(),
            replicas,
            minute: 1,
        }
    }

    fn act(&mut self, by: usize) -> Act {
        let role = *[Role::Owner, Role::Admin, Role::Admin, Role::Editor, Role::Reader]
            .choose(&mut self.rng)
            .unwrap();
        let n = self.rng.random_range(0..3);
        let who = self.rng.random_range(0..self.people.len());
        let tag = self.replicas[by].id().tag();
        let who = &self.people[who];
        match self.rng.random_range(0..18) {
            0 | 1 => admits(who, role),
            2 => delegates(n, Role::Editor, 1 + u32::from(n) / 2),
            3..=5 => admits_by_link(tag, n, who, Role::Editor),
            6 => Act::InvitationRevoked {
                invitation: invitation_bytes(n),
            },
            7..=8 => removes(who),
            9..=10 => makes(who, role),
            11 => second_device(&self.people[by], u8::try_from(by).unwrap()),
            14 => approves_by(4 + n, 2),
            15 => asks(tag, 4 + n / 2, who),
            16 => approves(tag, 4 + n / 2, who),
            17 => denies(4 + n / 2, who),
            12 => Act::DeviceRemoved {
                device: who.device.id(),
                known: KnownData::default(),
            },
            _ => Act::Named {
                name: format!("Person {n}"),
            },
        }
    }

    fn step(&mut self) {
        let by = self.rng.random_range(0..self.people.len());
        if self.rng.random_bool(0.45) {
            let from = self.rng.random_range(0..self.people.len());
            for op in self.replicas[from].missing(&self.replicas[by].have(), usize::MAX) {
                self.replicas[by].receive(op).unwrap();
            }
        }
        if self.rng.random_bool(0.12) {
            // Restored from a copy: the next op forks the device.
            self.replicas[by] = self.old[by].clone();
        }
        if self.rng.random_bool(0.1) {
            self.old[by] = self.replicas[by].clone();
        }
        let act = self.act(by);
        let (who, replica) = (&self.people[by], &self.replicas[by]);
        let device = who.device.id();
        let seq = replica.log.next_seq(device, Chain::Membership);
        let deps = replica.log.deps(device, Chain::Membership, Vec::new);
        let op = forge(replica, (who, &who.device), (seq, deps), at(self.minute), act);
        self.minute += 1;
        match self.replicas[by].receive(op) {
            Ok(_) | Err(ReceiveError::NotAllowed) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(has_owner(&self.replicas[by]));
    }

    /// Everybody hears of everything.
    fn meet(&mut self) -> Party {
        let mut all = self.replicas[0].clone();
        // A forked chain takes a few rounds: who holds less of it does not know that it holds something else.
        while self.replicas.iter().any(|replica| replica.have() != all.have()) {
            for replica in &mut self.replicas {
                sync(replica, &mut all);
                sync(&all, replica);
            }
        }
        all
    }
}

fn has_owner(party: &Party) -> bool {
    party
        .membership()
        .members()
        .iter()
        .any(|member| member.role == Role::Owner && !member.devices.is_empty())
}

fn applied(party: &Party) -> Vec<OpId> {
    let mut ids: Vec<_> = party
        .resolved
        .applied
        .iter()
        .map(|at| party.log.graph.get(at).unwrap().op.id())
        .collect();
    ids.sort_unstable();
    ids
}

/// Whom an applied removal is about, if it is about somebody else.
fn removed(node: &Node) -> Option<IdentityId> {
    match node.op.act() {
        Act::MemberRemoved { member, .. } if *member != node.op.author() => Some(*member),
        _ => None,
    }
}

fn admitted(node: &Node) -> Option<IdentityId> {
    match node.op.act() {
        Act::Genesis { .. } => Some(node.op.author()),
        Act::MemberAdmitted { member, .. } => Some(*member),
        _ => None,
    }
}

fn check_invariants(party: &Party) {
    assert!(has_owner(party));
    for (_, delegation) in party.resolved.state.delegations.iter() {
        assert!(delegation.used_by.len() <= delegation.max_uses as usize);
    }
    let graph = &party.log.graph;
    let nodes: Vec<(usize, &Node)> = party
        .resolved
        .applied
        .iter()
        .map(|at| (at, graph.get(at).unwrap()))
        .collect();
    for x in &nodes {
        let author = x.1.op.author();
        let mut sound = party.resolved.sound.iter().filter(|at| x.1.past.contains(*at));
        let was_admitted = sound.any(|at| admitted(graph.get(at).unwrap()) == Some(author));
        assert!(x.1.op.is_genesis() || was_admitted, "an author was never admitted");
        for y in nodes.iter().filter(|y| are_concurrent(*x, **y)) {
            assert_ne!(
                removed(x.1),
                Some(y.1.op.author()),
                "a removed member's concurrent op took effect"
            );
            assert!(
                removed(x.1).is_none() || removed(x.1) != admitted(y.1),
                "an admission undid a removal"
            );
            if let (
                Act::RequestDenied {
                    invitation: denied,
                    member: whom,
                },
                Act::MemberAdmitted { invitation, member, .. },
            ) = (x.1.op.act(), y.1.op.act())
            {
                assert!(
                    (denied, whom) != (invitation, member) || x.1.op.author() == y.1.op.author(),
                    "a denied request was approved"
                );
            }
            if let (Act::InvitationRevoked { invitation: revoked }, Act::MemberAdmitted { invitation, .. }) =
                (x.1.op.act(), y.1.op.act())
            {
                assert!(
                    revoked != invitation || x.1.op.author() == y.1.op.author(),
                    "a revoked invitation was used"
                );
            }
        }
    }
    for member in party.membership().members() {
        assert_eq!(party.membership().member(member.identity), Some(member));
        for device in &member.devices {
            assert_eq!(
                party.membership().by_endpoint(device.endpoint),
                Some(member),
                "an endpoint is one member's"
            );
        }
    }
}

/// The remembered answers are those of the function itself: what every op was judged by, and what all of them say.
fn check_against_the_function(party: &Party) {
    let graph = &party.log.graph;
    for node in graph.iter() {
        let judged = judge(&resolve(graph, &node.past).state, node).ok();
        assert!(judged == node.authority, "an op is judged in another state");
    }
    let (pure, fast) = (resolve(graph, &graph.all()), &party.resolved);
    assert_eq!((&pure.applied, &pure.sound), (&fast.applied, &fast.sound));
    assert_eq!((&pure.forks, &pure.overused), (&fast.forks, &fast.overused));
    assert!(pure.cuts_as(fast), "other removals");
    let mut shown = Membership::default();
    pure.show(&Resolved::default(), &mut shown);
    assert_eq!(shown.party_name(), party.membership().party_name());
    assert_eq!(shown.members(), party.membership().members());
}

/// What a random party was like.
#[derive(Clone, Copy, Default)]
struct Tally {
    ops: usize,
    effective: usize,
    overused: usize,
    forked: usize,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self {
            ops: self.ops + other.ops,
            effective: self.effective + other.effective,
            overused: self.overused + other.overused,
            forked: self.forked + other.forked,
        }
    }
}

/// One random party from its beginning to the day when everybody has heard of everything.
fn live(start: &Random, steps: u32, seed: u64) -> Tally {
    let mut random = Random::from_start(start, seed);
    for _ in 0..steps {
        random.step();
    }
    let all = random.meet();
    check_invariants(&all);
    for replica in &random.replicas {
        assert_eq!(replica.have(), all.have(), "sync brings everything everywhere");
        assert_eq!(applied(replica), applied(&all));
        assert_eq!(replica.membership(), all.membership());
    }
    let mut ops: Vec<Op> = all.ops().cloned().collect();
    ops.shuffle(&mut random.rng);
    let shuffled = Party::load(ops).unwrap();
    check_against_the_function(&shuffled);
    assert_eq!(applied(&shuffled), applied(&all));
    assert_eq!(shuffled.membership(), all.membership());
    Tally {
        ops: all.ops().count(),
        effective: all.resolved.applied.iter().count(),
        overused: all.membership().overused().len(),
        forked: all.membership().forked().len(),
    }
}

/// Many random parties, on all processors. A failure names the seed.
fn live_often((people, steps): (u8, u32), graphs: u64) -> Tally {
    let start = Random::new(0, people);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let part = |first: u64| {
        let mut sum = Tally::default();
        for seed in (first..graphs).step_by(threads.try_into().unwrap()) {
            let lived = catch_unwind(AssertUnwindSafe(|| live(&start, steps, seed)));
            sum = sum.and(lived.unwrap_or_else(|_| panic!("seed {seed} of {people} people and {steps} steps")));
        }
        sum
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        let sum = parts.into_iter().map(|part| part.join().unwrap());
        sum.fold(Tally::default(), Tally::and)
    })
}

#[test]
fn random_parties_keep_their_promises_and_do_not_depend_on_the_order() {
    let (large, small) = (live_often(LARGE, LARGE_GRAPHS), live_often(SMALL, SMALL_GRAPHS));
    let Tally {
        ops,
        effective,
        overused,
        forked,
    } = large.and(small);
    // The parties are rich enough to mean something.
    assert!(effective * 5 > ops, "{effective} of {ops}");
    assert!(overused > 3 && forked > 20, "{overused} overused, {forked} forked");
}

/// What an op's own past says of it never changes: later ops only veto.
#[test]
fn an_authorisation_does_not_depend_on_later_ops() {
    for seed in 0..20 {
        let mut random = Random::new(seed, 8);
        (0..40).for_each(|_| random.step());
        let early = random.replicas[0].clone();
        let all = random.meet();
        for node in early.log.graph.iter() {
            let later = all
                .log
                .graph
                .iter()
                .find(|other| other.op.id() == node.op.id())
                .unwrap();
            assert_eq!(node.authority.is_some(), later.authority.is_some());
        }
    }
}

#[test]
fn of_two_uses_of_a_link_for_one_person_one_stands() {
    let (alice, bob) = (person(1), person(2));
    let mut hers = founded(&alice);
    hers.write(&alice, admits(&bob, Role::Editor), at(1)).unwrap();
    hers.write(&alice, delegates(0, Role::Reader, 1), at(1)).unwrap();
    let (mut his, tag) = (hers.clone(), hers.id().tag());
    hers.write(&alice, admits_by_link(tag, 0, &person(3), Role::Reader), at(2))
        .unwrap();
    his.write(&bob, admits_by_link(tag, 0, &person(4), Role::Reader), at(2))
        .unwrap();
    sync(&his, &mut hers);
    assert_eq!(hers.membership().members().len(), 3);
    assert_eq!(hers.membership().overused().len(), 1);
}

#[test]
fn a_revocation_beats_a_use_at_the_same_time() {
    let (alice, bob) = (person(1), person(2));
    let mut hers = founded(&alice);
    hers.write(&alice, admits(&bob, Role::Editor), at(1)).unwrap();
    hers.write(&alice, delegates(0, Role::Reader, 1), at(1)).unwrap();
    let (mut his, tag) = (hers.clone(), hers.id().tag());
    hers.write(
        &alice,
        Act::InvitationRevoked {
            invitation: invitation_bytes(0),
        },
        at(2),
    )
    .unwrap();
    his.write(&bob, admits_by_link(tag, 0, &person(4), Role::Reader), at(2))
        .unwrap();
    assert_eq!(his.membership().members().len(), 3);
    sync(&hers, &mut his);
    assert_eq!(his.membership().members().len(), 2);
}

#[test]
fn a_link_admits_only_as_it_says() {
    let (alice, bob, carol) = (person(1), person(2), person(3));
    let mut party = founded(&alice);
    let tag = party.id().tag();
    party.write(&alice, admits(&bob, Role::Reader), at(1)).unwrap();
    let mut write = |who: &Keys, act: Act, minute: u64| party.write(who, act, at(minute)).map(drop);
    use crate::party::WriteError as E;
    let link = |who: &Keys, role| admits_by_link(tag, 0, who, role);
    assert_eq!(
        write(&alice, link(&carol, Role::Editor), 2),
        Err(E::InvitationClosed),
        "unknown"
    );
    assert_eq!(
        write(&alice, delegates(0, Role::Admin, 1), 2),
        Err(E::NotAllowed),
        "a bearer link never makes admins"
    );
    assert_eq!(
        write(&alice, delegates(0, Role::Editor, 0), 2),
        Err(E::NotAllowed),
        "no uses"
    );
    assert_eq!(write(&alice, delegates(0, Role::Editor, 2), 2), Ok(()));
    assert_eq!(
        write(&alice, delegates(0, Role::Editor, 2), 2),
        Err(E::InvitationClosed),
        "twice"
    );
    assert_eq!(
        write(&alice, link(&carol, Role::Reader), 3),
        Err(E::NotAllowed),
        "another role"
    );
    assert_eq!(
        write(&bob, link(&carol, Role::Editor), 3),
        Err(E::NotAllowed),
        "a Reader admits nobody"
    );
    let day = 60 * 24;
    assert_eq!(
        write(&alice, link(&carol, Role::Editor), day + 11),
        Err(E::InvitationClosed),
        "too late"
    );
    let mut stolen = link(&carol, Role::Editor);
    if let Act::MemberAdmitted { evidence, .. } = &mut stolen
        && let Act::MemberAdmitted { evidence: other, .. } = link(&person(4), Role::Editor)
    {
        *evidence = other;
    }
    assert_eq!(
        write(&alice, stolen, 3),
        Err(E::ProofInvalid),
        "somebody else's evidence"
    );
    assert_eq!(
        write(&alice, link(&carol, Role::Editor), day + 9),
        Ok(()),
        "clocks differ"
    );
    assert_eq!(write(&alice, removes(&carol), 4), Ok(()));
    assert_eq!(
        write(&alice, link(&carol, Role::Editor), 5),
        Err(E::InvitationClosed),
        "a replay undoes no removal"
    );
    assert_eq!(write(&alice, link(&person(4), Role::Editor), 5), Ok(()));
    assert_eq!(
        write(&alice, link(&person(5), Role::Editor), 5),
        Err(E::InvitationClosed),
        "used up"
    );
}

#[test]
fn a_delegated_admission_is_not_dated_back_past_what_its_author_knew() {
    let alice = person(1);
    let mut party = founded(&alice);
    party.write(&alice, delegates(0, Role::Editor, 2), at(1)).unwrap();
    party
        .write(&alice, Act::Named { name: "A".to_owned() }, at(60 * 48 + 11))
        .unwrap();
    let late = admits_by_link(party.id().tag(), 0, &person(3), Role::Editor);
    assert_eq!(
        party.write(&alice, late, at(2)),
        Err(crate::party::WriteError::InvitationClosed)
    );
}
