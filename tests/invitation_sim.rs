//! Two real machines, or six, in a small world with a virtual clock: frames are lost, doubled, swapped and late, links break,
//! programs die at every durable write and start again from what is on disk, clocks jump, people mistype, reset, give up.
//! After every story the invariants of the protocol are checked. A story that fails prints its seed: run it alone with
//! `SEED=… cargo test --test invitation_sim one_story -- --nocapture`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "invitation_sim/check.rs"]
mod check;
#[path = "invitation_sim/engines.rs"]
mod engines;
#[path = "invitation_sim/faults.rs"]
mod faults;
#[path = "invitation_sim/links.rs"]
mod links;
#[path = "invitation_sim/people.rs"]
mod people;
#[path = "invitation_sim/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use partyline::identity::Keys;
use partyline::invitation::inviter::{Record, Status};
use partyline::invitation::{RedeemError, RedemptionStage};

use check::check;
use faults::Faults;
use world::World;

/// Keys take a while to make, and any will do.
static PEOPLE: LazyLock<Vec<Arc<Keys>>> = LazyLock::new(|| {
    (1..=6)
        .map(|n| Arc::new(Keys::from_seeds(&[n; 32], &[n + 50; 32], &[n + 100; 32])))
        .collect()
});

/// A story of this seed: one to five invitees, most of whom know the PIN.
fn story(seed: u64) -> World {
    let invitees = [1, 1, 1, 2, 2, 3, 5][usize::try_from(seed % 7).expect("small")];
    let people: Vec<_> = PEOPLE
        .iter()
        .take(invitees)
        .enumerate()
        .map(|(n, keys)| (Arc::clone(keys), !(seed + n as u64).is_multiple_of(5)))
        .collect();
    let max_uses = if seed.is_multiple_of(11) { 2 } else { 1 };
    World::new(seed, Faults::of(seed), &people, &PEOPLE[5], max_uses)
}

/// How many stories are played: `SEEDS=30000` after a change of a machine takes some minutes.
fn seeds() -> u64 {
    number("SEEDS").unwrap_or(1600)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Plays the stories of these seeds, and names the one that fails.
fn play_all(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let played = std::panic::catch_unwind(|| {
            let mut world = story(seed);
            world.play();
            check(&world);
        });
        if played.is_err() {
            panic!("the story of seed {seed} fails");
        }
    }
}

#[test]
fn every_story_ends_well_first_half() {
    play_all(0..seeds() / 2);
}

#[test]
fn every_story_ends_well_second_half() {
    play_all(seeds() / 2..seeds());
}

/// A world in which nothing interesting happens would keep every invariant.
#[test]
fn the_stories_end_in_every_way_there_is() {
    let mut endings = BTreeSet::new();
    for seed in 0..300 {
        let mut world = story(seed);
        world.play();
        let record = Record::decode(&world.inviter.disk).expect("the record on disk");
        endings.insert(format!("{:?}", record.status));
        for stage in world.invitees.iter().flat_map(|invitee| &invitee.endings) {
            endings.insert(match stage {
                RedemptionStage::Failed { error } => format!("{error:?}"),
                RedemptionStage::Joined { .. } => "Joined".to_owned(),
                other => format!("{other:?}"),
            });
        }
    }
    for ending in [
        "Used",
        "Locked",
        "Revoked",
        "Expired",
        "Joined",
        "Cancelled",
        "AlreadyUsed",
        "CancelledByInviter",
        "Internal",
        "PeerFailed",
        "PeerMisbehaved",
        "TimedOut",
    ] {
        assert!(endings.contains(ending), "no story ends with {ending}: {endings:?}");
    }
}

/// One story, to look into.
#[test]
fn one_story() {
    let seed = number("SEED").unwrap_or(7);
    let mut world = story(seed);
    world.play();
    for (index, invitee) in world.invitees.iter().enumerate() {
        println!("invitee {index}: {:?}", invitee.endings);
    }
    println!("inviter: {:?}", world.inviter.endings);
    check(&world);
}

#[test]
fn without_faults_the_right_pin_admits_at_the_first_try() {
    for seed in 0..50 {
        let mut world = World::new(seed, Faults::none(), &[(Arc::clone(&PEOPLE[0]), true)], &PEOPLE[5], 1);
        world.play();
        check(&world);
        assert_eq!(world.inviter.log.len(), 1);
        assert_eq!(world.inviter.wrong_counted, 0);
        assert!(matches!(
            world.invitees[0].endings[..],
            [RedemptionStage::Joined { .. }]
        ));
    }
}

#[test]
fn of_five_redeemers_one_is_admitted_and_the_others_are_told_that_the_code_is_used() {
    for seed in 0..20 {
        let people: Vec<_> = PEOPLE.iter().take(5).map(|keys| (Arc::clone(keys), true)).collect();
        let mut world = World::new(seed, Faults::none(), &people, &PEOPLE[5], 1);
        world.play();
        check(&world);
        let used = RedemptionStage::Failed {
            error: RedeemError::AlreadyUsed,
        };
        let told = world
            .invitees
            .iter()
            .filter(|one| one.endings == [used.clone()])
            .count();
        assert_eq!((world.inviter.log.len(), told), (1, 4));
    }
}

#[test]
fn a_code_for_five_admits_five_with_a_pin_each() {
    for seed in 0..10 {
        let people: Vec<_> = PEOPLE.iter().take(5).map(|keys| (Arc::clone(keys), true)).collect();
        let mut world = World::new(seed, Faults::none(), &people, &PEOPLE[5], 5);
        world.play();
        check(&world);
        assert_eq!(world.inviter.log.len(), 5);
        let mut pins = world.inviter.pins.clone();
        pins.sort_unstable();
        pins.dedup();
        assert!(pins.len() >= 5);
    }
}

#[test]
fn nine_wrong_pins_lock_the_code_and_both_sides_are_told() {
    let mut locked = 0;
    for seed in 0..20 {
        let mut world = World::new(seed, Faults::none(), &[(Arc::clone(&PEOPLE[0]), false)], &PEOPLE[5], 1);
        world.play();
        check(&world);
        let record = Record::decode(&world.inviter.disk).expect("the record on disk");
        if record.status == Status::Locked {
            assert_eq!(world.inviter.wrong_counted, 9);
            assert_eq!(
                world.invitees[0].endings,
                [RedemptionStage::Failed {
                    error: RedeemError::Locked
                }]
            );
            locked += 1;
        }
    }
    assert!(locked > 10, "{locked}");
}
