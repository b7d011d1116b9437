//! Notes, files and answers of many kinds, against a worker that the test plays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use operational_transform::OperationSeq;

use super::{BOB, Engine, PARTY, opened, party};
use crate::client::{Client, ClientError, OpenNote};
use crate::failure::Failure;
use crate::party::{ContentHash, File, FileId, Found, ItemId, MessageId, NoteId, TaskId};
use crate::time::Timestamp;
use crate::worker::{
    Command, ContentView, CursorView, Event, FileView, NoteText, PartyView, RequestId, SaveTo, TextChange,
    TransferStage, TransferView,
};

const NOTE: NoteId = NoteId::from_bytes([5; 16]);
const FILE: FileId = FileId::from_bytes([8; 16]);

/// Writes `text` after so many characters of a text of `length`.
fn insert(length: u64, at: u64, text: &str) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.retain(at);
    change.insert(text);
    change.retain(length - at);
    change
}

impl Engine {
    async fn tell_edit(&self, request: Option<RequestId>, revision: u64, change: OperationSeq) {
        let (party, note, change) = (PARTY, NOTE, TextChange(change));
        self.tell(Event::NoteEdited {
            request,
            party,
            note,
            revision,
            change,
        })
        .await;
    }

    /// Answers the next question, which is to open the note.
    async fn opens(&mut self, revision: u64, text: &str) {
        let (request, command) = self.asked().await;
        assert!(matches!(command, Command::OpenNote { note: NOTE, .. }), "{command:?}");
        let text = Arc::new(NoteText {
            party: PARTY,
            note: NOTE,
            revision,
            text: text.to_owned(),
        });
        self.tell(Event::NoteOpened { request, text }).await;
    }

    /// The next question, which is to change the note.
    async fn edit(&mut self) -> (RequestId, u64, OperationSeq) {
        match self.asked().await {
            (request, Command::EditNote { revision, change, .. }) => (request, revision, change.0),
            (_, other) => panic!("{other:?}"),
        }
    }
}

async fn note(text: &str) -> (OpenNote, Client, Engine) {
    let (client, mut engine) = opened().await;
    let (note, ()) = tokio::join!(client.open_note(PARTY, NOTE), engine.opens(0, text));
    (note.unwrap(), client, engine)
}

#[tokio::test]
async fn a_note_follows_each_change() {
    let (mut note, _client, engine) = note("ab").await;
    engine.tell_edit(None, 1, insert(2, 1, "1")).await;
    engine.tell_edit(None, 2, insert(3, 3, "2")).await;
    assert_eq!(note.text(), "ab");
    assert_eq!(note.changed().await.unwrap(), "a1b");
    assert_eq!(note.changed().await.unwrap(), "a1b2");
}

#[tokio::test]
async fn an_edit_comes_back_among_those_of_others() {
    let (mut note, _client, mut engine) = note("ab").await;
    let (edited, ()) = tokio::join!(note.edit(insert(2, 1, "mine")), async {
        let (request, revision, change) = engine.edit().await;
        assert_eq!(revision, 0);
        let theirs = insert(2, 1, "theirs");
        let (_, carried) = theirs.transform(&change).unwrap();
        engine.tell_edit(None, 1, theirs).await;
        engine.tell_edit(Some(request), 2, carried).await;
    });
    edited.unwrap();
    assert_eq!(note.text(), "atheirsmineb");
}

#[tokio::test]
async fn a_change_is_carried_past_what_has_come_but_was_not_looked_at() {
    let (mut note, client, mut engine) = note("ab").await;
    engine.tell_edit(None, 1, insert(2, 0, "1")).await;
    // An answer to something else shows that the pump has passed the change on.
    let (sent, ()) = tokio::join!(client.mark_read(PARTY), async {
        let (request, _) = engine.asked().await;
        engine.done(request).await;
    });
    sent.unwrap();
    assert_eq!(note.text(), "ab");
    let (edited, ()) = tokio::join!(note.edit(insert(2, 2, "!")), async {
        let (request, revision, change) = engine.edit().await;
        assert_eq!((revision, change.apply("1ab").unwrap()), (1, "1ab!".to_owned()));
        engine.tell_edit(Some(request), 2, change).await;
    });
    edited.unwrap();
    assert_eq!(note.text(), "1ab!");
}

