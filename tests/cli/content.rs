//! What people share once they are in: notes, messages, files, histories, as two programs on one machine see them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Program, text};
use crate::{at_the_pin, both_end_well, paired, two_people};

/// Runs a command to its good end, and gives what it told. Nobody is waited for.
fn run(people: &Path, person: &str, words: &[&str]) -> Vec<Value> {
    Program::start_words(people, person, words).succeed()
}

fn names<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| text(row, field)).collect()
}

#[test]
fn a_task_has_somebody_and_a_day_and_a_place_in_the_order() {
    let people = two_people();
    let people = people.path();
    run(
        people,
        "alice",
        &[
            "task",
            "add",
            "Home",
            "Water the plants",
            "--assign",
            "me",
            "--due",
            "2026-12-24",
        ],
    );
    run(people, "alice", &["task", "add", "Home", "Sweep the stairs"]);
    run(people, "alice", &["task", "edit", "Home", "sweep", "Sweep the yard"]);
    run(people, "alice", &["task", "move", "Home", "2"]);
    let tasks = run(people, "alice", &["task", "list", "Home"]);
    assert_eq!(names(&tasks, "title"), ["Sweep the yard", "Water the plants"]);
    assert_eq!(
        (text(&tasks[1], "assignee_name"), text(&tasks[1], "due")),
        ("Alice", "2026-12-24")
    );

    run(people, "alice", &["task", "due", "Home", "Water", "none"]);
    run(people, "alice", &["task", "assign", "Home", "Water", "nobody"]);
    run(people, "alice", &["task", "delete", "Home", "Sweep"]);
    let tasks = run(people, "alice", &["task", "list", "Home"]);
    assert_eq!(names(&tasks, "title"), ["Water the plants"]);
    assert!(tasks[0]["assignee"].is_null() && tasks[0]["due"].is_null(), "{tasks:?}");

    let deleted = run(people, "alice", &["party", "deleted", "Home"]);
    assert_eq!(
        (text(&deleted[0], "kind"), text(&deleted[0], "title")),
        ("task", "Sweep the yard")
    );
    run(people, "alice", &["task", "restore", "Home", "sweep"]);
    let history = run(people, "alice", &["party", "history", "Home", "task", "sweep"]);
    let whats = names(&history, "what");
    assert_eq!(
        (whats.first(), whats.last()),
        (Some(&"added"), Some(&"restored")),
        "{whats:?}"
    );
    assert!(
        history.iter().any(|change| change["standing"] == "replaced"),
        "{history:?}"
    );
}

#[test]
fn who_is_meant_is_asked_when_a_name_is_not_enough() {
    let people = two_people();
    let people = people.path();
    run(people, "alice", &["task", "add", "Home", "Water the plants"]);
    run(people, "alice", &["task", "add", "Home", "Water the lawn"]);
    let failed = Program::start(people, "alice", "task done Home water").fail(1);
    assert_eq!(failed["code"], "task_ambiguous");
    let told = text(&failed, "sentence");
    assert!(
        told.contains("“Water the plants”") && told.contains("“Water the lawn”"),
        "{told}"
    );
    let failed = Program::start_words(people, "alice", &["task", "add", "Home", "Cook", "--assign", "Zoe"]).fail(1);
    assert_eq!(failed["code"], "member_unknown");
    assert_eq!(
        run(people, "alice", &["task", "list", "Home"]).len(),
        2,
        "a slip adds nothing"
    );
}

#[test]
fn a_note_is_read_and_changed_on_both_sides() {
    let people = paired();
    let folder = people.path();
    let mut adding = Program::start(folder, "bob", "note add Home Menu --from - --sync 0");
    adding.say("Soup");
    adding.hang_up();
    adding.succeed();
    let mut alice = Program::start(folder, "alice", "note list Home --follow");
    let rename = ["note", "rename", "Home", "Menu", "Menu for Friday", "--sync", "20"];
    run(folder, "bob", &rename);
    alice.expect_where("note", |note| note["title"] == "Menu for Friday");
    alice.interrupt();
    alice.succeed();
    let shown = run(folder, "alice", &["note", "show", "Home", "menu"]);
    assert_eq!(text(&shown[0], "text"), "Soup\n");

    let mut alice = Program::start(folder, "alice", "note show Home menu --follow");
    alice.expect("note_text");
    let mut bob = Program::start(folder, "bob", "note edit Home menu --from - --sync 20");
    bob.say("Soup, cold");
    bob.hang_up();
    alice.expect_where("note_changed", |note| note["text"] == "Soup, cold\n");
    alice.interrupt();
    alice.succeed();
    bob.succeed();
    assert_eq!(
        text(&run(folder, "bob", &["search", "COLD", "soup"])[0], "kind"),
        "note"
    );
}

