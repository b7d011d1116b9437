//! One person with several devices, and with none: `device`, `identity`.

use super::{Program, profile_of, text, two_people};

use serde_json::Value;

fn words_of(event: &Value) -> Vec<String> {
    let words = event["words"].as_array().unwrap().iter();
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The recovery phrase, written down.
fn paper(people: &std::path::Path, person: &str) -> String {
    let mut program = Program::start(people, person, "identity phrase");
    let words = words_of(&program.expect("phrase"));
    assert_eq!(words.len(), 24);
    for _ in 0..3 {
        let number = program.expect("phrase_word_requested")["number"].as_u64().unwrap();
        program.say(&words[usize::try_from(number).unwrap() - 1]);
    }
    program.expect("phrase_written");
    program.succeed();
    words.join(" ")
}

/// Alice's phone becomes hers.
fn add_phone(people: &std::path::Path) {
    profile_of(people, "phone", "Nobody");
    let mut laptop = Program::start(people, "alice", "device add");
    let code = text(&laptop.expect("device_code"), "code").to_owned();
    let mut unaware = Program::start(people, "phone", "redeem");
    unaware.say(&code);
    assert_eq!(text(&unaware.fail(1), "code"), "device_code");
    let mut phone = Program::start(people, "phone", "redeem --device");
    phone.say(&code);
    let pin = text(&laptop.expect("pin"), "pin").to_owned();
    phone.expect("pin_requested");
    phone.say(&pin);
    assert_eq!(phone.expect("pairing")["person"], "Alice");
    assert_eq!(phone.expect("paired")["name"], "Alice");
    laptop.expect("device_added");
    phone.succeed();
    laptop.succeed();
}

fn devices(people: &std::path::Path, person: &str) -> Vec<Value> {
    Program::start(people, person, "device list").succeed()
}

#[test]
fn a_device_is_added_named_and_removed() {
    let people = two_people();
    let people = people.path();
    add_phone(people);
    let who = |person| text(&Program::start(people, person, "profile show").succeed()[0], "identity").to_owned();
    assert_eq!(who("phone"), who("alice"));
    let party = Program::start(people, "phone", "party show Home")
        .succeed()
        .pop()
        .unwrap();
    assert_eq!(
        (party["role"].as_str(), party["members"].as_array().unwrap().len()),
        (Some("owner"), 1)
    );

    Program::start(people, "alice", "device rename 2 Phone").succeed();
    let listed = devices(people, "alice");
    let shown: Vec<_> = listed
        .iter()
        .map(|one| (text(one, "presence"), text(one, "name") == "Phone"))
        .collect();
    assert_eq!(shown, [("this", false), ("offline", true)]);

    let refused = Program::start(people, "alice", "device remove 1").fail(1);
    assert_eq!(text(&refused, "code"), "this_device");
    Program::start(people, "alice", "device remove Phone").succeed();
    assert_eq!(devices(people, "alice").len(), 1);
    let refused = Program::start(people, "alice", "device remove Phone").fail(1);
    assert_eq!(text(&refused, "code"), "device_unknown");
}

#[test]
fn a_phrase_brings_an_identity_back() {
    let people = two_people();
    let people = people.path();
    let mut careless = Program::start(people, "alice", "identity phrase");
    careless.expect("phrase_word_requested");
    careless.say("what was it");
    assert_eq!(text(&careless.fail(1), "code"), "phrase_not_written");

    let words = paper(people, "alice");
    let again = Program::start(people, "alice", "identity phrase").fail(1);
    assert_eq!(text(&again, "code"), "phrase_written");

    let mut new = Program::start(people, "new", "identity recover --name Alice --unprotected");
    new.say(&words);
    let created = new.expect("profile_created");
    new.succeed();
    let known = Program::start(people, "alice", "profile show").succeed();
    assert_eq!(created["identity"], known[0]["identity"]);

    let mut slip = Program::start(people, "other", "identity recover --name Alice --unprotected");
    slip.say("abandon abandon");
    assert_eq!(text(&slip.fail(1), "code"), "phrase_word_count");
}
