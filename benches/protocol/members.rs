//! Who is in, after very many changes of it.

use std::time::Duration;

use partyline::identity::Keys;
use partyline::party::{Act, KnownData, Op, Party, Received, Role};
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use super::figure::{self, Figure, timed};
use super::{DAY, admission, founded, person};

/// How many membership ops the large parties have.
const MANY: usize = 10_000;

/// 10,000 membership ops: only admissions, and what a large party that lives for years would have.
pub(super) fn many() {
    if figure::is_wanted("10,000 admissions") {
        let founder = person(0);
        let mut party = founded(&founder);
        for number in 1..=10_000 {
            party
                .write(&founder, admission(&person(number), Role::Editor), DAY)
                .unwrap();
        }
        measure("10,000 admissions", &party, &founder);
    }
    if figure::is_wanted("10,000 membership ops") {
        let life = Life::new();
        let (party, founder) = life.live();
        measure("10,000 membership ops", &party, &founder);
    }
}

fn measure(what: &str, party: &Party, founder: &Keys) {
    let ops: Vec<Op> = party.ops().cloned().collect();
    Figure::new(&format!("resolve {what}, cold"), Some(Duration::from_millis(50))).measure(20, || {
        let (ops, mut loaded) = (ops.clone(), None);
        timed(|| loaded = Party::load(ops).ok())
    });
    // The first op after a copy pays for the copy: each list that it makes longer has to move.
    let mut copy = party.clone();
    let newcomer = |number| admission(&person(number), Role::Editor);
    let first = copy.write(founder, newcomer(u16::MAX), DAY).unwrap();
    let one_more = copy.prepare(founder, newcomer(u16::MAX - 1), DAY).unwrap();
    Figure::new(&format!("resolve {what}, one more"), Some(Duration::from_millis(1))).measure(100, || {
        let (mut party, op) = (party.clone(), one_more.clone());
        party.receive(first.clone()).unwrap();
        timed(|| assert!(matches!(party.receive(op).unwrap(), Received::New(_))))
    });
}

/// Two replicas of a party that drift apart for a few ops now and then. Nobody writes at both.
struct Life {
    rng: StdRng,
    /// Who admits and removes at each replica.
    leaders: [Keys; 2],
    /// Everybody else, by number: the even ones write at the first replica.
    inside: Vec<(u16, Keys)>,
    /// How many people there have been.
    people: u16,
    replicas: [Party; 2],
}

impl Life {
    fn new() -> Self {
        let leaders = [person(0), person(1)];
        let mut party = founded(&leaders[0]);
        party
            .write(&leaders[0], admission(&leaders[1], Role::Admin), DAY)
            .unwrap();
        let inside: Vec<(u16, Keys)> = (2..50).map(|number| (number, person(number))).collect();
        for (_, who) in &inside {
            party.write(&leaders[0], admission(who, Role::Editor), DAY).unwrap();
        }
        Self {
            rng: StdRng::seed_from_u64(3),
            leaders,
            inside,
            people: 50,
            replicas: [party.clone(), party],
        }
    }

    fn live(mut self) -> (Party, Keys) {
        let mut written = 50;
        while written < MANY {
            let together = if self.rng.random_bool(0.1) {
                // Two who do not hear of each other for a while.
                let apart = self.rng.random_range(1..4);
                (0..apart).map(|_| self.write(0) + self.write(1)).sum()
            } else {
                self.write(0)
            };
            written += together;
            self.meet();
        }
        let [party, _] = self.replicas;
        let [founder, _] = self.leaders;
        (party, founder)
    }

    /// How many ops were written: one, if it was allowed.
    fn write(&mut self, replica: usize) -> usize {
        let number = self.rng.random_range(0..100);
        let own = |(number, _): &&(u16, Keys)| usize::from(*number) % 2 == replica;
        let (Some((_, author)), Some((_, other))) = (
            self.inside.iter().filter(own).choose(&mut self.rng),
            self.inside.iter().choose(&mut self.rng),
        ) else {
            return 0;
        };
        let (member, leader) = (other.identity.id(), &self.leaders[replica]);
        let mut newcomer = None;
        let (author, act) = match number {
            0..40 => {
                let keys = person(self.people);
                let act = admission(&keys, Role::Editor);
                newcomer = Some((self.people, keys));
                (leader, act)
            }
            40..60 => {
                let name = format!("Name {number}");
                (author, Act::Named { name })
            }
            60..80 => {
                let role = if number < 70 { Role::Editor } else { Role::Reader };
                (
                    leader,
                    Act::RoleChanged {
                        member,
                        role,
                        known: KnownData::default(),
                    },
                )
            }
            80..85 => {
                let name = format!("Party {number}");
                (leader, Act::Renamed { name })
            }
            _ => (
                leader,
                Act::MemberRemoved {
                    member,
                    known: KnownData::default(),
                },
            ),
        };
        if self.replicas[replica].write(author, act, DAY).is_err() {
            return 0;
        }
        if number >= 85 {
            self.inside.retain(|(_, who)| who.identity.id() != member);
        }
        self.people += u16::from(newcomer.is_some());
        self.inside.extend(newcomer);
        1
    }

    fn meet(&mut self) {
        for (from, to) in [(0, 1), (1, 0), (0, 1)] {
            let missing = self.replicas[from].missing(&self.replicas[to].have(), usize::MAX);
            for op in missing {
                self.replicas[to].receive(op).unwrap();
            }
        }
    }
}
