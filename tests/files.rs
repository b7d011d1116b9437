//! Files between whole workers on loopback: added, come by themselves or when asked for, stopped, saved, had from whoever has
//! them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::fs;
use std::path::PathBuf;

use partyline::failure::Failure;
use partyline::party::{FileId, PartyId, Role};
use partyline::worker::{Command, ContentView, Event, InvitationOptions, SaveTo, TransferStage, TransferView};

#[path = "blobs/content.rs"]
mod content;
#[expect(dead_code, reason = "other tests use more of it")]
mod peer;

use content::content;
use peer::Peer;

/// More than what comes by itself.
const LARGE: usize = 17 * 1024 * 1024;

/// Lets somebody in.
async fn admit(inviter: &mut Peer, invitee: &mut Peer, party: PartyId) {
    // An admin, who may let others in.
    let options = InvitationOptions {
        role: Role::Admin,
        ..InvitationOptions::default()
    };
    let invitation = inviter.invite_with(party, options).await;
    let redemption = invitee.redeem(&invitation.code.to_text()).await;
    let pin = inviter.pin(invitation.id).await;
    invitee.enter_pin(redemption, &pin).await;
    invitee.joined(redemption).await;
    inviter.admitted(invitation.id).await;
    invitee.sees_online(party, inviter.name).await;
}

async fn pair() -> (Peer, Peer, PartyId) {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    admit(&mut alice, &mut bob, party).await;
    (alice, bob, party)
}

