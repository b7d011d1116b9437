//! Who is in, after very many changes of it.

use std::time::Duration;

use partyline::identity::Keys;
use partyline::party::{Act, Op, Party, Received, Role};
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
        let ops = ops.clone();
        timed(|| Party::load(ops))
    });
    let newcomer = admission(&person(u16::MAX), Role::Editor);
    let one_more = party.prepare(founder, newcomer, DAY).unwrap();
    Figure::new(&format!("resolve {what}, one more"), Some(Duration::from_millis(1))).measure(100, || {
        let (mut party, op) = (party.clone(), one_more.clone());
        timed(|| assert!(matches!(party.receive(op).unwrap(), Received::New(_))))
    });
}

/// Two replicas of a party that drift apart for a few ops now and then.
struct Life {
    rng: StdRng,
    founder: Keys,
    inside: Vec<Keys>,
    /// How many people there have been.
    people: u16,
    replicas: [Party; 2],
}

impl Life {
    fn new() -> Self {
        let founder = person(0);
        let mut party = founded(&founder);
        let inside: Vec<Keys> = (1..50).map(person).collect();
        for who in &inside {
            party.write(&founder, admission(who, Role::Admin), DAY).unwrap();
        }
        Self {
            rng: StdRng::seed_from_u64(3),
            founder,
            inside,
            people: 50,
            replicas: [party.clone(), party],
        }
    }

    fn live(mut self) -> (Party, Keys) {
        while self.replicas[0].ops().count() < MANY {
            if self.rng.random_bool(0.1) {
                // Two who do not hear of each other for a while.
                for _ in 0..self.rng.random_range(1..4) {
                    self.write(0);
                    self.write(1);
                }
                self.meet();
            } else {
                self.write(0);
            }
        }
        self.meet();
        let [party, _] = self.replicas;
        (party, self.founder)
    }

    fn write(&mut self, replica: usize) {
        let number = self.rng.random_range(0..100);
        let author = self.inside.iter().choose(&mut self.rng).unwrap_or(&self.founder);
        let other = self.inside.iter().choose(&mut self.rng).unwrap_or(&self.founder);
        let member = other.identity.id();
        let newcomer = person(self.people);
        let act = match number {
            0..40 => admission(&newcomer, Role::Admin),
            40..60 => Act::Named {
                name: format!("Name {number}"),
            },
            60..80 => Act::RoleChanged {
                member,
                role: if number < 70 { Role::Editor } else { Role::Admin },
            },
            80..85 => Act::Renamed {
                name: format!("Party {number}"),
            },
            _ => Act::MemberRemoved { member },
        };
        let (author, is_admission) = if number < 40 {
            (&self.founder, true)
        } else {
            (author, false)
        };
        let author = if (60..80).contains(&number) || number >= 85 {
            &self.founder
        } else {
            author
        };
        // Not all of it is allowed; that is as it is.
        if self.replicas[replica].write(author, act, DAY).is_ok() {
            if is_admission {
                self.people += 1;
                self.inside.push(newcomer);
            } else if number >= 85 {
                self.inside.retain(|who| who.identity.id() != member);
            }
        }
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
