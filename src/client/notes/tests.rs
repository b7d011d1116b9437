//! A handle on a note against an engine that the test plays.

#![expect(clippy::disallowed_methods, reason = "a test awaits every task that it spawns")]

use std::sync::Arc;

use operational_transform::OperationSeq;
use tokio::sync::mpsc;

use super::OpenNote;
use crate::client::{Client, ClientError};
use crate::identity::{EndpointId, IdentityId};
use crate::party::{NoteId, PartyId};
use crate::worker::{Command, CursorView, Event, NoteText, ProfileView, RequestId, TextChange, WorkerHandle};

const PARTY: PartyId = PartyId::from_bytes([1; 32]);
const NOTE: NoteId = NoteId::from_bytes([2; 16]);
const BOB: IdentityId = IdentityId::from_bytes([3; 32]);

/// The engine's side of the door.
struct Engine {
    commands: mpsc::Receiver<(RequestId, Command)>,
    events: mpsc::Sender<Event>,
}

impl Engine {
    async fn tell(&self, event: Event) {
        self.events.send(event).await.unwrap();
    }

    async fn asked(&mut self) -> (RequestId, Command) {
        self.commands.recv().await.unwrap()
    }

    async fn edited(&self, request: Option<RequestId>, revision: u64, change: OperationSeq) {
        self.tell(Event::NoteEdited {
            request,
            party: PARTY,
            note: NOTE,
            revision,
            change: TextChange(change),
        })
        .await;
    }

    async fn cursor(&self, revision: u64, at: usize) {
        self.tell(Event::CursorsMoved {
            party: PARTY,
            note: NOTE,
            revision,
            cursors: vec![CursorView { member: BOB, at }],
        })
        .await;
    }

    /// Answers the question for the note's text.
    async fn show(&mut self, revision: u64, text: &str) {
        let (request, command) = self.asked().await;
        assert!(matches!(command, Command::OpenNote { .. }), "{command:?}");
        let text = Arc::new(NoteText {
            party: PARTY,
            note: NOTE,
            revision,
            text: text.to_owned(),
        });
        self.tell(Event::NoteOpened { request, text }).await;
    }
}

/// A note that is open, at revision 7. The client has to stay: the worker ends with it.
async fn opened(text: &str) -> (OpenNote, Client, Engine) {
    let (handle, commands, events) = WorkerHandle::pair(1024);
    let mut engine = Engine { commands, events };
    let profile = ProfileView::Open {
        name: "Alice".into(),
        identity: IdentityId::from_bytes([9; 32]),
        endpoint: EndpointId::from_bytes([9; 32]),
    };
    let request = None;
    engine.tell(Event::ProfileChanged { request, profile }).await;
    let (client, ()) = tokio::join!(Client::attach(handle), async {
        let (request, _catching_up) = engine.asked().await;
        engine.tell(Event::Done { request }).await;
    });
    let client = client.unwrap();
    let (note, ()) = tokio::join!(client.open_note(PARTY, NOTE), engine.show(7, text));
    (note.unwrap(), client, engine)
}

/// Writes at a place of a text that is so long.
fn writing(at: u64, text: &str, length: u64) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.retain(at);
    change.insert(text);
    change.retain(length - at);
    change
}

/// Waits until the client has heard everything: the answer to any question comes last.
async fn heard_all(client: &Client, engine: &mut Engine) {
    let (renamed, ()) = tokio::join!(client.rename_self("Alice"), async {
        let (request, command) = engine.asked().await;
        assert!(matches!(command, Command::RenameSelf { .. }), "{command:?}");
        engine.tell(Event::Done { request }).await;
    });
    renamed.unwrap();
}

#[tokio::test]
async fn a_change_is_carried_past_what_others_wrote_meanwhile() {
    let (mut note, client, mut engine) = opened("milk").await;
    engine.edited(None, 8, writing(0, "oat ", 4)).await;
    heard_all(&client, &mut engine).await;
    assert_eq!(note.text(), "milk", "the text stands still until it is looked at again");
    let (edited, ()) = tokio::join!(note.edit(writing(4, "!", 4)), async {
        let (request, command) = engine.asked().await;
        let Command::EditNote { revision, change, .. } = command else {
            panic!("{command:?}")
        };
        assert_eq!((revision, change), (8, TextChange(writing(8, "!", 8))));
        // One more change of Bob's was on its way meanwhile, and the engine has carried Alice's past it.
        engine.edited(None, 9, writing(0, "cold ", 8)).await;
        engine.edited(Some(request), 10, writing(13, "!", 13)).await;
    });
    edited.unwrap();
    assert_eq!(note.text(), "cold oat milk!");
}

#[tokio::test]
async fn a_handle_that_falls_far_behind_reads_the_note_anew_and_misses_nothing() {
    let (mut note, client, mut engine) = opened("").await;
    for count in 0..400 {
        engine.edited(None, 8 + count, writing(count, "a", count)).await;
    }
    heard_all(&client, &mut engine).await;
    let whole = "a".repeat(400);
    let (changed, ()) = tokio::join!(note.changed(), engine.show(407, &whole));
    assert_eq!(changed.unwrap(), whole);
    engine.edited(None, 408, writing(400, "b", 400)).await;
    assert_eq!(note.changed().await.unwrap(), whole + "b");
}

#[tokio::test]
async fn a_note_is_opened_anew_when_the_engine_has_started_anew() {
    let (mut note, _client, mut engine) = opened("milk").await;
    engine.tell(Event::Restarted).await;
    let (changed, ()) = tokio::join!(note.changed(), engine.show(0, "oat milk"));
    assert_eq!(changed.unwrap(), "oat milk");
}

#[tokio::test]
async fn a_change_of_another_text_is_refused_before_it_is_sent() {
    let (mut note, _client, _engine) = opened("milk").await;
    let refused = note.edit(writing(0, "oat ", 5)).await;
    assert!(matches!(refused, Err(ClientError::ChangeMismatch)), "{refused:?}");
}

#[tokio::test]
async fn the_last_handle_closes_the_note() {
    let (note, client, mut engine) = opened("milk").await;
    let (second, ()) = tokio::join!(client.open_note(PARTY, NOTE), engine.show(7, "milk"));
    drop(note);
    // One is left: the next command is not that the note be closed.
    heard_all(&client, &mut engine).await;
    drop(second.unwrap());
    let (_, command) = engine.asked().await;
    assert!(
        matches!(
            command,
            Command::CloseNote {
                party: PARTY,
                note: NOTE
            }
        ),
        "{command:?}"
    );
}

#[tokio::test]
async fn cursors_of_others_stay_beside_their_characters() {
    let (mut note, _client, mut engine) = opened("milk").await;
    engine.cursor(7, 4).await;
    note.moved().await.unwrap();
    assert_eq!(note.cursors(), [CursorView { member: BOB, at: 4 }]);
    engine.edited(None, 8, writing(0, "oat ", 4)).await;
    assert_eq!(note.changed().await.unwrap(), "oat milk");
    assert_eq!(note.cursors(), [CursorView { member: BOB, at: 8 }]);
    let (shown, ()) = tokio::join!(note.show_cursor(Some(3)), async {
        let (request, command) = engine.asked().await;
        let here = matches!(
            command,
            Command::ShowCursor {
                revision: 8,
                at: Some(3),
                ..
            }
        );
        assert!(here, "{command:?}");
        engine.tell(Event::Done { request }).await;
    });
    shown.unwrap();
}
