//! Alice on machine `a` and Bob on machine `b`, each with the real program and a profile of their own.

use partyline::invitation::{Hint, InviteCode, Secret};
use tempfile::TempDir;

use super::lab::Lab;
use super::program::{Program, text};

/// Two people on two machines. Alice has a party called Home.
pub(super) struct Pair<'a> {
    lab: &'a Lab,
    /// What of the network their programs may use, as arguments.
    network: &'static str,
    people: TempDir,
}

impl<'a> Pair<'a> {
    pub(super) fn new(lab: &'a Lab, network: &'static str) -> Self {
        let pair = Self {
            lab,
            network,
            people: tempfile::tempdir().unwrap(),
        };
        for (machine, person, name) in [("a", "alice", "Alice"), ("b", "bob", "Bob")] {
            pair.start(machine, person, &["profile", "create", "--unprotected", "--name", name])
                .succeed();
        }
        pair.start("a", "alice", &["party", "create", "Home"]).succeed();
        pair
    }

    /// Starts a command on a machine.
    pub(super) fn start(&self, machine: &str, person: &str, words: &[&str]) -> Program {
        let mut command = self.lab.command(machine, env!("CARGO_BIN_EXE_partyline"));
        command
            .arg("--data-dir")
            .arg(self.people.path())
            .args(["--profile", person, "--json"]);
        command.args(self.network.split(' ')).args(words);
        Program::over(command, &format!("{person}: {}", words.join(" ")))
    }

    /// Alice shows a code.
    pub(super) fn invite(&self) -> (Program, String) {
        let mut alice = self.start("a", "alice", &["invite", "Home"]);
        let code = text(&alice.expect("invitation_created"), "code").to_owned();
        (alice, code)
    }

    /// Bob redeems it.
    pub(super) fn redeem(&self, code: &str) -> Program {
        let mut bob = self.start("b", "bob", &["redeem"]);
        bob.say(code);
        bob
    }

    /// Bob redeems it, and types the PIN that Alice sees, and is in.
    pub(super) fn redeem_and_join(&self, alice: &mut Program, code: &str) {
        let mut bob = self.redeem(code);
        let pin = text(&alice.expect("pin"), "pin").to_owned();
        bob.expect("pin_requested");
        bob.say(&pin);
        assert_eq!(text(&alice.expect("admitted"), "name"), "Bob");
        assert_eq!(text(&bob.expect("joined"), "name"), "Home");
        bob.succeed();
    }
}

/// The same code with these hints instead of its own.
pub(super) fn with_hints(code: &str, hints: Vec<Hint>) -> String {
    let code = InviteCode::parse(code).unwrap();
    let secret = Secret::from_bytes(*code.secret().as_bytes());
    let (tag, endpoint) = (code.party_tag(), code.endpoint());
    let other = InviteCode::new(code.kind(), code.flags(), secret, tag, endpoint, code.expires(), hints).unwrap();
    other.to_text().to_string()
}
