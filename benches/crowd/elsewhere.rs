//! The invited in a process of their own, so that what the inviter's takes can be told.

use std::io::{Write as _, stdin};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use partyline::invitation::{InviteCode, Pin};
use tokio::task::JoinSet;

use crate::invitee::{Invitee, Pins};

/// How many of them try at a time: one has the slot, four wait.
const AT_ONCE: usize = 5;
/// What that process is started with.
const ARGUMENT: &str = "--invited";

/// The process of the invited, and where their PINs are read out to them.
pub(crate) struct Elsewhere {
    process: Child,
    ear: ChildStdin,
}

impl Elsewhere {
    /// So many people with this code.
    pub(crate) fn start(people: usize, code: &InviteCode) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ear = process.stdin.take().unwrap();
        writeln!(ear, "{people}\n{}", code.to_text().as_str()).unwrap();
        Self { process, ear }
    }

    pub(crate) fn show(&mut self, pin: &Pin) {
        writeln!(self.ear, "{}", pin.digits()).expect("somebody listens");
    }

    /// Waits until all of them are in.
    pub(crate) fn end(mut self) {
        drop(self.ear);
        assert!(self.process.wait().unwrap().success(), "somebody did not come in");
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