fn on_disk(peer: &Peer, name: &str, bytes: &[u8]) -> PathBuf {
    let path = peer.folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

async fn add(peer: &mut Peer, party: PartyId, name: &str, bytes: &[u8]) -> FileId {
    let path = on_disk(peer, name, bytes);
    let request = peer.send(Command::AddFile {
        party,
        path: path.clone(),
    });
    let file = peer
        .wait("the file", |event| match event {
            Event::FileAdded {
                request: answered,
                file,
            } if *answered == request => Some(*file),
            _ => None,
        })
        .await;
    fs::remove_file(path).unwrap();
    file
}

async fn sees_file(peer: &mut Peer, party: PartyId, file: FileId, content: ContentView) {
    peer.sees(party, "the file", |view| {
        view.files
            .iter()
            .any(|shown| shown.file.id == file && shown.content == content)
    })
    .await;
}

async fn transfer(peer: &mut Peer, file: FileId, what: &str, like: impl Fn(&TransferStage) -> bool) -> TransferView {
    peer.wait(what, |event| match event {
        Event::TransferChanged { transfer } if transfer.file == file && like(&transfer.stage) => Some(transfer.clone()),
        _ => None,
    })
    .await
}

async fn saved(peer: &mut Peer, party: PartyId, file: FileId, to: SaveTo) -> PathBuf {
    let request = peer.send(Command::SaveFile { party, file, to });
    peer.wait("the saved file", |event| match event {
        Event::FileSaved {
            request: answered,
            path,
        } if *answered == request => Some(path.clone()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_small_file_comes_by_itself_and_is_saved_under_its_name() {
    let (mut alice, mut bob, party) = pair().await;
    let bytes = content(1024 * 1024, 1);
    let file = add(&mut alice, party, "Score.pdf", &bytes).await;
    sees_file(&mut alice, party, file, ContentView::Here).await;
    sees_file(&mut bob, party, file, ContentView::Here).await;
    let done = transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
    assert_eq!(
        (done.done, done.total, done.name.as_str()),
        (1024 * 1024, 1024 * 1024, "Score.pdf")
    );

    let folder = bob.folder.path().to_owned();
    for name in ["Score.pdf", "Score (2).pdf"] {
        let path = saved(&mut bob, party, file, SaveTo::Folder(folder.clone())).await;
        assert_eq!(path, folder.join(name));
        assert!(fs::read(path).unwrap() == bytes);
    }
    let opened = saved(&mut bob, party, file, SaveTo::Open).await;
    assert!(opened.starts_with(folder.join("profile")) && opened.ends_with("Score.pdf"));
    let path = folder.join("mine.pdf");
    fs::write(&path, "old").unwrap();
    saved(&mut bob, party, file, SaveTo::Path(path.clone())).await;
    assert!(fs::read(path).unwrap() == bytes);
}

#[tokio::test]
async fn a_large_file_comes_when_it_is_asked_for_and_stays_over_a_restart() {
    let (mut alice, mut bob, party) = pair().await;
    let bytes = content(LARGE, 1);
    let file = add(&mut alice, party, "Concert.mkv", &bytes).await;
    sees_file(&mut bob, party, file, ContentView::Elsewhere).await;
    let to = SaveTo::Folder(bob.folder.path().to_owned());
    let request = bob.send(Command::SaveFile { party, file, to });
    assert_eq!(bob.failure(request).await, Failure::ContentElsewhere);

    bob.send(Command::FetchFile { party, file });
    transfer(&mut bob, file, "the start", |stage| {
        matches!(stage, TransferStage::Coming { .. })
    })
    .await;
    transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
    let mut bob = bob.restart().await;
    sees_file(&mut bob, party, file, ContentView::Here).await;
    let path = saved(&mut bob, party, file, SaveTo::Open).await;
    assert!(fs::read(path).unwrap() == bytes);
}

#[tokio::test]
async fn what_was_asked_for_while_nobody_was_there_comes_with_the_first_who_has_it() {
    let (mut alice, mut bob, party) = pair().await;
    let bytes = content(LARGE, 1);
    let file = add(&mut alice, party, "Concert.mkv", &bytes).await;
    sees_file(&mut bob, party, file, ContentView::Elsewhere).await;
    let alice = alice.stop().await;
    bob.sees(party, "Alice away", |view| {
        view.members
            .iter()
            .all(|member| member.presence != partyline::worker::Presence::Online)
    })
    .await;
    bob.send(Command::FetchFile { party, file });
    transfer(&mut bob, file, "waiting", |stage| *stage == TransferStage::Waiting).await;
    let _alice = alice.start_again().await;
    transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
}

#[tokio::test]
async fn a_member_gets_a_file_from_another_than_its_author() {
    let (mut alice, mut bob, party) = pair().await;
    let bytes = content(1024 * 1024, 5);
    let file = add(&mut alice, party, "Score.pdf", &bytes).await;
    sees_file(&mut bob, party, file, ContentView::Here).await;
    alice.stop().await;
    let mut carol = Peer::start("Carol").await;
    admit(&mut bob, &mut carol, party).await;
    sees_file(&mut carol, party, file, ContentView::Here).await;
    let path = saved(&mut carol, party, file, SaveTo::Open).await;
    assert!(fs::read(path).unwrap() == bytes);
}

#[tokio::test]
async fn what_is_stopped_stays_stopped_until_it_is_asked_for_again() {
    let (mut alice, mut bob, party) = pair().await;
    let file = add(&mut alice, party, "Concert.mkv", &content(LARGE, 1)).await;
    sees_file(&mut bob, party, file, ContentView::Elsewhere).await;
    let alice = alice.stop().await;
    bob.send(Command::FetchFile { party, file });
    transfer(&mut bob, file, "some start", |_| true).await;
    bob.send(Command::CancelTransfer { party, file });
    transfer(&mut bob, file, "the stop", |stage| *stage == TransferStage::Cancelled).await;
    let mut alice = alice.start_again().await;
    bob.sees_online(party, "Alice").await;
    // What comes after it shows that it has not started.
    let other = add(&mut alice, party, "Score.pdf", &content(1000, 2)).await;
    sees_file(&mut bob, party, other, ContentView::Here).await;
    sees_file(&mut bob, party, file, ContentView::Elsewhere).await;
    bob.send(Command::FetchFile { party, file });
    transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
}

#[tokio::test]
async fn adding_can_be_stopped_and_is_answered_all_the_same() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let path = on_disk(&alice, "Concert.mkv", &content(4 * LARGE, 1));
    let request = alice.send(Command::AddFile { party, path });
    let adding = alice
        .wait("the start", |event| match event {
            Event::TransferChanged { transfer } => Some(transfer.clone()),
            _ => None,
        })
        .await;
    assert_eq!(adding.stage, TransferStage::Adding);
    alice.send(Command::CancelTransfer {
        party,
        file: adding.file,
    });
    alice
        .wait("the answer", |event| match event {
            Event::FileNotAdded { request: answered } if *answered == request => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_added_says_why() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let path = alice.folder.path().join("missing");
    let request = alice.send(Command::AddFile { party, path });
    assert_eq!(alice.failure(request).await, Failure::FileUnreadable);
    let path = alice.folder.path().to_owned();
    let request = alice.send(Command::AddFile { party, path });
    assert_eq!(alice.failure(request).await, Failure::FileIsFolder);
    let request = alice.send(Command::AddFile {
        party,
        path: PathBuf::from("/"),
    });
    assert_eq!(alice.failure(request).await, Failure::FileNameInvalid);
    let file = FileId::from_bytes([7; 16]);
    let request = alice.send(Command::FetchFile { party, file });
    assert_eq!(alice.failure(request).await, Failure::ItemUnknown);
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_and_comes_back_from_a_member() {
    let (mut alice, mut bob, party) = pair().await;
    let bytes = content(1024 * 1024, 3);
    let file = add(&mut alice, party, "Score.pdf", &bytes).await;
    sees_file(&mut bob, party, file, ContentView::Here).await;
    transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
    let data = bob.folder.path().join("profile/files/data");
    let stored = fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "data"))
        .unwrap();
    let mut harmed = bytes.clone();
    harmed[500_000] ^= 1;
    fs::write(stored, harmed).unwrap();
    let request = bob.send(Command::SaveFile {
        party,
        file,
        to: SaveTo::Open,
    });
    assert_eq!(bob.failure(request).await, Failure::ContentDamaged);
    sees_file(&mut bob, party, file, ContentView::Elsewhere).await;
    bob.send(Command::FetchFile { party, file });
    transfer(&mut bob, file, "the end", |stage| *stage == TransferStage::Done).await;
    let path = saved(&mut bob, party, file, SaveTo::Open).await;
    assert!(fs::read(path).unwrap() == bytes);
}

#[tokio::test]
async fn a_picture_has_a_small_one_and_another_file_has_none() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(640, 320)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let picture = add(&mut alice, party, "Photo.png", &png.into_inner()).await;
    let text = add(&mut alice, party, "Text.txt", b"no picture").await;
    for (file, expected) in [(picture, Some((320, 160))), (text, None)] {
        let request = alice.send(Command::MakeThumbnail { party, file });
        let size = alice
            .wait("the small picture", |event| match event {
                Event::ThumbnailMade {
                    request: answered,
                    thumbnail,
                } if *answered == request => Some(thumbnail.as_ref().map(|small| (small.width, small.height))),
                _ => None,
            })
            .await;
        assert_eq!(size, expected);
    }
}