#[tokio::test]
async fn replacing_all_changes_only_what_is_different() {
    let (mut note, _client, mut engine) = note("one two three").await;
    note.replace_all("one two three").await.unwrap();
    let (replaced, ()) = tokio::join!(note.replace_all("one 2 three"), async {
        let (request, _, change) = engine.edit().await;
        assert_eq!(change.ops().len(), 4, "kept, written, deleted, kept");
        engine.tell_edit(Some(request), 1, change).await;
    });
    replaced.unwrap();
    assert_eq!(note.text(), "one 2 three");
    let longer = note.edit(insert(99, 0, "!")).await;
    assert!(matches!(longer, Err(ClientError::ChangeMismatch)));
}

#[tokio::test]
async fn who_falls_far_behind_reads_the_note_anew() {
    let (mut note, client, mut engine) = note("").await;
    for revision in 1..=300 {
        engine.tell_edit(None, revision, insert(revision - 1, 0, "x")).await;
    }
    let (sent, ()) = tokio::join!(client.mark_read(PARTY), async {
        let (request, _) = engine.asked().await;
        engine.done(request).await;
    });
    sent.unwrap();
    let all = "x".repeat(300);
    let (changed, ()) = tokio::join!(note.changed(), engine.opens(300, &all));
    assert_eq!(changed.unwrap(), all);
    engine.tell_edit(None, 301, insert(300, 300, "!")).await;
    assert!(note.changed().await.unwrap().ends_with("x!"));
}

#[tokio::test]
async fn after_a_restart_of_the_engine_the_note_is_opened_anew() {
    let (mut note, _client, mut engine) = note("old").await;
    engine.tell(Event::Restarted).await;
    let (changed, ()) = tokio::join!(note.changed(), engine.opens(0, "old and new"));
    assert_eq!(changed.unwrap(), "old and new");
    engine.tell(Event::Stopped).await;
    assert!(matches!(note.changed().await, Err(ClientError::Stopped)));
}

#[tokio::test]
async fn the_last_handle_closes_the_note() {
    let (first, client, mut engine) = note("ab").await;
    let (second, ()) = tokio::join!(client.open_note(PARTY, NOTE), engine.opens(0, "ab"));
    drop(first);
    drop(second.unwrap());
    let (_, command) = engine.asked().await;
    assert!(matches!(command, Command::CloseNote { note: NOTE, .. }), "{command:?}");
    assert!(engine.commands.try_recv().is_err(), "once");
}

/// A file of Home, and whether its content is here.
fn with_file(content: ContentView) -> Arc<PartyView> {
    let file = Arc::new(File {
        id: FILE,
        name: "letter.txt".into(),
        length: 10,
        content: ContentHash([0; 32]),
        author: BOB,
        added: Timestamp::default(),
    });
    let mut view = PartyView::clone(&party("Home"));
    view.files = Arc::new([FileView { file, content }]);
    Arc::new(view)
}

fn transfer(done: u64, stage: TransferStage) -> Event {
    Event::TransferChanged {
        transfer: TransferView {
            party: PARTY,
            file: FILE,
            name: "letter.txt".into(),
            done,
            total: 10,
            stage,
        },
    }
}

#[tokio::test]
async fn a_fetch_ends_with_the_content_and_not_with_the_failure_of_an_earlier_one() {
    let (client, mut engine) = opened().await;
    let mut transfers = client.transfers();
    let there = with_file(ContentView::Elsewhere);
    engine.tell(Event::PartyChanged { party: there }).await;
    engine.tell(transfer(3, TransferStage::Failed(Failure::DiskFull))).await;
    assert_eq!(transfers.next().await.unwrap().done, 3);

    let (fetched, ()) = tokio::join!(client.fetch_file(PARTY, FILE), async {
        let (request, command) = engine.asked().await;
        assert!(matches!(command, Command::FetchFile { file: FILE, .. }));
        engine.done(request).await;
        engine.tell(transfer(7, TransferStage::Waiting)).await;
        assert_eq!(transfers.next().await.unwrap().done, 7);
        engine.tell(transfer(10, TransferStage::Done)).await;
    });
    fetched.unwrap();
}

