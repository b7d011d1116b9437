//! Two real programs driven against each other over pipes, as a script would: pairing, wrong PINs, Ctrl-C, crashes, and what
//! the exit codes and the lines of `--json` promise. Nothing leaves this machine.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

#[path = "cli/content.rs"]
mod content;
#[path = "cli/delegated.rs"]
mod delegated;
#[path = "cli/devices.rs"]
mod devices;
#[path = "cli/program.rs"]
mod program;

use program::{Program, another, text};

/// Alice with a party called Home, and Bob.
fn two_people() -> TempDir {
    let people = tempfile::tempdir().unwrap();
    for (profile, name) in [("alice", "Alice"), ("bob", "Bob")] {
        profile_of(people.path(), profile, name);
    }
    Program::start(people.path(), "alice", "party create Home").succeed();
    people
}

fn profile_of(people: &Path, profile: &str, name: &str) {
    Program::start_words(people, profile, &["profile", "create", "--unprotected", "--name", name]).succeed();
}

/// Alice shows a code.
fn inviting(people: &Path, arguments: &str) -> (Program, String) {
    let mut alice = Program::start(people, "alice", arguments);
    let created = alice.expect("invitation_created");
    (alice, text(&created, "code").to_owned())
}

/// Bob redeems a code.
fn redeeming(people: &Path, code: &str) -> Program {
    let mut bob = Program::start(people, "bob", "redeem");
    bob.say(code);
    bob
}

