//! One running `partyline` with pipes to it, as a script has it. Everything that is waited for has a deadline.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    errors: Receiver<String>,
    seen: Vec<Value>,
}

/// How a program ended.
pub(crate) struct Ended {
    pub code: Option<i32>,
    pub events: Vec<Value>,
    pub stderr: String,
}

impl Program {
    /// Starts `partyline --json` for one person; `arguments` are separated by spaces.
    pub(crate) fn start(people: &Path, person: &str, arguments: &str) -> Self {
        Self::start_words(people, person, &arguments.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn start_words(people: &Path, person: &str, words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        command
            .arg("--data-dir")
            .arg(people)
            .args(["--profile", person, "--network", "loopback", "--json"])
            .args(words);
        Self::over(command, &format!("{person}: {}", words.join(" ")))
    }

    /// Starts a command whose standard output is lines of JSON.
    pub(crate) fn over(mut command: Command, name: &str) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (line_sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        spawn(move || {
            for line in stdout.lines() {
                let line = line.unwrap();
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"));
                if line_sender.send(event).is_err() {
                    break;
                }
            }
        });
        let (error_sender, errors) = channel();
        let mut stderr = child.stderr.take().unwrap();
        spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            error_sender.send(String::from_utf8_lossy(&text).into_owned()).ok();
        });
        let stdin = child.stdin.take();
        Self {
            name: name.to_owned(),
            child,
            stdin,
            lines,
            errors,
            seen: Vec::new(),
        }
    }

    /// Waits for the next event of this name.
    pub(crate) fn expect(&mut self, event: &str) -> Value {
        self.expect_one_of(&[event])
    }

    /// Waits for the next event of one of these names.
    pub(crate) fn expect_one_of(&mut self, events: &[&str]) -> Value {
        self.expect_next(&events.join(" or "), |seen| {
            events.iter().any(|event| seen["event"] == *event)
        })
    }

    /// Waits for the next event of this name that fits.
    pub(crate) fn expect_where(&mut self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.expect_next(event, |seen| seen["event"] == event && fits(seen))
    }

    fn expect_next(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(seen) => {
                    self.seen.push(seen.clone());
                    if fits(&seen) {
                        return seen;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("{}: no {what} in time, but {:#?}", self.name, self.seen),
                Err(RecvTimeoutError::Disconnected) => {
                    let stderr = self.errors.recv_timeout(DEADLINE).unwrap_or_default();
                    panic!("{}: ended without {what}, after {:#?}\n{stderr}", self.name, self.seen);
                }
            }
        }
    }

    /// Types a line.
    pub(crate) fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// Ends standard input.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Dies at once, as in a power cut.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal, like `-INT`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success(), "{}: {signal} could not be sent", self.name);
    }

    /// Waits for the end: the output closes when the program has gone.
    pub(crate) fn end(mut self) -> Ended {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(seen) => self.seen.push(seen),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{}: does not end, after {:#?}", self.name, self.seen),
            }
        }
        let stderr = self.errors.recv_timeout(DEADLINE).unwrap();
        let code = self.child.wait().unwrap().code();
        Ended {
            code,
            events: std::mem::take(&mut self.seen),
            stderr,
        }
    }

    /// Waits for the end, which is a good one.
    #[track_caller]
    pub(crate) fn succeed(self) -> Vec<Value> {
        let name = self.name.clone();
        let ended = self.end();
        assert_eq!(ended.code, Some(0), "{name}: {:#?}\n{}", ended.events, ended.stderr);
        ended.events
    }

    /// Waits for the end, which is of this exit code; gives the last event.
    #[track_caller]
    pub(crate) fn fail(self, code: i32) -> Value {
        let name = self.name.clone();
        let mut ended = self.end();
        assert_eq!(ended.code, Some(code), "{name}: {:#?}\n{}", ended.events, ended.stderr);
        ended.events.pop().unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name("pipe".to_owned()).spawn(work).unwrap();
}

/// The text in a field.
pub(crate) fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap_or_else(|| panic!("{field} in {event}"))
}

/// Another PIN of as many digits.
pub(crate) fn another(pin: &str) -> String {
    let first = if pin.starts_with('1') { '2' } else { '1' };
    pin.chars()
        .enumerate()
        .map(|(index, digit)| if index == 0 { first } else { digit })
        .collect()
}
