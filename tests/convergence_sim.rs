//! Five to seven members' devices in a small world without a network: links come and go, frames are lost with them, programs
//! stop and start again from what is on disk, slow peers are left out, people write at the same time, change roles and remove
//! each other. When everybody can meet again, everybody who is a member sees the same party. A story that fails prints its
//! seed: run it alone with `SEED=… cargo test --test convergence_sim one_story -- --nocapture`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "convergence_sim/acts.rs"]
mod acts;
#[path = "convergence_sim/check.rs"]
mod check;
#[path = "convergence_sim/device.rs"]
mod device;
#[path = "convergence_sim/hostile.rs"]
mod hostile;
#[path = "convergence_sim/world.rs"]
mod world;

use std::sync::{Arc, LazyLock};

use partyline::identity::Keys;

use check::check;
use world::{People, World};

/// Keys take a while to make, and any will do.
static PEOPLE: LazyLock<Vec<Arc<Keys>>> = LazyLock::new(|| {
    (1..=7)
        .map(|n| Arc::new(Keys::from_seeds(&[n; 32], &[n + 50; 32], &[n + 100; 32])))
        .collect()
});

/// How many stories are played: `SEEDS=20000` after a change of the machine takes some minutes.
fn seeds() -> u64 {
    number("SEEDS").unwrap_or(200)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A story of this seed: in every second one people change roles and remove each other.
fn story(seed: u64) -> World {
    let people = 5 + usize::try_from(seed % 3).expect("small");
    let mood = if seed.is_multiple_of(2) {
        People::Peaceful
    } else {
        People::Quarrelling
    };
    World::new(seed, &PEOPLE[..people], mood)
}

/// Plays the stories of these seeds, and names the one that fails.
fn play_all(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let played = std::panic::catch_unwind(|| {
            let mut world = story(seed);
            world.play();
            world.heal();
            check(&world);
        });
        if played.is_err() {
            panic!("the story of seed {seed} fails");
        }
    }
}

#[test]
fn everybody_ends_with_the_same_party_first_half() {
    play_all(0..seeds() / 2);
}

#[test]
fn everybody_ends_with_the_same_party_second_half() {
    play_all(seeds() / 2..seeds());
}

/// One story, to look into.
#[test]
fn one_story() {
    let seed = number("SEED").unwrap_or(7);
    let mut world = story(seed);
    world.play();
    world.heal();
    for (n, device) in world.devices.iter().enumerate() {
        println!("{n}: {:?} {:x?}", device.party(), device.party().digest());
    }
    check(&world);
}

/// A world in which nothing interesting happens would converge always.
#[test]
fn the_stories_have_everything_in_them() {
    let (mut cuts, mut restarts, mut left_out, mut removed, mut written) = (0, 0, 0, 0, 0);
    for seed in 0..60 {
        let mut world = story(seed);
        world.play();
        world.heal();
        cuts += world.tally.cuts;
        restarts += world.tally.restarts;
        left_out += world.tally.left_out;
        written += world.tally.written;
        removed += world.devices.iter().filter(|device| !device.is_member()).count();
    }
    let tally = (cuts, restarts, left_out, removed, written);
    assert!(cuts > 500 && restarts > 100 && left_out > 50, "{tally:?}");
    assert!(removed > 20 && written > 1500, "{tally:?}");
}

/// A–B–C–D–E: what the ones at the ends write comes through, live and without anybody being linked anew.
#[test]
fn along_a_line_of_members_everything_comes_through() {
    for seed in 0..20 {
        let mut world = World::new(seed, &PEOPLE[..5], People::Peaceful);
        for n in 0..4 {
            world.link(n, n + 1);
        }
        world.settle();
        for round in 0..10 {
            world.write(round % 5);
        }
        world.settle();
        let held: Vec<_> = world.devices.iter().map(|device| device.party().have()).collect();
        assert!(held.iter().all(|have| *have == held[0]), "seed {seed}");
    }
}

/// After days alone, from one member who was there all the time.
#[test]
fn who_was_away_catches_up_from_any_one_member() {
    for from in 0..4 {
        let mut world = World::new(11, &PEOPLE[..5], People::Peaceful);
        for n in 0..3 {
            world.link(n, n + 1);
        }
        for round in 0..200 {
            world.write(round % 4);
        }
        world.settle();
        world.link(from, 4);
        world.settle();
        let (theirs, ours) = (world.devices[4].party(), world.devices[from].party());
        assert_eq!(theirs.have(), ours.have());
    }
}

/// In a mesh of five where all is well, no op goes over a link more than once in each direction.
#[test]
fn in_a_full_mesh_an_op_goes_over_each_link_at_most_once_in_each_direction() {
    let mut world = World::new(3, &PEOPLE[..5], People::Peaceful);
    for a in 0..5 {
        for b in a + 1..5 {
            world.link(a, b);
        }
    }
    world.settle();
    world.tally.ops_sent.clear();
    for round in 0..25 {
        world.write(round % 5);
        world.settle();
    }
    assert!(!world.tally.ops_sent.is_empty());
    for ((from, to, _), times) in &world.tally.ops_sent {
        assert_eq!(*times, 1, "from {from} to {to}");
    }
    let written = world.tally.written;
    let sent: usize = world.tally.ops_sent.values().sum();
    assert!(
        sent <= written * 16,
        "{sent} for {written}: four first hand, and each of the four to three others"
    );
}
