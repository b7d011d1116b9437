//! The invited in a process of their own, so that what the inviter's takes can be told.

use std::io::stdin;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;

use partyline::invitation::{InviteCode, Pin};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinSet;

use crate::invitee::{Invitee, Pins};

/// How many of them try at a time: one has the slot, four wait.
const AT_ONCE: usize = 5;
/// What that process is started with.
const ARGUMENT: &str = "--invited";

/// The process of the invited, and where their PINs are read out to them. It ends with this.
pub(crate) struct Elsewhere {
    process: Child,
    ear: ChildStdin,
}

impl Elsewhere {
    /// So many people with this code.
    pub(crate) async fn start(people: usize, code: &InviteCode) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let ear = process.stdin.take().unwrap();
        let mut elsewhere = Self { process, ear };
        elsewhere.say(&people.to_string()).await;
        elsewhere.say(&code.to_text()).await;
        elsewhere
    }

    pub(crate) async fn show(&mut self, pin: &Pin) {
        self.say(pin.digits()).await;
    }

    async fn say(&mut self, words: &str) {
        let line = format!("{words}\n");
        self.ear.write_all(line.as_bytes()).await.expect("somebody listens");
    }

    /// What the inviter hears next, unless the invited have failed before.
    pub(crate) async fn meanwhile<T>(&mut self, hears: impl Future<Output = T>) -> T {
        let mut hears = pin!(hears);
        tokio::select! {
            heard = &mut hears => return heard,
            ended = self.process.wait() => assert!(ended.unwrap().success(), "somebody did not come in"),
        }
        // All are in, which the inviter hears next.
        hears.await
    }

    /// Waits until all of them are in.
    pub(crate) async fn end(mut self) {
        drop(self.ear);
        assert!(self.process.wait().await.unwrap().success(), "somebody did not come in");
    }
}

/// Whether this process is that of the invited.
pub(crate) fn is_here() -> bool {
    std::env::args().any(|argument| argument == ARGUMENT)
}

/// Comes in as many people with the code that are read.
pub(crate) async fn come() {
    let next = || stdin().lines().next().unwrap().unwrap();
    let people: usize = next().parse().unwrap();
    let code = Arc::new(InviteCode::parse(&next()).unwrap());
    let (pins, shown) = Pins::new();
    std::thread::spawn(move || {
        for line in stdin().lines() {
            shown.show(&Pin::parse(&line.unwrap(), 6).unwrap());
        }
    });
    let mut coming = JoinSet::new();
    for _ in 0..people {
        if coming.len() == AT_ONCE {
            coming.join_next().await.unwrap().unwrap();
        }
        let (code, pins) = (Arc::clone(&code), pins.clone());
        coming.spawn(async move { Invitee::start(code).await.join(&pins).await });
    }
    while let Some(came) = coming.join_next().await {
        came.unwrap();
    }
}
