use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::identity::Keys;
use crate::party::fixture::*;
use crate::party::{Act, ItemId, Op, Party, Role};

fn done(n: u8) -> Act {
    Act::TaskDone {
        task: task(n),
        done: true,
    }
}

fn reopened(n: u8) -> Act {
    Act::TaskDone {
        task: task(n),
        done: false,
    }
}

fn retitled(n: u8, title: &str) -> Act {
    Act::TaskRetitled {
        task: task(n),
        title: title.to_owned(),
    }
}

fn deleted(n: u8) -> Act {
    deletes(ItemId::Task(task(n)))
}

/// Alice and Bob, both Editors or more, each with the party.
fn pair() -> (Keys, Keys, Party, Party) {
    let (alice, bob) = (person(1), person(2));
    let mut hers = founded(&alice);
    hers.write(&alice, admits(&bob, Role::Editor), at(1)).unwrap();
    let his = hers.clone();
    (alice, bob, hers, his)
}

#[test]
fn each_field_belongs_to_who_wrote_it_last() {
    let (alice, bob, mut hers, mut his) = pair();
    hers.write(&alice, adds(1, "Read"), at(2)).unwrap();
    sync(&hers, &mut his);
    his.write(&bob, done(1), at(3)).unwrap();
    hers.write(&alice, retitled(1, "Read more"), at(3)).unwrap();
    sync(&his, &mut hers);
    sync(&hers, &mut his);
    let tasks = his.tasks();
    let [task] = &tasks[..] else { panic!() };
    assert_eq!(
        (task.title.as_str(), task.done, task.author),
        ("Read more", true, alice.identity.id())
    );
    assert_eq!(task.created, at(2));
    his.write(&bob, reopened(1), at(4)).unwrap();
    assert!(!his.tasks()[0].done);
}

#[test]
fn deleting_wins_over_an_edit_that_had_not_heard_of_it() {
    let (alice, bob, mut hers, mut his) = pair();
    hers.write(&alice, adds(1, "Read"), at(2)).unwrap();
    sync(&hers, &mut his);
    hers.write(&alice, deleted(1), at(3)).unwrap();
    his.write(&bob, retitled(1, "Read more"), at(3)).unwrap();
    his.write(&bob, done(1), at(4)).unwrap();
    sync(&hers, &mut his);
    sync(&his, &mut hers);
    assert_eq!((hers.tasks().len(), his.tasks().len()), (0, 0));
    assert_eq!(
        his.write(&bob, done(1), at(5)),
        Err(crate::party::WriteError::TaskUnknown)
    );
}

#[test]
fn tasks_stand_in_the_order_in_which_they_were_added() {
    let (alice, _, mut hers, _) = pair();
    for (n, title) in [(9, "one"), (1, "two"), (5, "three")] {
        hers.write(&alice, adds(n, title), at(2)).unwrap();
    }
    hers.write(&alice, retitled(9, "first"), at(3)).unwrap();
    assert_eq!(titles(&hers), ["first", "two", "three"]);
}

/// Three members write tasks, one of them is removed and comes back, and every replica hears of it in another order.
#[test]
fn every_order_of_delivery_gives_the_same_tasks() {
    for seed in 0..60 {
        let mut rng = StdRng::seed_from_u64(seed);
        let people: Vec<Keys> = (1..=3).map(person).collect();
        let mut party = founded(&people[0]);
        party.write(&people[0], admits(&people[1], Role::Admin), at(0)).unwrap();
        party
            .write(&people[0], admits(&people[2], Role::Editor), at(0))
            .unwrap();
        let mut replicas = vec![party; 3];
        for minute in 1..60 {
            let by = rng.random_range(0..3);
            let n = rng.random_range(0..6);
            let act = match rng.random_range(0..12) {
                0..=3 => adds(n, &format!("{minute}")),
                4..=5 => retitled(n, &format!("{minute}")),
                6 => done(n),
                7 => reopened(n),
                8 => deleted(n),
                9 => removes(&people[2]),
                10 => admits(&people[2], Role::Editor),
                _ => makes(&people[2], Role::Reader),
            };
            // What is refused here (no such task, not allowed, not a member) is simply not written.
            if let Ok(op) = replicas[by].prepare(&people[by], act, at(minute)) {
                replicas[by].receive(op).unwrap();
            }
            if rng.random_bool(0.3) {
                let from = replicas[rng.random_range(0..3)].clone();
                sync(&from, &mut replicas[by]);
            }
        }
        let mut all = replicas[0].clone();
        replicas.iter().for_each(|replica| sync(replica, &mut all));
        let mut ops: Vec<Op> = all.ops().cloned().collect();
        for _ in 0..3 {
            ops[1..].shuffle(&mut rng);
            let mut other = Party::load([ops[0].clone()]).unwrap();
            for op in &ops {
                other.receive(op.clone()).unwrap();
            }
            assert_eq!(other.have(), all.have(), "seed {seed}");
            assert_eq!(other.membership(), all.membership(), "seed {seed}");
            assert_eq!(other.tasks(), all.tasks(), "seed {seed}");
            assert_eq!(Party::load(ops.clone()).unwrap().tasks(), all.tasks(), "seed {seed}");
        }
    }
}