#[test]
fn messages_come_while_one_looks_on() {
    let people = paired();
    let folder = people.path();
    let mut alice = Program::start(folder, "alice", "message list Home --follow");
    for said in ["Hello", "Is anybody there?"] {
        run(folder, "bob", &["message", "send", "Home", said, "--sync", "20"]);
        let told = alice.expect("message");
        assert_eq!((text(&told, "text"), text(&told, "author_name")), (said, "Bob"));
    }
    alice.interrupt();
    alice.succeed();
    let unread = run(folder, "alice", &["party", "show", "Home"]);
    assert_eq!(unread[0]["unread"], 2);
    run(folder, "alice", &["message", "read", "Home"]);
    run(
        folder,
        "alice",
        &["message", "send", "Home", "Yes", "--reply", "2", "--sync", "0"],
    );
    let last = run(folder, "alice", &["message", "list", "Home", "--last", "2"]);
    assert_eq!(names(&last, "text"), ["Is anybody there?", "Yes"]);
    assert_eq!(last[1]["reply_to"], last[0]["message"]);
    assert_eq!(run(folder, "alice", &["party", "show", "Home"])[0]["unread"], 0);
}

#[test]
fn a_file_is_fetched_from_who_has_it_and_saved() {
    let people = paired();
    let folder = people.path();
    let original = folder.join("letter.txt");
    fs::write(&original, "Dear all").unwrap();
    let added = run(
        folder,
        "alice",
        &["file", "add", "Home", original.to_str().unwrap(), "--sync", "0"],
    );
    assert_eq!(text(added.last().unwrap(), "name"), "letter.txt");

    let mut alice = Program::start(folder, "alice", "file list Home --follow");
    alice.expect_where("file", |file| file["here"] == true);
    let mut bob = Program::start(folder, "bob", "file list Home --follow");
    bob.expect("file");
    bob.interrupt();
    bob.succeed();
    let copy = folder.join("copy.txt");
    let saved = run(
        folder,
        "bob",
        &["file", "save", "Home", "letter", "--to", copy.to_str().unwrap()],
    );
    assert_eq!(names(&saved, "event").last(), Some(&"file_saved"));
    assert_eq!(fs::read_to_string(copy).unwrap(), "Dear all");
    assert_eq!(run(folder, "bob", &["file", "list", "Home"])[0]["here"], true);
    alice.interrupt();
    alice.succeed();
}

#[test]
fn a_reader_changes_nothing_until_made_an_editor() {
    let people = two_people();
    let folder = people.path();
    let (mut alice, mut bob, pin) = at_the_pin(folder, "invite Home --role reader");
    bob.say(&pin);
    both_end_well(&mut alice, bob);
    alice.succeed();
    for words in [
        &["task", "add", "Home", "Water"][..],
        &["note", "add", "Home", "Menu"],
        &["message", "send", "Home", "Hello"],
    ] {
        let failed = Program::start_words(folder, "bob", words).fail(1);
        assert_eq!(failed["code"], "not_allowed", "{words:?}");
    }
    let mut bob = Program::start(folder, "bob", "member list Home --follow");
    bob.expect("member");
    run(
        folder,
        "alice",
        &["member", "role", "Home", "Bob", "editor", "--sync", "20"],
    );
    bob.expect_where("member", |member| member["name"] == "Bob" && member["role"] == "editor");
    bob.interrupt();
    bob.succeed();
    run(folder, "bob", &["message", "send", "Home", "Hello", "--sync", "0"]);
}

#[test]
fn an_exported_party_is_founded_anew() {
    let people = two_people();
    let folder = people.path();
    run(folder, "alice", &["task", "add", "Home", "Water the plants"]);
    let (out, photo) = (folder.join("out"), folder.join("photo.jpg"));
    fs::write(&photo, [7; 100_000]).unwrap();
    run(folder, "alice", &["file", "add", "Home", photo.to_str().unwrap()]);
    let exported = run(folder, "alice", &["party", "export", "Home", out.to_str().unwrap()]);
    assert_eq!(exported[0]["missing_files"], 0);
    let again = Program::start_words(folder, "alice", &["party", "export", "Home", out.to_str().unwrap()]).fail(1);
    assert_eq!(again["code"], "folder_not_empty");
    let imported = run(folder, "bob", &["party", "import", out.to_str().unwrap()]);
    assert_eq!(text(&imported[0], "name"), "Home");
    assert_eq!(
        names(&run(folder, "bob", &["task", "list", "Home"]), "title"),
        ["Water the plants"]
    );
    let files = run(folder, "bob", &["file", "list", "Home"]);
    assert_eq!(names(&files, "name"), ["photo.jpg"]);
    assert_eq!(
        files[0]["here"], true,
        "its files are there when an import says that it is done"
    );
    assert_eq!(
        run(folder, "bob", &["profile", "compact"])[0]["event"],
        "storage_compacted"
    );
}