/// Bob has redeemed the code and is asked for the PIN that Alice reads to him.
fn at_the_pin(people: &Path, arguments: &str) -> (Program, Program, String) {
    let (mut alice, code) = inviting(people, arguments);
    let mut bob = redeeming(people, &code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    (alice, bob, pin)
}

/// Both have become members.
fn paired() -> TempDir {
    let people = two_people();
    let (mut alice, mut bob, pin) = at_the_pin(people.path(), "invite Home");
    bob.say(&pin);
    both_end_well(&mut alice, bob);
    alice.succeed();
    people
}

fn both_end_well(alice: &mut Program, mut bob: Program) {
    assert_eq!(alice.expect("admitted")["name"], "Bob");
    let joined = bob.expect("joined");
    assert_eq!(joined["name"], "Home");
    bob.succeed();
}

fn has_task(event: &Value, title: &str) -> bool {
    event["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .any(|task| task["title"] == title)
}

#[test]
fn two_people_pair_and_see_each_other() {
    let people = paired();
    for person in ["alice", "bob"] {
        let party = Program::start(people.path(), person, "party show Home")
            .succeed()
            .pop()
            .unwrap();
        let members: Vec<_> = party["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| text(member, "name"))
            .collect();
        assert_eq!(members, ["Alice", "Bob"], "as {person} sees it");
        assert_eq!(party["role"], if person == "alice" { "owner" } else { "editor" });
    }
}

#[test]
fn a_task_travels_each_way() {
    let people = paired();
    for (writer, reader, title) in [
        ("bob", "alice", "Bring lemonade"),
        ("alice", "bob", "Hang up the lanterns"),
    ] {
        let mut reading = Program::start(people.path(), reader, "party show Home --follow");
        reading.expect("party");
        Program::start_words(people.path(), writer, &["task", "add", "Home", title, "--sync", "20"]).succeed();
        reading.expect_where("party_changed", |party| has_task(party, title));
        reading.interrupt();
        reading.succeed();
    }
    Program::start(people.path(), "bob", "task done Home 2 --sync 0").succeed();
    let tasks = Program::start(people.path(), "bob", "task list Home").succeed();
    let done: Vec<_> = tasks
        .iter()
        .map(|task| (text(task, "title"), task["done"].as_bool()))
        .collect();
    assert_eq!(
        done,
        [("Bring lemonade", Some(false)), ("Hang up the lanterns", Some(true))]
    );
}

#[test]
fn who_leaves_is_missed_at_once_and_may_come_back() {
    let people = paired();
    let names = |party: &Value| -> Vec<String> {
        let members = party["members"].as_array().unwrap();
        members.iter().map(|member| text(member, "name").to_owned()).collect()
    };
    let mut alice = Program::start(people.path(), "alice", "party show Home --follow");
    alice.expect("party");
    Program::start(people.path(), "bob", "party leave Home --sync 20").succeed();
    alice.expect_where("party_changed", |party| names(party) == ["Alice"]);
    alice.interrupt();
    alice.succeed();

    let (mut alice, mut bob, pin) = at_the_pin(people.path(), "invite Home");
    bob.say(&pin);
    both_end_well(&mut alice, bob);
    alice.succeed();
    let mut alice = Program::start(people.path(), "alice", "party show Home --follow");
    alice.expect_where("party", |party| names(party) == ["Alice", "Bob"]);
    Program::start(people.path(), "bob", "task add Home Lemonade --sync 20").succeed();
    alice.expect_where("party_changed", |party| has_task(party, "Lemonade"));
    alice.interrupt();
    alice.succeed();
}

#[test]
fn a_leave_that_nobody_heard_is_told_when_both_are_there() {
    let people = paired();
    Program::start(people.path(), "bob", "party leave Home --sync 0").succeed();
    let mut alice = Program::start(people.path(), "alice", "party show Home --follow");
    assert_eq!(alice.expect("party")["members"].as_array().unwrap().len(), 2);
    Program::start(people.path(), "bob", "party create Elsewhere").succeed();
    let mut bob = Program::start(people.path(), "bob", "party show Elsewhere --follow");
    bob.expect("party");
    alice.expect_where("party_changed", |party| party["members"].as_array().unwrap().len() == 1);
    for person in [alice, bob] {
        person.interrupt();
        person.succeed();
    }
}

#[test]
fn a_wrong_pin_is_told_on_both_sides_and_the_right_one_still_works() {
    let people = two_people();
    let (mut alice, mut bob, pin) = at_the_pin(people.path(), "invite Home");
    bob.say(&another(&pin));
    let seen = alice.expect("wrong_pin");
    assert_eq!((&seen["tries_left"], &seen["wrong_in_all"]), (&2.into(), &1.into()));
    assert_eq!(bob.expect("wrong_pin")["tries_left"], 2);
    assert_eq!(bob.expect("pin_requested")["notice"], "wrong");
    bob.say(&pin);
    both_end_well(&mut alice, bob);
    alice.succeed();
}

#[test]
fn what_cannot_be_a_pin_is_asked_for_again_and_spaces_are_fine() {
    let people = two_people();
    let (mut alice, mut bob, pin) = at_the_pin(people.path(), "invite Home");
    bob.say("12345");
    bob.expect("pin_invalid");
    bob.say("hello");
    bob.expect("pin_invalid");
    bob.say(&format!(" {} - {} ", &pin[..3], &pin[3..]));
    both_end_well(&mut alice, bob);
    let events = alice.succeed();
    assert!(
        events.iter().all(|event| event["event"] != "wrong_pin"),
        "nothing of that was a try"
    );
}

#[test]
fn three_wrong_pins_void_it_and_a_new_one_works() {
    let people = two_people();
    let (mut alice, mut bob, pin) = at_the_pin(people.path(), "invite Home");
    for tries_left in [2, 1, 0] {
        bob.say(&another(&pin));
        assert_eq!(alice.expect("wrong_pin")["tries_left"], tries_left);
        if tries_left > 0 {
            bob.expect("pin_requested");
        }
    }
    assert_eq!(alice.expect("pin_void")["reason"], "too_many_wrong");
    alice.say("new");
    let fresh = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect_where("pin_requested", |asked| asked["tries_left"] == 3);
    bob.say(&fresh);
    both_end_well(&mut alice, bob);
    alice.succeed();
}

#[test]
fn a_new_pin_while_the_invitee_types_clears_the_old_one() {
    let people = two_people();
    let (mut alice, mut bob, old) = at_the_pin(people.path(), "invite Home");
    alice.say("new");
    let fresh = text(&alice.expect("pin"), "pin").to_owned();
    assert_eq!(bob.expect("pin_requested")["notice"], "changed");
    if fresh != old {
        bob.say(&old);
        bob.expect("wrong_pin");
        bob.expect("pin_requested");
    }
    bob.say(&fresh);
    both_end_well(&mut alice, bob);
    alice.succeed();
}

#[test]
fn ctrl_c_of_the_inviter_revokes_the_code() {
    let people = two_people();
    let (mut alice, code) = inviting(people.path(), "invite Home");
    let mut bob = redeeming(people.path(), &code);
    bob.expect("pin_requested");
    alice.expect("pin");
    alice.interrupt();
    alice.expect("invitation_revoked");
    assert_eq!(alice.fail(4)["event"], "cancelled");
    let failed = bob.fail(1);
    assert_eq!(failed["event"], "failed");
    assert!(
        ["redeem_revoked", "redeem_cancelled_by_inviter"].contains(&text(&failed, "code")),
        "{failed}"
    );
    assert!(!text(&failed, "sentence").is_empty() && !text(&failed, "next").is_empty());
    // It is revoked for good: nothing is left to go on with.
    assert_eq!(
        Program::start(people.path(), "alice", "invite Home --resume").fail(1)["code"],
        "no_open_invitation"
    );
}

#[test]
fn ctrl_c_of_the_invitee_leaves_the_code_good() {
    let people = two_people();
    let (mut alice, code) = inviting(people.path(), "invite Home");
    let mut bob = redeeming(people.path(), &code);
    bob.expect("pin_requested");
    alice.expect("pin");
    bob.interrupt();
    assert_eq!(bob.fail(4)["event"], "cancelled");
    alice.expect("peer_left");

    let mut again = redeeming(people.path(), &code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    again.expect("pin_requested");
    again.say(&pin);
    both_end_well(&mut alice, again);
    alice.succeed();
}

#[test]
fn a_killed_inviter_goes_on_with_the_same_code_and_the_same_tries() {
    let people = two_people();
    let (mut alice, code) = inviting(people.path(), "invite Home");
    let mut bob = redeeming(people.path(), &code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&another(&pin));
    alice.expect("wrong_pin");
    bob.expect_where("pin_requested", |asked| asked["notice"] == "wrong");
    alice.kill();

    let mut alice = Program::start(people.path(), "alice", "invite Home --resume");
    let resumed = alice.expect("invitation_resumed");
    assert_eq!(
        (text(&resumed, "code"), &resumed["wrong_in_all"]),
        (code.as_str(), &1.into())
    );
    let fresh = text(&alice.expect("pin"), "pin").to_owned();
    // The link was lost and has come back: Bob is asked anew, in the same run.
    bob.expect("connecting");
    bob.expect("pin_requested");
    bob.say(&fresh);
    both_end_well(&mut alice, bob);
    alice.succeed();
}

#[test]
fn a_kept_code_outlives_its_command() {
    let people = two_people();
    let (mut alice, code) = inviting(
        people.path(),
        "invite Home --keep --label Bob --role reader --expires 2h",
    );
    alice.interrupt();
    alice.expect("invitation_kept");
    alice.fail(4);
    let list = Program::start(people.path(), "alice", "invitation list").succeed();
    assert_eq!(list.len(), 1);
    assert_eq!(
        (text(&list[0], "code"), text(&list[0], "role")),
        (code.as_str(), "reader")
    );
    Program::start(people.path(), "alice", "invitation revoke Bob").succeed();
    assert!(
        Program::start(people.path(), "alice", "invitation list")
            .succeed()
            .is_empty()
    );
}

#[test]
fn a_profile_belongs_to_one_program_at_a_time() {
    let people = two_people();
    let (alice, _code) = inviting(people.path(), "invite Home");
    assert_eq!(
        Program::start(people.path(), "alice", "party list").fail(3)["code"],
        "profile_in_use"
    );
    alice.interrupt();
    alice.fail(4);
    Program::start(people.path(), "alice", "party list").succeed();
}

#[test]
fn what_is_no_code_is_refused_after_an_empty_line_or_the_end() {
    let people = two_people();
    let mut bob = redeeming(people.path(), "hello");
    bob.say("");
    assert_eq!(bob.fail(1)["code"], "code_not_a_code");
    for (line, code) in [("hello", "code_not_a_code"), ("", "no_code")] {
        let mut bob = redeeming(people.path(), line);
        bob.hang_up();
        assert_eq!(bob.fail(1)["code"], code);
    }
}

#[test]
fn a_code_may_be_broken_into_lines_and_quoted() {
    let people = two_people();
    let (mut alice, code) = inviting(people.path(), "invite Home");
    let (first, rest) = code.split_at(70);
    let mut bob = redeeming(people.path(), "Alice wrote:");
    bob.say(&format!("> {first}"));
    bob.say(&format!("> {rest}"));
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    both_end_well(&mut alice, bob);
    alice.succeed();
}

#[test]
fn one_wrong_character_is_refused_offline_with_its_place() {
    let people = two_people();
    let (alice, code) = inviting(people.path(), "invite Home");
    alice.interrupt();
    alice.fail(4);
    let (at, right) = code.char_indices().nth(40).unwrap();
    let wrong = if right == 'q' { 'p' } else { 'q' };
    let damaged: String = code
        .char_indices()
        .map(|(index, c)| if index == at { wrong } else { c })
        .collect();
    let failed = redeeming(people.path(), &damaged).fail(1);
    assert_eq!((text(&failed, "code"), &failed["at"]), ("code_checksum", &at.into()));
}

#[test]
fn a_profile_is_made_once_and_before_anything_else() {
    let people = tempfile::tempdir().unwrap();
    assert_eq!(
        Program::start(people.path(), "carol", "party list").fail(1)["code"],
        "profile_missing"
    );
    profile_of(people.path(), "carol", "Carol");
    let again = Program::start(people.path(), "carol", "profile create --name Carol --unprotected");
    assert_eq!(again.fail(1)["code"], "profile_exists");
    let shown = Program::start(people.path(), "carol", "profile show").succeed();
    assert_eq!(shown[0]["name"], "Carol");
}

#[test]
fn a_passphrase_comes_from_a_file_descriptor() {
    let people = tempfile::tempdir().unwrap();
    let with = |arguments: &str, passphrase: &str| {
        let mut program = Program::start(people.path(), "carol", arguments);
        program.say(passphrase);
        program
    };
    with("profile create --name Carol --passphrase-fd 0", "correct horse").succeed();
    assert_eq!(
        with("profile show --passphrase-fd 0", "wrong horse").fail(1)["code"],
        "wrong_passphrase"
    );
    with("profile show --passphrase-fd 0", "correct horse").succeed();
    assert_eq!(with("profile show", "").fail(1)["code"], "passphrase_needed");
}

#[test]
fn without_json_problems_are_two_sentences_on_standard_error() {
    let people = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_partyline"))
        .arg("--data-dir")
        .arg(people.path())
        .args(["--network", "loopback", "party", "list"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("profile create"), "{told}");
}

#[test]
fn what_is_not_understood_is_exit_code_two() {
    let status = Command::new(env!("CARGO_BIN_EXE_partyline"))
        .args(["redeem", "party1qqqq"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn neither_code_nor_pin_is_ever_logged() {
    let people = two_people();
    let words = ["invite", "Home"];
    let run = |person: &str, words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        command
            .env("PARTYLINE_LOG", "trace")
            .arg("--data-dir")
            .arg(people.path());
        command
            .args(["--profile", person, "--network", "loopback", "--json"])
            .args(words);
        command
    };
    let mut alice = Program::over(run("alice", &words), "alice");
    let code = text(&alice.expect("invitation_created"), "code").to_owned();
    let mut bob = Program::over(run("bob", &["redeem"]), "bob");
    bob.say(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    bob.expect("pin_requested");
    bob.say(&pin);
    bob.expect("joined");
    for ended in [alice.end(), bob.end()] {
        assert!(!ended.stderr.is_empty(), "something was logged");
        assert!(!ended.stderr.contains(&code[20..60]), "the code was logged");
        // The digits on their own: within an id or a time of the log they mean nothing.
        let alone = ended
            .stderr
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .any(|word| word == pin);
        assert!(!alone, "the PIN was logged");
    }
}

#[test]
fn the_demo_ends_well_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_partyline"))
        .env("TMPDIR", temporary.path())
        .args(["demo", "--headless"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
