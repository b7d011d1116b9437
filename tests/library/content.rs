//! What people share once they are in, through the library alone.

use std::fs;

use partyline::client::{
    Client, ClientError, ContentView, InvitationOptions, OpenNote, OperationSeq, SaveTo, TransferStage,
};
use partyline::failure::Failure;
use partyline::party::{ItemId, PartyId, Role, What};
use partyline::time::Day;

use crate::{Pair, in_time, pair, until};

async fn paired() -> Pair {
    let pair = pair().await;
    pair.admit_bob().await;
    pair
}

/// Writes at the beginning of a note.
fn before(note: &OpenNote, text: &str) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.insert(text);
    change.retain(note.text().chars().count() as u64);
    change
}

/// Writes at the end of a note.
fn after(note: &OpenNote, text: &str) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.retain(note.text().chars().count() as u64);
    change.insert(text);
    change
}

async fn until_text(note: &mut OpenNote, fits: impl Fn(&str) -> bool) {
    while !fits(note.text()) {
        note.changed().await.unwrap();
    }
}

async fn messages_of(client: &Client, party: PartyId, count: usize) -> Vec<String> {
    until(client, party, |view| view.messages.len() == count).await;
    let view = client.party(party).unwrap();
    view.messages.iter().map(|message| message.text.clone()).collect()
}

