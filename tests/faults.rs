//! Two real programs that pair through a bad network: packets are lost and late, and the link is cut at every step and comes
//! back. The flow goes on with the same code and ends once on each side.
//!
//! The machines are network namespaces. What lies between the two is a forwarder in a third one, which is all that Bob's code
//! names; there is no other way from one to the other. Needs root, `ip` and `nft` (Linux). Where it may not make namespaces,
//! each test says so and passes.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use partyline::invitation::{Hint, InviteCode};
use serde_json::Value;

#[path = "faults/forwarder.rs"]
mod forwarder;
#[path = "network/lab.rs"]
#[expect(dead_code, reason = "the tests of the network use more of it")]
mod lab;
#[path = "network/pair.rs"]
#[expect(dead_code, reason = "the tests of namespaces use more of it")]
mod pair;
#[path = "cli/program.rs"]
#[expect(dead_code, reason = "the tests of the command line use more of it")]
mod program;

use lab::{Actor, Lab};
use pair::Pair;
use program::{Program, text};

/// Not a test: the program that runs between the two machines, this same binary started again by [`Lab::start`].
#[test]
fn actor() {
    forwarder::run_if_asked();
}

/// Two machines and what is between them; Bob's code leads there.
struct Between<'a> {
    pair: Pair<'a>,
    forwarder: Actor,
}

impl<'a> Between<'a> {
    fn new(lab: &'a Lab) -> Self {
        Self {
            pair: Pair::new(lab, "--offline"),
            forwarder: lab.start("r", "forward 10.77.2.2 10.77.1.2"),
        }
    }

    fn order(&self, order: &str) {
        self.forwarder.tell(order);
        self.forwarder.expect("done");
    }

    /// Alice shows a code; what Bob gets of it leads through the forwarder.
    fn invite(&self) -> (Program, String) {
        let (alice, code) = self.pair.invite();
        let address = InviteCode::parse(&code).unwrap().address_hints().next().unwrap();
        self.order(&format!("to {address}"));
        let forwarder = format!("10.77.2.2:{}", self.forwarder.port).parse().unwrap();
        (alice, pair::with_hints(&code, vec![Hint::Address(forwarder)]))
    }

    /// Both end well, and once.
    fn both_end(&self, alice: Program, bob: Program) {
        let once =
            |events: &[Value], name: &str| assert_eq!(events.iter().filter(|event| event["event"] == name).count(), 1);
        once(&bob.succeed(), "joined");
        once(&alice.succeed(), "admitted");
        for (machine, person) in [("a", "alice"), ("b", "bob")] {
            let members = self.pair.start(machine, person, &["member", "list", "Home"]).succeed();
            assert_eq!(members.len(), 2, "as {person} sees it");
        }
    }
}

#[test]
fn with_a_third_of_the_packets_lost_and_a_long_way_they_still_join() {
    let Some(lab) = Lab::relay("loss") else { return };
    let between = Between::new(&lab);
    let (mut alice, code) = between.invite();
    between.order("loss 30");
    between.order("delay 150");
    let mut bob = between.pair.redeem(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    alice.expect("admitted");
    bob.expect("joined");
    between.both_end(alice, bob);
}

#[test]
fn a_link_that_is_cut_for_a_moment_goes_on() {
    let Some(lab) = Lab::relay("moment") else { return };
    let between = Between::new(&lab);
    let (mut alice, code) = between.invite();
    let cut_for_a_moment = || {
        between.order("cut 3");
        between.forwarder.expect("lost");
        between.order("heal");
    };
    between.order("cut 3");
    let mut bob = between.pair.redeem(&code);
    between.forwarder.expect("lost");
    between.order("heal");
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    cut_for_a_moment();
    alice.expect("admitted");
    bob.expect("joined");
    between.both_end(alice, bob);
}

#[test]
fn a_link_that_is_cut_until_it_counts_as_lost_comes_back_with_the_same_code() {
    std::thread::scope(|scope| {
        scope.spawn(cut_at_the_pin);
        scope.spawn(cut_while_the_pin_is_checked);
        scope.spawn(|| cut_after("afterpin", "pin_accepted"));
        scope.spawn(|| cut_after("afterin", "admitted"));
    });
}

fn cut_at_the_pin() {
    let Some(lab) = Lab::relay("atpin") else { return };
    let between = Between::new(&lab);
    let (mut alice, code) = between.invite();
    let mut bob = between.pair.redeem(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    between.order("cut 1");
    bob.expect("connecting");
    between.order("heal");
    bob.expect("pin_requested");
    bob.say(&pin);
    alice.expect("admitted");
    bob.expect("joined");
    between.both_end(alice, bob);
}

fn cut_while_the_pin_is_checked() {
    let Some(lab) = Lab::relay("check") else { return };
    let between = Between::new(&lab);
    let (mut alice, code) = between.invite();
    let mut bob = between.pair.redeem(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    between.order("cut 1");
    bob.say(&pin);
    bob.expect("checking");
    bob.expect("connecting");
    between.order("heal");
    bob.expect("pin_requested");
    bob.say(&pin);
    alice.expect("admitted");
    bob.expect("joined");
    between.both_end(alice, bob);
}

/// The link is cut when Alice's program has told this. Packets are late, so the last words are still on their way, or not yet
/// said; how much of them arrives is left open.
fn cut_after(name: &str, event: &str) {
    let Some(lab) = Lab::relay(name) else { return };
    let between = Between::new(&lab);
    let (mut alice, code) = between.invite();
    between.order("delay 150");
    let mut bob = between.pair.redeem(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    alice.expect(event);
    between.order("cut 1");
    let mut next = bob.expect_one_of(&["connecting", "joined"]);
    between.order("heal");
    if next["event"] == "connecting" {
        next = bob.expect_one_of(&["pin_requested", "joined"]);
    }
    if next["event"] == "pin_requested" {
        // The first PIN has been used up.
        let pin = text(&alice.expect("pin"), "pin").to_owned();
        bob.say(&pin);
        bob.expect("joined");
    }
    between.both_end(alice, bob);
}
