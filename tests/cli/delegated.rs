//! Offline invitations from the command line: the inviter's program has ended, a node answers.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Program, text};
use crate::{profile_of, two_people};

/// Alice, and Bob as an administrator, whose node runs; Carol and Dave with profiles of their own.
fn with_a_node() -> (TempDir, Program) {
    let people = two_people();
    for (profile, name) in [("carol", "Carol"), ("dave", "Dave")] {
        profile_of(people.path(), profile, name);
    }
    let (mut alice, mut bob, pin) = crate::at_the_pin(people.path(), "invite Home --role admin");
    bob.say(&pin);
    crate::both_end_well(&mut alice, bob);
    alice.succeed();
    let mut node = Program::start(people.path(), "bob", "node");
    node.expect_where("node_status", |status| status["parties"] == 1);
    (people, node)
}

/// A code that works although the command that made it has ended.
fn code(people: &Path, arguments: &str) -> String {
    let mut alice = Program::start(people, "alice", arguments);
    let code = text(&alice.expect("invitation_created"), "code").to_owned();
    assert_eq!(alice.expect("offline_ready")["devices"], 1);
    alice.succeed();
    code
}

fn redeem(people: &Path, who: &str, code: &str, arguments: &str) -> Program {
    let mut program = Program::start(people, who, arguments);
    program.say(code);
    program
}

/// Somebody who waits, as Alice sees them.
fn request(people: &Path, name: &str) -> Value {
    let mut alice = Program::start(people, "alice", "party requests Home --follow");
    let request = alice.expect_where("request", |request| request["name"] == name);
    alice.interrupt();
    alice.succeed();
    request
}

#[test]
fn a_request_goes_through_a_node_and_is_approved_or_denied_later() {
    let (people, node) = with_a_node();
    let people = people.path();
    let both = code(people, "invite Home --by approval");
    let waiting = redeem(people, "carol", &both, "redeem --no-wait").fail(6);
    assert_eq!(waiting["event"], "waits_for_approval");
    let asked = request(people, "Carol");
    assert_eq!(asked["fingerprint"], waiting["fingerprint"]);
    let key = Program::start(people, "carol", "key").succeed().pop().unwrap();
    assert_eq!(asked["member"], key["identity"]);
    Program::start(people, "alice", "party approve Home Carol --sync 20").succeed();
    redeem(people, "carol", &both, "redeem").succeed();

    let other = code(people, "invite Home --by approval");
    redeem(people, "dave", &other, "redeem --no-wait").fail(6);
    request(people, "Dave");
    Program::start(people, "alice", "party deny Home Dave --sync 20").succeed();
    let denied = redeem(people, "dave", &other, "redeem").fail(1);
    assert_eq!(denied["code"], "redeem_approval_denied");
    node.interrupt();
    node.succeed();

    // Bob has none of his own; the code that let Carol in is used up.
    let listed = |people| Program::start(people, "bob", "invitation list").succeed();
    let [of_alice] = &listed(people)[..] else {
        panic!("one invitation")
    };
    assert_eq!(
        (&of_alice["event"], &of_alice["inviter_name"], &of_alice["by"]),
        (&"invitation_of_another".into(), &"Alice".into(), &"approval".into())
    );
    let revoke = format!("invitation revoke {}", &text(of_alice, "invitation")[..8]);
    Program::start(people, "bob", &revoke).succeed();
    assert!(listed(people).is_empty());
}

#[test]
fn a_node_tells_what_became_of_its_own_request() {
    let (people, node) = with_a_node();
    let people = people.path();
    let wanted = code(people, "invite Home --by approval");
    redeem(people, "carol", &wanted, "redeem --no-wait").fail(6);
    request(people, "Carol");
    Program::start(people, "alice", "party deny Home Carol --sync 20").succeed();
    let mut hers = Program::start(people, "carol", "node");
    hers.expect("waits_for_approval");
    assert_eq!(hers.expect("redemption_failed")["code"], "redeem_approval_denied");
    hers.interrupt();
    hers.succeed();

    let another = code(people, "invite Home --by approval");
    redeem(people, "dave", &another, "redeem --no-wait").fail(6);
    request(people, "Dave");
    Program::start(people, "alice", "party approve Home Dave --sync 20").succeed();
    let mut his = Program::start(people, "dave", "node");
    his.expect("joined");
    his.interrupt();
    his.succeed();
    node.interrupt();
    node.succeed();
}

#[test]
fn a_node_lets_in_by_key_and_by_link_and_says_how_it_is() {
    let (people, node) = with_a_node();
    let people = people.path();
    let key = Program::start(people, "carol", "key").succeed().pop().unwrap();
    let hers = code(people, &format!("invite Home --for-key {}", text(&key, "identity")));
    let refused = redeem(people, "dave", &hers, "redeem").fail(1);
    assert_eq!(refused["code"], "redeem_for_somebody_else");
    redeem(people, "carol", &hers, "redeem").succeed();

    let anybody = code(people, "invite Home --by link");
    let status = Program::start(people, "bob", "node --status").succeed().pop().unwrap();
    assert_eq!((&status["parties"], &status["invitations"]), (&1.into(), &1.into()));
    redeem(people, "dave", &anybody, "redeem").succeed();
    node.interrupt();
    node.succeed();
    let gone = Program::start(people, "bob", "node --status").fail(1);
    assert_eq!(gone["code"], "node_not_running");
}