#[tokio::test]
async fn two_people_write_in_one_note_at_once_and_end_with_one_text() {
    in_time(async {
        let pair = paired().await;
        let note = pair.alice.add_note(pair.party, "Menu").await.unwrap();
        until(&pair.bob, pair.party, |view| view.notes.len() == 1).await;
        let mut alices = pair.alice.open_note(pair.party, note).await.unwrap();
        let mut bobs = pair.bob.open_note(pair.party, note).await.unwrap();
        alices.replace_all("soup\n").await.unwrap();
        until_text(&mut bobs, |text| text == "soup\n").await;

        for round in 0..10 {
            let (first, last) = (
                before(&alices, &format!("a{round} ")),
                after(&bobs, &format!("b{round} ")),
            );
            let (alice, bob) = tokio::join!(alices.edit(first), bobs.edit(last));
            alice.unwrap();
            bob.unwrap();
        }
        let everything =
            |text: &str| (0..10).all(|n| text.contains(&format!("a{n} ")) && text.contains(&format!("b{n} ")));
        until_text(&mut alices, everything).await;
        until_text(&mut bobs, everything).await;
        assert_eq!(alices.text(), bobs.text());
        assert!(alices.text().contains("a0 soup\nb0 "), "{}", alices.text());

        // Two handles on one note in one program see the same; the last one closes it.
        let again = pair.alice.open_note(pair.party, note).await.unwrap();
        assert_eq!(again.text(), alices.text());
        drop(again);
        bobs.replace_all("").await.unwrap();
        until_text(&mut alices, str::is_empty).await;
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn messages_and_their_answers_travel_and_are_unread_until_they_are_read() {
    in_time(async {
        let pair = paired().await;
        let hello = pair.alice.send_message(pair.party, "Hello").await.unwrap();
        assert_eq!(messages_of(&pair.bob, pair.party, 1).await, ["Hello"]);
        until(&pair.bob, pair.party, |view| view.unread.messages == 1).await;
        pair.bob.mark_read(pair.party).await.unwrap();
        until(&pair.bob, pair.party, |view| view.unread.messages == 0).await;

        pair.bob.reply(pair.party, hello, "Hello yourself").await.unwrap();
        assert_eq!(
            messages_of(&pair.alice, pair.party, 2).await,
            ["Hello", "Hello yourself"]
        );
        let view = pair.alice.party(pair.party).unwrap();
        assert_eq!(view.messages[1].reply_to, Some(hello));
        let empty = pair.bob.send_message(pair.party, " ").await;
        assert!(matches!(empty, Err(ClientError::Failed(Failure::MessageInvalid))));
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_travels_with_its_progress() {
    in_time(async {
        let pair = paired().await;
        let original = pair.folder.path().join("letter.txt");
        let content = vec![7; 3 << 20];
        fs::write(&original, &content).unwrap();
        let file = pair.alice.add_file(pair.party, &original).await.unwrap();
        until(&pair.bob, pair.party, |view| view.files.len() == 1).await;

        let early = pair
            .bob
            .save_file(pair.party, file, SaveTo::Folder(pair.folder.path().into()))
            .await;
        assert!(
            matches!(early, Err(ClientError::Failed(Failure::ContentElsewhere))),
            "{early:?}"
        );
        let mut transfers = pair.bob.transfers();
        pair.bob.fetch_file(pair.party, file).await.unwrap();
        let last = loop {
            let transfer = transfers.next().await.unwrap();
            assert!(transfer.done <= transfer.total && transfer.file == file);
            if transfer.stage == TransferStage::Done {
                break transfer;
            }
        };
        assert_eq!(last.done, content.len() as u64);
        until(&pair.bob, pair.party, |view| view.files[0].content == ContentView::Here).await;

        let copy = pair.folder.path().join("copies");
        fs::create_dir(&copy).unwrap();
        let saved = pair
            .bob
            .save_file(pair.party, file, SaveTo::Folder(copy.clone()))
            .await
            .unwrap();
        assert_eq!(saved, copy.join("letter.txt"));
        assert_eq!(fs::read(saved).unwrap(), content);
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_deleted_comes_back_and_its_history_tells_all_of_it() {
    in_time(async {
        let pair = paired().await;
        let (alice, party) = (&pair.alice, pair.party);
        let task = alice.add_task(party, "Bring lemonade").await.unwrap();
        alice.assign_task(party, task, pair.bob.identity()).await.unwrap();
        alice.set_task_due(party, task, Some(Day(20_811))).await.unwrap();
        let other = alice.add_task(party, "Sweep the terrace").await.unwrap();
        alice.move_task(party, task, Some(other)).await.unwrap();
        until(&pair.bob, party, |view| {
            view.tasks.len() == 2 && view.tasks[1].id == task
        })
        .await;
        let seen = pair.bob.party(party).unwrap();
        assert_eq!(
            (seen.tasks[1].assignee, seen.tasks[1].due),
            (pair.bob.identity(), Some(Day(20_811)))
        );

        pair.bob.delete_task(party, task).await.unwrap();
        until(alice, party, |view| {
            view.deleted.iter().any(|deleted| deleted.item == ItemId::Task(task))
        })
        .await;
        alice.restore_task(party, task).await.unwrap();
        until(&pair.bob, party, |view| {
            view.tasks.len() == 2 && view.deleted.is_empty()
        })
        .await;
        let history = pair.bob.history(party, ItemId::Task(task)).await.unwrap();
        let deleted = history.iter().find(|change| change.what == What::Deleted).unwrap();
        assert_eq!(Some(deleted.by), pair.bob.identity());
        assert!(history.iter().any(|change| change.what == What::Restored));

        let found = pair.bob.search(Some(party), "LEMONADE bring").await.unwrap();
        assert!(found.iter().any(|(_, found)| found.item == ItemId::Task(task)));
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_reader_writes_nothing_by_any_call() {
    in_time(async {
        let pair = pair().await;
        let note = pair.alice.add_note(pair.party, "Menu").await.unwrap();
        let options = InvitationOptions {
            role: Role::Reader,
            ..InvitationOptions::default()
        };
        let invitation = pair.alice.invite(pair.party, options).await.unwrap();
        let mut redemption = pair
            .bob
            .redeem_with(invitation.code(), invitation.secret().provider())
            .await
            .unwrap();
        redemption.done().await.unwrap();
        until(&pair.bob, pair.party, |view| view.notes.len() == 1).await;

        let refused = |error| matches!(error, ClientError::Failed(Failure::NotAllowed));
        let (bob, party) = (&pair.bob, pair.party);
        assert!(refused(bob.add_task(party, "Water").await.unwrap_err()));
        assert!(refused(bob.add_note(party, "Notes").await.unwrap_err()));
        assert!(refused(bob.send_message(party, "Hello").await.unwrap_err()));
        assert!(refused(bob.retitle_note(party, note, "Mine").await.unwrap_err()));
        assert!(refused(bob.delete_item(party, ItemId::Note(note)).await.unwrap_err()));
        let mut open = bob.open_note(party, note).await.unwrap();
        assert!(refused(open.replace_all("mine").await.unwrap_err()));
        assert_eq!(open.text(), "");

        pair.alice
            .change_role(party, bob.identity().unwrap(), Role::Editor)
            .await
            .unwrap();
        until(bob, party, |view| view.role == Some(Role::Editor)).await;
        open.replace_all("ours").await.unwrap();
        assert_eq!(open.text(), "ours");
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn many_handles_of_one_program_on_one_note_end_with_one_text() {
    in_time(async {
        let pair = pair().await;
        let (alice, party) = (&pair.alice, pair.party);
        let note = alice.add_note(party, "Menu").await.unwrap();
        let write = async |writer: u32| {
            for round in 0..8 {
                // Each round on a handle of its own, opened while others write.
                let mut open = alice.open_note(party, note).await.unwrap();
                let word = format!("[{writer}.{round} ❀]");
                let change = if writer.is_multiple_of(2) {
                    before(&open, &word)
                } else {
                    after(&open, &word)
                };
                open.edit(change).await.unwrap();
                assert!(open.text().contains(&word), "{}", open.text());
            }
        };
        tokio::join!(write(0), write(1), write(2), write(3));
        let all = alice.open_note(party, note).await.unwrap();
        for writer in 0..4 {
            for round in 0..8 {
                let word = format!("[{writer}.{round} ❀]");
                assert_eq!(all.text().matches(&word).count(), 1, "{word} in {}", all.text());
            }
        }
        pair.close().await;
    })
    .await;
}
