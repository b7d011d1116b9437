//! Many who come with one code: a thousand who were invited, and one who means harm.
//!
//! The inviter is a whole worker with a profile on disk. Those who come are scripted (`crowd/invitee.rs`): real connections,
//! the protocol's own machine, keys of their own; they store nothing, and look at nothing but their own admission, as all of
//! them have to share this machine with the inviter.

#![expect(
    clippy::disallowed_methods,
    reason = "what the bench starts ends with it; who waits for a PIN is never behind"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on fails by panicking"
)]

#[path = "crowd/elsewhere.rs"]
mod elsewhere;
#[path = "figure/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with benches that take their samples one after the other"
)]
mod figure;
#[path = "crowd/hostile.rs"]
mod hostile;
#[path = "crowd/invitee.rs"]
mod invitee;
#[path = "../tests/peer/mod.rs"]
#[expect(dead_code, reason = "shared with tests/two_peers.rs")]
mod peer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use elsewhere::Elsewhere;
use figure::{Figure, now, runs, say};
use invitee::Invitee;
use partyline::invitation::InvitationStage;
use partyline::party::PartyId;
use partyline::worker::{Command, Event, InvitationOptions, InvitationView};
use peer::Peer;

/// How many people are invited.
const PEOPLE: usize = 1000;
/// After this time the transport has forgotten with whom it had a connection.
const FORGOTTEN: Duration = Duration::from_secs(65);
/// How many connections the hostile one opens in all.
const CONNECTIONS: usize = 10_000;
/// How often the honest one comes.
const RUNS: usize = 60;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    if elsewhere::is_here() {
        return runtime.block_on(elsewhere::come());
    }
    if figure::is_wanted("admissions") {
        runtime.block_on(admissions(runs(PEOPLE)));
    }
    if figure::is_wanted("hostile") {
        runtime.block_on(hostile());
    }
}

async fn inviting(people: usize) -> (Peer, PartyId, Arc<InvitationView>) {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let options = InvitationOptions {
        max_uses: u32::try_from(people).unwrap(),
        ..InvitationOptions::default()
    };
    let invitation = alice.invite_with(party, options).await;
    (alice, party, invitation)
}

/// All come in with one code.
async fn admissions(people: usize) {
    let (mut alice, party, invitation) = inviting(people).await;
    let mut memory = vec![resident()];
    let mut crowd = Elsewhere::start(people, &invitation.code).await;
    let begun = now();
    let mut seated = 0;
    loop {
        let event = crowd.meanwhile(alice.worker.next()).await.expect("a running worker");
        let Event::InvitationChanged { invitation } = event else {
            continue;
        };
        let admitted = invitation.admitted.len();
        match &invitation.stage {
            // One PIN for each seat.
            InvitationStage::Pin { pin, .. } if admitted == seated => {
                seated += 1;
                crowd.show(pin).await;
            }
            InvitationStage::Admitted { .. } => break,
            InvitationStage::Locked | InvitationStage::Expired => panic!("it has ended"),
            _ => {}
        }
        if (admitted == people / 10 && memory.len() == 1) || (admitted == people / 2 && memory.len() == 2) {
            memory.push(resident());
        }
    }
    let took = begun.elapsed();
    crowd.end().await;
    memory.push(resident());
    tokio::time::sleep(FORGOTTEN).await;
    memory.push(resident());
    let members = members(&mut alice, party).await;
    assert_eq!(members, people + 1, "all are in, nobody twice");
    let a_second = people as f64 / took.as_secs_f64();
    let missed = if a_second < 50.0 { ", MISSED" } else { "" };
    say(&format!(
        "| {people} people on one code: admissions a second, with every write on the inviter's disk | {a_second:.0} | > 50{missed} | {took:.1?} in all |"
    ));
    let memory: Vec<String> = memory.iter().map(|bytes| format!("{} MiB", bytes >> 20)).collect();
    say(&format!(
        "| resident memory of the inviter before anybody came, after a tenth, a half and all of them, a minute later | {} | flat | |",
        memory.join(", ")
    ));
    alice.stop().await;
}

/// How many different people are in, once everything has been told.
async fn members(alice: &mut Peer, party: PartyId) -> usize {
    let request = alice.send(Command::MarkRead { party });
    let mut members = BTreeSet::new();
    loop {
        match alice.worker.next().await.expect("a running worker") {
            Event::PartyChanged { party } => members = party.members.iter().map(|member| member.identity).collect(),
            Event::Done { request: answered } if answered == request => return members.len(),
            _ => {}
        }
    }
}

/// The memory of this process, in bytes (`VmRSS`, see `proc_pid_status(5)`).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// An honest one comes while another machine, here another address, opens connections as fast as it can.
async fn hostile() {
    let quiet = come_and_go("Redeem to PIN shown, nobody else there", runs(RUNS), |_| None).await;
    let wanted = runs(CONNECTIONS);
    for manner in hostile::Manner::ALL {
        let name = format!("Redeem to PIN shown, while another {}", manner.told());
        let busy = come_and_go(&name, runs(RUNS), |code| {
            Some(hostile::Crowd::start(code, manner, wanted))
        })
        .await;
        let times = busy.as_secs_f64() / quiet.as_secs_f64();
        let missed = if times > 3.0 { ", MISSED" } else { "" };
        say(&format!(
            "| that is, of the quiet figure | {times:.1} times | < 3{missed} | |"
        ));
    }
}

/// How long the honest one waits for the PIN, in the middle.
async fn come_and_go(
    name: &str,
    runs: usize,
    crowd: impl Fn(Arc<partyline::invitation::InviteCode>) -> Option<hostile::Crowd>,
) -> Duration {
    let (mut alice, _, invitation) = inviting(PEOPLE).await;
    let crowd = crowd(Arc::clone(&invitation.code));
    let mut figure = Figure::new(name, None);
    let (mut waits, mut last) = (Vec::new(), None);
    for _ in 0..runs {
        let invitee = Invitee::start(Arc::clone(&invitation.code)).await;
        let pressed = now();
        let seated = invitee.comes();
        let pin = loop {
            let event = alice.worker.next().await.expect("a running worker");
            if let Event::InvitationChanged { invitation } = event
                && let InvitationStage::Pin { pin, .. } = &invitation.stage
                && last.as_ref() != Some(pin)
            {
                break Arc::clone(pin);
            }
        };
        waits.push(pressed.elapsed());
        last = Some(pin);
        seated.leaves().await;
        alice.send(Command::NextInvitee {
            invitation: invitation.id,
        });
    }
    waits.iter().for_each(|wait| figure.add(*wait));
    figure.print(None);
    if let Some(crowd) = crowd {
        say(&crowd.end().await);
    }
    alice.stop().await;
    waits.sort_unstable();
    waits.get(waits.len() / 2).copied().unwrap_or_default()
}
