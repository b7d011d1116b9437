//! How long it takes until somebody else has what was written: 10,000 edits after time apart, and one edit while both are
//! there.
//!
//! Two whole workers in this process, with profiles on disk, over loopback. What is counted is what a person waits for: until
//! the other's window has been told, with everything checked and on both disks.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on fails by panicking"
)]

#[path = "figure/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with benches that take their samples one after the other"
)]
mod figure;
#[path = "../tests/peer/mod.rs"]
#[expect(dead_code, reason = "shared with tests/two_peers.rs")]
mod peer;

use std::time::Duration;

use figure::{Figure, now, runs};
use operational_transform::OperationSeq;
use partyline::party::{NoteId, PartyId};
use partyline::worker::{Command, Event, TextChange};
use peer::Peer;

/// Edits that the one who was away catches up on: as many of tasks as of a text.
const EDITS: usize = 10_000;
/// How many commands are sent before their answers are awaited.
const AT_ONCE: usize = 200;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    if figure::is_wanted("10,000 edits") {
        runtime.block_on(catching_up());
    }
    if figure::is_wanted("one edit") {
        runtime.block_on(one_edit());
    }
}

/// Bob is away while Alice writes; the time from his program's start to the last edit in his window.
async fn catching_up() {
    let mut applied = Figure::new(
        "10,000 edits of tasks and a text: applied and on disk",
        Some(Duration::from_secs(2)),
    );
    let mut caught_up = Figure::new("10,000 edits: caught up on, loopback", Some(Duration::from_secs(2)));
    for _ in 0..runs(5) {
        let (mut alice, bob, party) = together().await;
        let note = add_note(&mut alice, party).await;
        let bob = bob.stop().await;
        let start = now();
        write(&mut alice, party, note, EDITS).await;
        applied.add(start.elapsed());

        let start = now();
        let mut bob = bob.start_again().await;
        bob.sees(party, "all tasks", |view| view.tasks.len() == EDITS / 2).await;
        bob.sees(party, "that both have the same", |view| view.sync.behind == 0)
            .await;
        caught_up.add(start.elapsed());
        tokio::join!(alice.stop(), bob.stop());
    }
    applied.print(None);
    caught_up.print(None);
}

/// From Alice's command to Bob's event.
async fn one_edit() {
    let aim = Some(Duration::from_millis(10));
    let mut task = Figure::new("one edit of a task: to the other's window, loopback", aim);
    let mut text = Figure::new("one edit of a text: to the other's window, loopback", aim);
    let (mut alice, mut bob, party) = together().await;
    let note = add_note(&mut alice, party).await;
    bob.sees(party, "the note", |view| view.notes.len() == 1).await;
    bob.send(Command::OpenNote { party, note });
    alice.send(Command::OpenNote { party, note });
    for _ in 0..runs(200) {
        let title = format!("Bring lemonade {:?}", now());
        let start = now();
        alice.send(Command::AddTask {
            party,
            title: title.clone(),
        });
        bob.sees_task(party, &title).await;
        task.add(start.elapsed());
    }
    for revision in 0..runs(200) as u64 {
        let start = now();
        edit(&mut alice, party, note, revision);
        bob.wait("the edit", |event| {
            matches!(event, Event::NoteEdited { .. }).then_some(())
        })
        .await;
        text.add(start.elapsed());
    }
    task.print(None);
    text.print(None);
}

/// Alice's party with Bob in it, both there.
async fn together() -> (Peer, Peer, PartyId) {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;
    bob.joined(redemption).await;
    alice.sees_online(party, "Bob").await;
    (alice, bob, party)
}

async fn add_note(alice: &mut Peer, party: PartyId) -> NoteId {
    let title = "Programme".to_owned();
    alice.send(Command::AddNote { party, title });
    alice
        .wait("the note", |event| match event {
            Event::NoteAdded { note, .. } => Some(*note),
            _ => None,
        })
        .await
}

/// Half of the edits are new tasks, half are characters of a text.
async fn write(alice: &mut Peer, party: PartyId, note: NoteId, edits: usize) {
    alice.send(Command::OpenNote { party, note });
    let mut written = 0;
    while written < edits {
        // All that is sent at once builds on what the window has been told.
        let revision = (written / 2) as u64;
        for n in 0..AT_ONCE / 2 {
            let title = format!("Bring {n} bottles of lemonade");
            alice.send(Command::AddTask { party, title });
            edit(alice, party, note, revision);
        }
        let mut answers = 0;
        while answers < AT_ONCE {
            match alice.worker.next().await.unwrap() {
                Event::TaskAdded { .. } | Event::NoteEdited { .. } => answers += 1,
                Event::Failed { failure, .. } => panic!("{failure:?}"),
                _ => {}
            }
        }
        written += AT_ONCE;
    }
}

/// One character more at the end.
fn edit(alice: &mut Peer, party: PartyId, note: NoteId, revision: u64) {
    let mut change = OperationSeq::default();
    change.retain(revision);
    change.insert("a");
    let change = TextChange(change);
    alice.send(Command::EditNote {
        party,
        note,
        revision,
        change,
    });
}
