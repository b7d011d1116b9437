//! What is understood, and what is not.

use clap::{CommandFactory as _, Parser as _};

use super::*;

#[test]
fn the_grammar_is_consistent() {
    Args::command().debug_assert();
}

#[test]
fn a_profile_name_cannot_leave_its_folder() {
    for wrong in ["", ".", "..", "a/b", "Alice", "ä", "name with spaces", &"a".repeat(33)] {
        assert!(ProfileName::from_str(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn each_profile_has_a_folder_of_its_own() {
    let dir = |profile| {
        let args = Args::try_parse_from(["partyline", "--data-dir", "d", "--profile", profile]).unwrap();
        args.globals.config(None).unwrap().data_dir
    };
    assert_eq!(dir("alice"), PathBuf::from("d").join("alice"));
    assert_ne!(dir("alice"), dir("bob"));
}

#[test]
fn offline_means_the_local_network_and_a_relay_means_no_other() {
    let mode = |words: &[&str]| {
        let args = Args::try_parse_from([&["partyline"], words].concat()).unwrap();
        args.globals.config(None).unwrap().network
    };
    assert_eq!(mode(&[]), NetworkMode::PublicRelays);
    assert_eq!(mode(&["--offline"]), NetworkMode::LocalNetwork);
    assert_eq!(mode(&["party", "list", "--network", "loopback"]), NetworkMode::Loopback);
    let own = NetworkMode::OwnRelay {
        url: "https://relay.example".into(),
        token: None,
    };
    assert_eq!(mode(&["--relay", "https://relay.example"]), own);
    assert!(Args::try_parse_from(["partyline", "--offline", "--relay", "https://relay.example"]).is_err());
}

#[test]
fn no_command_takes_a_code_or_a_pin_as_an_argument() {
    for words in [
        &["redeem", "party1qqq"][..],
        &["redeem", "--pin", "123456"],
        &["invite", "Home", "123456"],
        &["identity", "recover", "--name", "Alice", "abandon"],
        &["identity", "export"],
    ] {
        assert!(
            Args::read([&["partyline"], words].concat().into_iter().map(OsString::from)).is_err(),
            "{words:?}"
        );
    }
}

#[test]
fn what_to_call_again_names_the_profile_and_the_folder_that_were_named() {
    let called = |words: &[&str]| {
        let args = Args::try_parse_from([&["partyline"], words].concat()).unwrap();
        args.globals.called()
    };
    assert_eq!(called(&[]), "partyline");
    assert_eq!(called(&["--profile", "bob"]), "partyline --profile bob");
    assert_eq!(
        called(&["--data-dir", "my party's"]),
        r"partyline --data-dir 'my party'\''s'"
    );
}

#[test]
fn what_is_in_a_party_is_said_in_few_words() {
    for words in [
        "task add Home Water --assign me --due fri",
        "task assign Home 1 nobody",
        "task due Home Water none",
        "task move Home 2 --after 1",
        "task restore Home Water",
        "note add Home Menu --from -",
        "note edit Home Menu",
        "note show Home Menu --follow",
        "message send Home Hello --reply 3",
        "message list Home --last 20 --follow",
        "file add Home photo.png",
        "file save Home photo --to elsewhere.png",
        "member role Home Bob reader",
        "party history Home note Menu",
        "party export Home out",
        "search old soup --party Home",
        "profile compact",
        "identity phrase",
        "identity recover --name Alice --unprotected",
        "device list",
        "device add",
        "device rename 2 Phone",
        "device remove Phone",
        "service login invite.example.org",
        "service login http://127.0.0.1:8080 --client choir",
        "service logout https://invite.example.org",
        "service list",
        "invite Home --by email bonny@example.org carl@example.org --message Come!",
        "redeem --service invite.example.org",
    ] {
        let args = ["partyline"].into_iter().chain(words.split(' '));
        assert!(Args::read(args.map(OsString::from)).is_ok(), "{words}");
    }
    for words in [
        "task due Home Water 24.12.",
        "member role Home Bob boss",
        "search",
        "party history Home cat 1",
        "service login http://invite.example.org",
        "invite Home bonny@example.org",
    ] {
        let args = ["partyline"].into_iter().chain(words.split(' '));
        assert!(Args::read(args.map(OsString::from)).is_err(), "{words}");
    }
}
