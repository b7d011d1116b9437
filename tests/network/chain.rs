//! Alice, Bob and Carol on machines in a row: Alice and Carol can each reach Bob and never each other.

use tempfile::TempDir;

use super::lab::Lab;
use super::program::{Program, text};

/// Three people with the real program. Bob has a party called Home, and the two others are in it.
pub(super) struct Chain {
    pub(super) lab: Lab,
    people: TempDir,
}

impl Chain {
    /// None where there can be no machines.
    pub(super) fn new(name: &str) -> Option<Self> {
        let chain = Self {
            lab: Lab::row(name)?,
            people: tempfile::tempdir().unwrap(),
        };
        for (person, name) in [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")] {
            chain
                .start(person, "profile create --unprotected --name", &[name])
                .succeed();
        }
        chain.start("bob", "party create Home", &[]).succeed();
        chain.join("alice");
        chain.join("carol");
        Some(chain)
    }

    /// Starts a command of somebody's, on their machine: words, then arguments that may have spaces in them.
    pub(super) fn start(&self, person: &str, words: &str, arguments: &[&str]) -> Program {
        let machine = match person {
            "alice" => "a",
            "bob" => "b",
            _ => "c",
        };
        let mut command = self.lab.command(machine, env!("CARGO_BIN_EXE_partyline"));
        command
            .arg("--data-dir")
            .arg(self.people.path())
            .args(["--profile", person, "--json", "--offline"])
            .args(words.split(' '))
            .args(arguments);
        Program::over(command, &format!("{person}: {words}"))
    }

    /// Bob lets somebody in.
    fn join(&self, person: &str) {
        let mut bob = self.start("bob", "invite Home", &[]);
        let code = text(&bob.expect("invitation_created"), "code").to_owned();
        let mut other = self.start(person, "redeem", &[]);
        other.say(&code);
        let pin = text(&bob.expect("pin"), "pin").to_owned();
        other.expect("pin_requested");
        other.say(&pin);
        other.expect("joined");
        other.succeed();
        bob.succeed();
    }
}
