//! The program itself, as an operator has it: `partyline serve` and its commands, with lines of JSON. Everything that is waited for has a deadline.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

/// A service that runs as a program.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<Value>,
    /// Its public address.
    pub issuer: String,
    /// Where it listens.
    pub listen: String,
    /// The log, which is read so that the program never waits for it.
    log: Receiver<String>,
}

/// What a command printed, and how it ended.
pub(crate) struct Ended {
    pub events: Vec<Value>,
    pub code: Option<i32>,
}

/// A folder for a service, with an RSA key: making one takes long in a build without optimisation.
pub(crate) fn new_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    crate::support::put_keys(&folder.path().join("keys"));
    folder
}

/// `partyline serve --dev` with a folder.
pub(crate) fn dev(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
    command
        .args(["serve", "--dev", "--json", "--folder"])
        .arg(folder)
        .args(words);
    command
}

/// Carries a command out to its end.
pub(crate) fn done(mut command: Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    events.iter().for_each(assert_described);
    Ended {
        events,
        code: output.status.code(),
    }
}

/// `partyline help json` names every event that is written, and every field.
fn assert_described(event: &Value) {
    static HELP: OnceLock<String> = OnceLock::new();
    let help = HELP.get_or_init(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        String::from_utf8(command.args(["help", "json"]).output().unwrap().stdout).unwrap()
    });
    let is_named = |name: &str| {
        let mut words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| word == name)
    };
    assert!(is_named(event["event"].as_str().unwrap()), "{event}");
    for field in event.as_object().unwrap().keys() {
        assert!(is_named(field), "{field} of {event}");
    }
}

impl Ended {
    /// The only event, of a command that went well.
    pub(crate) fn only(self) -> Value {
        assert_eq!((self.events.len(), self.code), (1, Some(0)), "{:?}", self.events);
        self.events.into_iter().next().unwrap()
    }

    /// The word for what went wrong, of a command that failed.
    pub(crate) fn problem(self) -> String {
        assert_eq!(self.code, Some(1), "{:?}", self.events);
        let last = self.events.last().unwrap();
        assert_eq!(last["event"], "failed");
        last["code"].as_str().unwrap().to_owned()
    }
}

impl Running {
    /// Starts a service at a free port, and waits until it answers.
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap();
                assert_described(&event);
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        let (sender, log) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).ok();
            sender.send(text).ok();
        });
        let mut running = Self {
            child,
            lines,
            issuer: String::new(),
            listen: String::new(),
            log,
        };
        let serving = running.expect("serving");
        running.issuer = serving["issuer"].as_str().unwrap().to_owned();
        running.listen = serving["listen"].as_str().unwrap().to_owned();
        running
    }

    /// The next event of this name.
    pub(crate) fn expect(&self, name: &str) -> Value {
        loop {
            let event = self.lines.recv_timeout(DEADLINE).unwrap();
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "failed", "{event}");
        }
    }

    /// Holds it still: from now on it does nothing, and hears nothing.
    pub(crate) fn freeze(&self) {
        let process = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-STOP", &process])
                .status()
                .unwrap()
                .success()
        );
        let state = || {
            let told = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
            let (_name, rest) = told.rsplit_once(") ").unwrap();
            rest.starts_with('T')
        };
        while !state() {
            thread::yield_now();
        }
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as systemd does, and hands back its log.
    pub(crate) fn end(mut self) -> String {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
        self.expect("served");
        assert!(self.child.wait().unwrap().success());
        self.log.recv_timeout(DEADLINE).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or a test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
