//! An X display of the test's own, on a number that nobody uses, and its clipboard.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use super::limit::DEADLINE;

/// What to do where a program or a library is missing.
pub(crate) const REMEDY: &str = "Run `sh tests/run.sh`: it installs what the tests need, and runs them.";

/// Ends with the test.
pub(crate) struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts a server; returns when it takes connections.
    pub(crate) fn start() -> Self {
        let started = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-noreset",
                "-nolisten",
                "tcp",
                "-screen",
                "0",
                "1280x900x24",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = started.unwrap_or_else(|error| panic!("Xvfb cannot be started ({error}). {REMEDY}"));
        let stdout = server.stdout.take().expect("a pipe");
        let (sender, number) = channel();
        // The server writes its number once it is ready, or ends.
        let read = move || {
            let mut line = String::new();
            if BufReader::new(stdout).read_line(&mut line).is_ok() {
                sender.send(line.trim().to_owned()).ok();
            }
        };
        let reader = thread::Builder::new().name("display number".to_owned()).spawn(read);
        reader.expect("a thread");
        match number.recv_timeout(DEADLINE) {
            Ok(number) if !number.is_empty() => Self {
                server,
                name: format!(":{number}"),
            },
            _ => {
                server.kill().ok();
                server.wait().ok();
                panic!("Xvfb gives no display. {REMEDY}");
            }
        }
    }

    /// For `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What another program would paste, if anything.
    pub(crate) fn clipboard(&self) -> String {
        let started = Command::new("xclip")
            .args(["-selection", "clipboard", "-out"])
            .env("DISPLAY", &self.name)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut xclip = started.unwrap_or_else(|error| panic!("xclip cannot be started ({error}). {REMEDY}"));
        let mut text = String::new();
        let pipe = xclip.stdout.as_mut().expect("a pipe");
        pipe.read_to_string(&mut text).expect("text in the clipboard");
        xclip.wait().expect("xclip ends");
        text
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
