//! Alice invites and Bob redeems, each a real program with pipes to it; either can be killed at any moment that its output or
//! its log marks, and started again.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is logged. Its lines are the clock by which programs are killed between two of their events.
const LOG: &str = "partyline=trace,iroh=trace,noq=trace,noq_proto=trace";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Alice,
    Bob,
}

impl Who {
    pub(crate) const BOTH: [Self; 2] = [Self::Alice, Self::Bob];

    const fn profile(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
        }
    }
}

/// What a program says.
#[derive(Debug)]
pub(crate) enum Said {
    /// A line on its standard output.
    Event(Value),
    /// A line of its log.
    Log,
    /// It has ended.
    Gone,
}

/// A running program.
struct Side {
    life: u32,
    child: Child,
    stdin: ChildStdin,
}

/// Two people on one machine.
pub(crate) struct Scene {
    people: TempDir,
    sides: BTreeMap<Who, Side>,
    lives: u32,
    sender: Sender<(Who, u32, Said)>,
    heard: Receiver<(Who, u32, Said)>,
    /// Everything that happened, for a failing test.
    story: Vec<String>,
}

impl Scene {
    /// Alice with a party called Home that has a task, and Bob.
    pub(crate) fn new(title: String) -> Self {
        let (sender, heard) = channel();
        let people = tempfile::tempdir().unwrap();
        let scene = Self {
            people,
            sides: BTreeMap::new(),
            lives: 0,
            sender,
            heard,
            story: vec![title],
        };
        scene.run(Who::Alice, &["profile", "create", "--unprotected", "--name", "Alice"]);
        scene.run(Who::Bob, &["profile", "create", "--unprotected", "--name", "Bob"]);
        scene.run(Who::Alice, &["party", "create", "Home"]);
        scene.run(Who::Alice, &["task", "add", "Home", "Bring chairs", "--sync", "0"]);
        scene
    }

    fn command(&self, who: Who, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        command
            .env("PARTYLINE_LOG", LOG)
            .arg("--data-dir")
            .arg(self.people.path());
        command
            .args(["--profile", who.profile(), "--network", "loopback", "--json"])
            .args(words);
        command
    }

    /// Runs a command to its end, which is a good one.
    pub(crate) fn run(&self, who: Who, words: &[&str]) -> Vec<Value> {
        let output = self.command(who, words).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{who:?} {words:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Starts a command. What it says comes out of [`Self::hear`].
    pub(crate) fn start(&mut self, who: Who, words: &[&str]) {
        assert!(!self.is_running(who), "{who:?} runs already");
        self.note(format!("{who:?} starts {words:?}"));
        let mut command = self.command(who, words);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.lives += 1;
        let life = self.lives;
        self.listen(
            child.stderr.take().unwrap(),
            move |_| Some((who, life, Said::Log)),
            None,
        );
        let event = move |line: String| {
            // A program that is killed may leave half a line.
            serde_json::from_str(&line)
                .ok()
                .map(|event| (who, life, Said::Event(event)))
        };
        self.listen(child.stdout.take().unwrap(), event, Some((who, life, Said::Gone)));
        let stdin = child.stdin.take().unwrap();
        self.sides.insert(who, Side { life, child, stdin });
    }

    fn listen(
        &self,
        pipe: impl Read + Send + 'static,
        heard: impl Fn(String) -> Option<(Who, u32, Said)> + Send + 'static,
        last: Option<(Who, u32, Said)>,
    ) {
        let sender = self.sender.clone();
        let listen = move || {
            let lines = BufReader::new(pipe).lines().map_while(Result::ok);
            // Nobody listens any more once the test is over.
            for said in lines.filter_map(heard).chain(last) {
                sender.send(said).ok();
            }
        };
        thread::Builder::new().name("pipe".to_owned()).spawn(listen).unwrap();
    }

    pub(crate) fn is_running(&self, who: Who) -> bool {
        self.sides.contains_key(&who)
    }

    /// Types a line. Whoever has just gone does not read it.
    pub(crate) fn say(&mut self, who: Who, line: &str) {
        self.note(format!("{who:?} is told something"));
        if let Some(side) = self.sides.get_mut(&who) {
            writeln!(side.stdin, "{line}").ok();
        }
    }

    /// The next thing that somebody says who is alive.
    pub(crate) fn hear(&mut self) -> (Who, Said) {
        loop {
            let Ok((who, life, said)) = self.heard.recv_timeout(DEADLINE) else {
                panic!("nothing happens any more:\n{}", self.story());
            };
            if self.sides.get(&who).is_none_or(|side| side.life != life) {
                continue;
            }
            match &said {
                Said::Event(event) => self.note(format!("{who:?}: {event}")),
                Said::Log => {}
                Said::Gone => {
                    let status = self.sides.remove(&who).unwrap().child.wait().unwrap();
                    self.note(format!("{who:?} ends with {:?}", status.code()));
                }
            }
            return (who, said);
        }
    }

    /// Ends a program at once, as a power cut would. What it has said until then and nobody has heard is lost.
    pub(crate) fn kill(&mut self, who: Who) {
        self.note(format!("{who:?} is killed"));
        if let Some(mut side) = self.sides.remove(&who) {
            side.child.kill().unwrap();
            side.child.wait().unwrap();
        }
    }

    fn note(&mut self, what: String) {
        self.story.push(what);
    }

    /// What has happened so far.
    pub(crate) fn story(&self) -> String {
        self.story.join("\n")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for who in Who::BOTH {
            self.kill(who);
        }
    }
}