#[tokio::test]
async fn a_fetch_tells_that_it_was_cancelled_or_has_become_pointless() {
    for (told, ending) in [
        (Event::Restarted, "went wrong"),
        (transfer(0, TransferStage::Cancelled), "cancelled"),
        (Event::PartyChanged { party: party("Home") }, "not there any more"),
    ] {
        let (client, mut engine) = opened().await;
        let there = with_file(ContentView::Elsewhere);
        engine.tell(Event::PartyChanged { party: there }).await;
        let (fetched, ()) = tokio::join!(client.fetch_file(PARTY, FILE), async {
            let (request, _) = engine.asked().await;
            engine.done(request).await;
            engine.tell(told).await;
        });
        assert!(fetched.unwrap_err().to_string().contains(ending));
    }
}

#[tokio::test]
async fn each_question_has_an_answer_of_its_own() {
    let (client, mut engine) = opened().await;
    let item = ItemId::Task(TaskId::from_bytes([7; 16]));
    let message = MessageId::from_bytes([6; 16]);
    let path = PathBuf::from("copy.txt");
    let found = Found {
        item,
        title: "Water".into(),
        excerpt: String::new(),
    };
    let asking = async {
        assert_eq!(client.add_note(PARTY, "Menu").await.unwrap(), NOTE);
        assert_eq!(client.send_message(PARTY, "Hello").await.unwrap(), message);
        assert_eq!(client.reply(PARTY, message, "Yes").await.unwrap(), message);
        assert_eq!(client.add_file(PARTY, Path::new("letter.txt")).await.unwrap(), FILE);
        let saved = client.save_file(PARTY, FILE, SaveTo::Path(path.clone())).await;
        assert_eq!(saved.unwrap(), path);
        assert!(client.history(PARTY, item).await.unwrap().is_empty());
        let seen = client.search(None, "water").await.unwrap();
        assert!(seen == [(PARTY, found.clone())]);
        assert_eq!(client.export_party(PARTY, Path::new("out")).await.unwrap(), 2);
        assert_eq!(client.import_party(Path::new("out")).await.unwrap(), PARTY);
        assert_eq!(client.compact_storage().await.unwrap().after, 1);
    };
    let answering = async {
        for _ in 0..10 {
            let (request, command) = engine.asked().await;
            let answer = match command {
                Command::AddNote { .. } => Event::NoteAdded { request, note: NOTE },
                Command::SendMessage { .. } => Event::MessageSent { request, message },
                Command::AddFile { .. } => Event::FileAdded { request, file: FILE },
                Command::SaveFile { .. } => Event::FileSaved {
                    request,
                    path: path.clone(),
                },
                Command::ReadHistory { .. } => Event::HistoryRead {
                    request,
                    changes: vec![],
                },
                Command::Search { party: None, .. } => Event::SearchDone {
                    request,
                    found: vec![(PARTY, found.clone())],
                },
                Command::ExportParty { .. } => Event::PartyExported {
                    request,
                    missing_files: 2,
                },
                Command::ImportParty { .. } => Event::PartyCreated { request, party: PARTY },
                Command::CompactStorage => Event::StorageCompacted {
                    request,
                    before: 2,
                    after: 1,
                },
                other => panic!("{other:?}"),
            };
            engine.tell(answer).await;
        }
    };
    tokio::join!(asking, answering);
}

#[tokio::test]
async fn no_handle_on_a_note_shows_its_text_in_its_debug_form() {
    let (note, _client, _engine) = note("a secret recipe").await;
    assert!(!format!("{note:?}").contains("recipe"));
}

#[tokio::test]
async fn cursors_of_others_stay_beside_their_characters() {
    let (mut note, _client, mut engine) = note("milk").await;
    let cursors = |at| vec![CursorView { member: BOB, at }];
    let moved = |revision, at| Event::CursorsMoved {
        party: PARTY,
        note: NOTE,
        revision,
        cursors: cursors(at),
    };
    engine.tell(moved(0, 4)).await;
    note.moved().await.unwrap();
    assert_eq!(note.cursors(), cursors(4));
    engine.tell_edit(None, 1, insert(4, 0, "oat ")).await;
    note.moved().await.unwrap();
    assert_eq!((note.text(), note.cursors()), ("oat milk", &cursors(8)[..]));

    let (shown, ()) = tokio::join!(note.show_cursor(Some(3)), async {
        let (request, command) = engine.asked().await;
        let is_here = matches!(
            command,
            Command::ShowCursor {
                note: NOTE,
                revision: 1,
                at: Some(3),
                ..
            }
        );
        assert!(is_here, "{command:?}");
        engine.done(request).await;
    });
    shown.unwrap();
}
