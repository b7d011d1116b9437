//! Two real programs on two machines of one network, made of network namespaces: they pair by address, they pair by mDNS alone,
//! and `--offline` keeps its promise that nothing else leaves the machine.
//!
//! Needs root, `ip` and `nft` (Linux). Where it may not make namespaces, each test says so and passes.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

#[path = "network/chain.rs"]
mod chain;
#[path = "network/lab.rs"]
#[expect(dead_code, reason = "the tests of the network use more of it")]
mod lab;
#[path = "network/pair.rs"]
mod pair;
#[path = "cli/program.rs"]
#[expect(dead_code, reason = "the tests of the command line use more of it")]
mod program;

use chain::Chain;
use lab::Lab;
use pair::Pair;
use program::text;

#[test]
fn two_programs_on_one_network_pair_by_the_address_in_the_code() {
    let Some(lab) = Lab::cable("pair") else { return };
    let pair = Pair::new(&lab, "--offline");
    let (mut alice, code) = pair.invite();
    pair.redeem_and_join(&mut alice, &code);
    alice.succeed();
    task_travels(&pair);
    nothing_else_left(&lab);
    assert!(lab.packets("b", "peer") > 0, "the counters count");
}

#[test]
fn two_programs_on_one_network_find_each_other_without_any_address() {
    let Some(lab) = Lab::cable("pairmdns") else { return };
    let pair = Pair::new(&lab, "--network local");
    let (mut alice, code) = pair.invite();
    let code = pair::with_hints(&code, Vec::new());
    pair.redeem_and_join(&mut alice, &code);
    alice.succeed();
    // The code told no address, so both have to look for each other again.
    task_travels(&pair);
    nothing_else_left(&lab);
    // Whoever hears the other one's announcement first need not ask.
    let asked_or_announced = lab.packets("a", "mdns") + lab.packets("b", "mdns");
    assert!(asked_or_announced > 0, "the counters count");
}

#[test]
fn two_programs_on_one_network_meet_without_a_code() {
    let Some(lab) = Lab::cable("nearby") else { return };
    let pair = Pair::new(&lab, "--network local");
    let mut bob = pair.start("b", "bob", &["redeem", "--nearby"]);
    let mut alice = pair.start("a", "alice", &["invite", "Home", "--nearby"]);
    let label = text(&alice.expect("shown_nearby"), "label").to_owned();
    let is_heard = |label: &str| {
        let label = label.to_owned();
        move |now: &serde_json::Value| {
            now["heard"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["label"] == *label)
        }
    };
    bob.expect_where("nearby", is_heard(&label));
    // It goes when Alice hides it, and comes back.
    alice.say("hide");
    alice.expect("hidden_nearby");
    bob.expect_where("nearby", |now| now["heard"].as_array().unwrap().is_empty());
    bob.say(&label);
    bob.expect("nearby_invalid");
    alice.say("show");
    alice.expect("shown_nearby");
    bob.expect_where("nearby", is_heard(&label));

    bob.say(&label.to_uppercase());
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    assert_eq!(text(&alice.expect("admitted"), "name"), "Bob");
    assert_eq!(text(&bob.expect("joined"), "name"), "Home");
    bob.succeed();
    alice.succeed();
    nothing_else_left(&lab);
}

#[test]
fn what_two_members_write_who_never_meet_comes_through_a_third() {
    let Some(chain) = Chain::new("row") else { return };
    let mut bob = chain.start("bob", "party show Home --follow", &[]);
    bob.expect("party");
    let mut carol = chain.start("carol", "message list Home --follow", &[]);
    chain
        .start("alice", "message send Home --sync 30", &["Hello Carol"])
        .succeed();
    assert_eq!(text(&carol.expect("message"), "text"), "Hello Carol");

    // Bob goes away, and both write alone.
    bob.interrupt();
    bob.succeed();
    carol.interrupt();
    carol.succeed();
    chain
        .start("alice", "task add Home --sync 0", &["Book the hut"])
        .succeed();
    chain
        .start("carol", "task add Home --sync 0", &["Bring lemonade"])
        .succeed();
    chain
        .start("carol", "message send Home --sync 0", &["Hello Alice"])
        .succeed();

    let bob = chain.start("bob", "party show Home --follow", &[]);
    let mut alice = chain.start("alice", "party show Home --follow", &[]);
    let mut carol = chain.start("carol", "party show Home --follow", &[]);
    for (person, program) in [("Alice", &mut alice), ("Carol", &mut carol)] {
        let both = program.expect_where("party_changed", |party| {
            party["tasks"].as_array().is_some_and(|tasks| tasks.len() == 2)
        });
        assert_eq!(both["members"].as_array().unwrap().len(), 3, "{person}: {both}");
    }
    alice.interrupt();
    alice.succeed();
    let said = chain.start("alice", "message list Home", &[]).succeed();
    assert!(said.iter().any(|message| message["text"] == "Hello Alice"), "{said:?}");
    drop((bob, carol));
}

#[test]
fn over_a_lossy_network_many_tasks_arrive_all_the_same() {
    let Some(chain) = Chain::new("lossy") else { return };
    chain.lab.lose("b", 10);
    for n in 0..40 {
        let title = format!("Task {n}");
        chain.start("alice", "task add Home --sync 0", &[&title]).succeed();
    }
    let bob = chain.start("bob", "party show Home --follow", &[]);
    let alice = chain.start("alice", "party show Home --follow", &[]);
    let mut carol = chain.start("carol", "party show Home --follow", &[]);
    carol.expect_where("party_changed", |party| {
        party["tasks"].as_array().is_some_and(|tasks| tasks.len() == 40)
    });
    drop((alice, bob, carol));
}

/// What Bob writes in a program of its own arrives at Alice.
fn task_travels(pair: &Pair<'_>) {
    let mut alice = pair.start("a", "alice", &["party", "show", "Home", "--follow"]);
    let before = alice.expect("party");
    assert_eq!(before["members"].as_array().unwrap().len(), 2, "{before}");
    pair.start("b", "bob", &["task", "add", "Home", "Bring lemonade", "--sync", "30"])
        .succeed();
    let now = alice.expect_where("party_changed", |party| {
        party["tasks"].as_array().is_some_and(|tasks| !tasks.is_empty())
    });
    assert_eq!(text(&now["tasks"][0], "title"), "Bring lemonade");
    alice.interrupt();
    alice.succeed();
}

fn nothing_else_left(lab: &Lab) {
    for machine in ["a", "b"] {
        assert_eq!(lab.packets(machine, "other"), 0, "something else left {machine}");
        assert_eq!(lab.packets(machine, "router"), 0, "the router was asked for something");
    }
}
