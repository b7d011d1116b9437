//! The contents of files between real endpoints on 127.0.0.1: fetched, cut, gone on with, refused, damaged, and on a disk that
//! is full.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, PortmapperConfig, presets};
use iroh::{Endpoint, RelayMode, SecretKey};
use iroh_blobs::protocol::{ChunkRanges, GetManyRequest, GetRequest, ObserveRequest};
use n0_future::StreamExt as _;
use partyline::blobs::{ALPN, Access, BlobError, Blobs, Existing, Holding, Progress};
use partyline::identity::{EndpointId, EndpointKey};
use partyline::net::{CloseReason, FILES_ALPN, FileServer, Net, NetConfig, NetworkMode};
use partyline::party::ContentHash;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

#[path = "blobs/content.rs"]
mod content;
#[path = "blobs/disk.rs"]
mod disk;
#[path = "blobs/hostile.rs"]
mod hostile;

use content::content;
use disk::Disk;

const MIB: usize = 1024 * 1024;

/// Long enough for a busy machine, short enough to fail a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// One device with its contents.
struct Peer {
    net: Net,
    blobs: Blobs,
    access: watch::Sender<Access>,
    folder: TempDir,
}

impl Peer {
    async fn start(number: u8) -> Self {
        Self::start_in(number, TempDir::new().unwrap()).await
    }

    async fn start_in(number: u8, folder: TempDir) -> Self {
        let blobs = Blobs::open(&folder.path().join("files")).await.unwrap();
        let (access, watched) = watch::channel(Access::default());
        let server: FileServer = {
            let blobs = blobs.clone();
            Arc::new(move |connection| {
                let (blobs, watched) = (blobs.clone(), watched.clone());
                Box::pin(async move { blobs.serve(connection, watched).await })
            })
        };
        let (events, _) = mpsc::channel(1);
        let config = NetConfig::new(NetworkMode::Loopback);
        let net = Net::start(config, &EndpointKey::from_seed(&[number; 32]), events, Some(server))
            .await
            .unwrap();
        Self {
            net,
            blobs,
            access,
            folder,
        }
    }

    /// Lets others have these contents.
    fn shares(&self, with: &[&Self], contents: &[ContentHash]) {
        let contents = Arc::new(contents.iter().copied().collect::<BTreeSet<_>>());
        self.access.send_modify(|access| {
            for peer in with {
                access.allow(peer.net.endpoint(), &contents);
            }
        });
    }

    async fn add(&self, bytes: &[u8]) -> ContentHash {
        let path = self.folder.path().join("original");
        fs::write(&path, bytes).unwrap();
        let (hash, length) = self.blobs.add(&path, &nobody()).await.unwrap();
        assert_eq!(length, bytes.len() as u64);
        fs::remove_file(path).unwrap();
        hash
    }

    async fn connect(&self, to: EndpointId, port: u16) -> Connection {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        self.net.file_dialer().connect(to, &[address], None).await.unwrap()
    }

    async fn connect_to(&self, other: &Self) -> Connection {
        self.connect(other.net.endpoint(), other.net.port()).await
    }

    async fn fetch(&self, from: &Self, hash: ContentHash, length: usize) -> Result<(), BlobError> {
        let connection = self.connect_to(from).await;
        timeout(PATIENCE, self.blobs.fetch(&connection, hash, length as u64, &nobody()))
            .await
            .unwrap()
    }

    /// What a content is when it is saved.
    async fn saved(&self, hash: ContentHash) -> Vec<u8> {
        let path = self.folder.path().join("saved");
        self.blobs.save(hash, &path, Existing::Keep, &nobody()).await.unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        bytes
    }

    fn data_file(&self, hash: ContentHash) -> PathBuf {
        self.folder.path().join(format!(
            "files/data/{}.data",
            iroh_blobs::Hash::from_bytes(hash.0).to_hex()
        ))
    }
}

/// Progress that nobody looks at.
fn nobody() -> watch::Sender<Progress> {
    watch::channel(Progress::default()).0
}

#[test]
fn the_network_and_the_store_mean_the_same_protocol() {
    assert_eq!(FILES_ALPN, ALPN);
}

#[tokio::test]
async fn files_of_every_size_are_fetched_and_verified() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    for length in [0, 1, 16 * 1024, 16 * 1024 + 1, 8 * MIB] {
        let bytes = content(length, 7);
        let hash = alice.add(&bytes).await;
        alice.shares(&[&bob], &[hash]);
        bob.fetch(&alice, hash, length).await.unwrap();
        assert_eq!(bob.blobs.has(hash).await.unwrap(), Holding::Whole(length as u64));
        assert!(bob.saved(hash).await == bytes, "{length} bytes");
    }
}

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let (first, second) = (content(MIB, 1), content(MIB, 2));
    let hashes = [alice.add(&first).await, alice.add(&second).await];
    alice.shares(&[&bob], &hashes);
    let connection = bob.connect_to(&alice).await;
    for hash in hashes {
        bob.blobs.fetch(&connection, hash, MIB as u64, &nobody()).await.unwrap();
    }
    assert!(bob.saved(hashes[1]).await == second);
}

/// Fetches until half is there, and then gives up.
async fn fetch_half(bob: &Peer, alice: &Peer, hash: ContentHash, length: usize) -> u64 {
    let connection = bob.connect_to(alice).await;
    let (progress, mut seen) = watch::channel(Progress::default());
    tokio::select! {
        biased;
        _half = seen.wait_for(|progress| progress.done >= length as u64 / 2) => {}
        fetched = bob.blobs.fetch(&connection, hash, length as u64, &progress) => panic!("{fetched:?} before the half was seen"),
    }
    drop(connection);
    match bob.blobs.has(hash).await.unwrap() {
        Holding::Part(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_fetch_that_was_cut_goes_on_from_there_also_after_a_restart() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let bytes = content(8 * MIB, 3);
    let hash = alice.add(&bytes).await;
    alice.shares(&[&bob], &[hash]);
    let before = fetch_half(&bob, &alice, hash, bytes.len()).await;
    assert!(before > 2 * MIB as u64, "{before}");

    bob.blobs.shut_down().await;
    bob.net.shutdown().await;
    let bob = Peer::start_in(2, bob.folder).await;
    assert!(matches!(bob.blobs.has(hash).await.unwrap(), Holding::Part(bytes) if bytes >= before));
    let connection = bob.connect_to(&alice).await;
    let (progress, mut seen) = watch::channel(Progress::default());
    let (fetched, first) = tokio::join!(
        bob.blobs.fetch(&connection, hash, bytes.len() as u64, &progress),
        async {
            seen.changed().await.unwrap();
            *seen.borrow()
        }
    );
    fetched.unwrap();
    assert!(first.done >= before, "{first:?}");
    assert!(bob.saved(hash).await == bytes);
}

#[tokio::test]
async fn a_stranger_and_a_member_of_another_party_are_refused() {
    let (alice, bob, mallory) = (Peer::start(1).await, Peer::start(2).await, Peer::start(3).await);
    let (ours, theirs) = (alice.add(&content(MIB, 1)).await, alice.add(&content(MIB, 2)).await);
    alice.shares(&[&bob], &[theirs]);
    let refused = mallory.fetch(&alice, ours, MIB).await;
    assert!(matches!(refused, Err(BlobError::Refused)), "{refused:?}");
    let refused = bob.fetch(&alice, ours, MIB).await;
    assert!(matches!(refused, Err(BlobError::Refused)), "{refused:?}");
    bob.fetch(&alice, theirs, MIB).await.unwrap();
}

#[tokio::test]
async fn who_is_removed_in_the_middle_is_cut_off() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let length = 64 * MIB;
    let hash = alice.add(&content(length, 1)).await;
    alice.shares(&[&bob], &[hash]);
    let connection = bob.connect_to(&alice).await;
    let (progress, mut seen) = watch::channel(Progress::default());
    let (fetched, _) = tokio::join!(bob.blobs.fetch(&connection, hash, length as u64, &progress), async {
        seen.wait_for(|progress| progress.done >= MIB as u64).await.unwrap();
        alice.access.send_replace(Access::default());
    });
    assert!(matches!(fetched, Err(BlobError::Refused)), "{fetched:?}");
    assert!(matches!(bob.blobs.has(hash).await.unwrap(), Holding::Part(_)));
}

#[tokio::test]
async fn only_single_files_are_served() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let hash = alice.add(&content(MIB, 1)).await;
    alice.shares(&[&bob], &[hash]);
    let raw = iroh_blobs::Hash::from_bytes(hash.0);
    let store = iroh_blobs::store::mem::MemStore::new();
    let pushed = store.add_slice(b"something of bob's").await.unwrap().hash;

    let collection = bob.connect_to(&alice).await;
    store
        .remote()
        .execute_get(collection.clone(), GetRequest::all(raw))
        .await
        .unwrap_err();
    hostile::is_refused(&collection).await;

    let many = bob.connect_to(&alice).await;
    let request = GetManyRequest::builder().hash(raw, ChunkRanges::all()).build();
    store
        .remote()
        .execute_get_many(many.clone(), request)
        .await
        .unwrap_err();
    hostile::is_refused(&many).await;

    let observer = bob.connect_to(&alice).await;
    let mut seen = Box::pin(store.remote().observe(observer.clone(), ObserveRequest::new(raw)));
    assert!(!matches!(seen.next().await, Some(Ok(_))));
    hostile::is_refused(&observer).await;

    let pushing = bob.connect_to(&alice).await;
    let request = iroh_blobs::protocol::PushRequest::new(pushed, GetRequest::blob(pushed).ranges);
    // Whether the bytes got away before the door closed is no matter.
    drop(store.remote().execute_push(pushing.clone(), request).await);
    hostile::is_refused(&pushing).await;
    let pushed = ContentHash(*pushed.as_bytes());
    assert_eq!(alice.blobs.has(pushed).await.unwrap(), Holding::Nothing);
}

#[tokio::test]
async fn a_provider_that_sends_something_else_is_found_out_and_the_next_one_does() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let bytes = content(MIB, 1);
    let hash = alice.add(&bytes).await;
    alice.shares(&[&bob], &[hash]);
    let mallory = hostile::Liar::start(bytes.len() as u64).await;
    let connection = bob.connect(mallory.id(), mallory.port()).await;
    let fetched = bob.blobs.fetch(&connection, hash, bytes.len() as u64, &nobody()).await;
    assert!(matches!(fetched, Err(BlobError::WrongContent)), "{fetched:?}");
    bob.fetch(&alice, hash, bytes.len()).await.unwrap();
    assert!(bob.saved(hash).await == bytes);
}

#[tokio::test]
async fn a_file_that_is_longer_or_shorter_than_its_author_said_is_not_taken() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let hash = alice.add(&content(MIB, 1)).await;
    alice.shares(&[&bob], &[hash]);
    for length in [MIB - 1, MIB + 1] {
        let fetched = bob.fetch(&alice, hash, length).await;
        assert!(matches!(fetched, Err(BlobError::WrongLength)), "{fetched:?}");
    }
    assert_eq!(bob.blobs.has(hash).await.unwrap(), Holding::Nothing);
    // Also if it is here already, from another party.
    bob.fetch(&alice, hash, MIB).await.unwrap();
    let fetched = bob.fetch(&alice, hash, MIB - 1).await;
    assert!(matches!(fetched, Err(BlobError::WrongLength)), "{fetched:?}");
}

#[tokio::test]
async fn who_does_not_have_it_says_so() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let hash = ContentHash([7; 32]);
    alice.shares(&[&bob], &[hash]);
    let fetched = bob.fetch(&alice, hash, MIB).await;
    assert!(matches!(fetched, Err(BlobError::NotHeld)), "{fetched:?}");
}

#[tokio::test]
async fn who_has_only_half_a_file_says_so_and_the_rest_comes_from_another() {
    let (alice, bob, carol) = (Peer::start(1).await, Peer::start(2).await, Peer::start(3).await);
    let bytes = content(8 * MIB, 3);
    let hash = alice.add(&bytes).await;
    alice.shares(&[&bob, &carol], &[hash]);
    bob.shares(&[&carol], &[hash]);
    fetch_half(&bob, &alice, hash, bytes.len()).await;
    let fetched = carol.fetch(&bob, hash, bytes.len()).await;
    assert!(matches!(fetched, Err(BlobError::NotHeld)), "{fetched:?}");
    carol.fetch(&alice, hash, bytes.len()).await.unwrap();
    assert!(carol.saved(hash).await == bytes);
}

#[tokio::test]
async fn a_file_that_was_cut_short_or_changed_on_the_disk_is_never_handed_out_and_can_be_had_again() {
    let (alice, bob, carol) = (Peer::start(1).await, Peer::start(2).await, Peer::start(3).await);
    let bytes = content(MIB, 1);
    let hash = alice.add(&bytes).await;
    alice.shares(&[&bob], &[hash]);
    bob.fetch(&alice, hash, MIB).await.unwrap();
    bob.shares(&[&alice, &carol], &[hash]);
    let harms: [fn(&Path); 2] = [
        |path| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(1000).unwrap();
        },
        |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[500_000] ^= 1;
            fs::write(path, bytes).unwrap();
        },
    ];
    for harm in harms {
        harm(&alice.data_file(hash));
        let to = alice.folder.path().join("saved");
        let saved = alice.blobs.save(hash, &to, Existing::Keep, &nobody()).await;
        assert!(matches!(saved, Err(BlobError::Damaged)), "{saved:?}");
        assert_eq!(
            fs::read_dir(alice.folder.path()).unwrap().count(),
            1,
            "nothing is left of it"
        );
        alice.shares(&[&carol], &[hash]);
        let fetched = carol.fetch(&alice, hash, MIB).await;
        assert!(matches!(fetched, Err(BlobError::NotHeld)), "{fetched:?}");

        alice.blobs.forget(hash).await.unwrap();
        alice.fetch(&bob, hash, MIB).await.unwrap();
        assert!(alice.saved(hash).await == bytes);
        carol.blobs.forget(hash).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_forgotten_gives_its_space_back_and_nothing_else_goes() {
    let (alice, bob) = (Peer::start(1).await, Peer::start(2).await);
    let (kept, forgotten) = (
        alice.add(&content(2 * MIB, 1)).await,
        alice.add(&content(8 * MIB, 2)).await,
    );
    alice.shares(&[&bob], &[kept, forgotten]);
    let before = alice.blobs.size_on_disk().await.unwrap();
    assert!(before >= 10 * MIB as u64);
    alice.blobs.forget(forgotten).await.unwrap();
    assert_eq!(alice.blobs.has(forgotten).await.unwrap(), Holding::Nothing);
    assert_eq!(alice.blobs.has(kept).await.unwrap(), Holding::Whole(2 * MIB as u64));
    let after = alice.blobs.size_on_disk().await.unwrap();
    assert!(after + 8 * MIB as u64 <= before, "{before} -> {after}");
    // Everything but what is needed.
    let (unneeded, needed) = (alice.add(&content(MIB, 3)).await, BTreeSet::from([kept]));
    alice.blobs.forget_all_but(&needed).await.unwrap();
    assert_eq!(alice.blobs.has(unneeded).await.unwrap(), Holding::Nothing);
    assert_eq!(alice.blobs.whole().await.unwrap(), needed);
    // Half a file, too.
    let hash = alice.add(&content(8 * MIB, 2)).await;
    fetch_half(&bob, &alice, hash, 8 * MIB).await;
    bob.blobs.forget(hash).await.unwrap();
    assert_eq!(bob.blobs.has(hash).await.unwrap(), Holding::Nothing);
    assert!(bob.blobs.size_on_disk().await.unwrap() < 3 * MIB as u64);
    // What is not here is forgotten already.
    bob.blobs.forget(hash).await.unwrap();
}

#[tokio::test]
async fn saving_replaces_a_file_only_if_it_is_told_to() {
    let alice = Peer::start(1).await;
    let bytes = content(MIB, 1);
    let hash = alice.add(&bytes).await;
    let to = alice.folder.path().join("letter.txt");
    fs::write(&to, "dear").unwrap();
    let saved = alice.blobs.save(hash, &to, Existing::Keep, &nobody()).await;
    assert!(matches!(saved, Err(BlobError::Exists)), "{saved:?}");
    assert_eq!(fs::read(&to).unwrap(), b"dear");
    alice.blobs.save(hash, &to, Existing::Replace, &nobody()).await.unwrap();
    assert!(fs::read(&to).unwrap() == bytes);
    let nowhere = alice.folder.path().join("no such folder/letter.txt");
    let saved = alice.blobs.save(hash, &nowhere, Existing::Keep, &nobody()).await;
    assert!(matches!(saved, Err(BlobError::Unwritable(_))), "{saved:?}");
    let missing = ContentHash([7; 32]);
    let saved = alice.blobs.save(missing, &to, Existing::Replace, &nobody()).await;
    assert!(matches!(saved, Err(BlobError::NotHere)), "{saved:?}");
    assert_eq!(
        fs::read_dir(alice.folder.path()).unwrap().count(),
        2,
        "no drafts are left"
    );
}

#[tokio::test]
async fn what_is_no_file_is_not_added() {
    let alice = Peer::start(1).await;
    for path in [alice.folder.path().to_owned(), alice.folder.path().join("missing")] {
        let added = alice.blobs.add(&path, &nobody()).await;
        assert!(matches!(added, Err(BlobError::Unreadable(_))), "{added:?}");
    }
}

#[tokio::test]
async fn adding_tells_how_far_it_is() {
    let alice = Peer::start(1).await;
    let path = alice.folder.path().join("original");
    fs::write(&path, content(8 * MIB, 1)).unwrap();
    let (progress, seen) = watch::channel(Progress::default());
    alice.blobs.add(&path, &progress).await.unwrap();
    let total = 8 * MIB as u64;
    assert_eq!(*seen.borrow(), Progress { done: total, total });
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_private_and_anything_wider_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let alice = Peer::start(1).await;
    let files = alice.folder.path().join("files");
    assert_eq!(fs::metadata(&files).unwrap().permissions().mode() & 0o777, 0o700);
    alice.blobs.shut_down().await;
    fs::set_permissions(&files, fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(Blobs::open(&files).await, Err(BlobError::Exposed(_))));
}

#[tokio::test]
async fn a_device_that_serves_no_files_speaks_no_such_protocol() {
    let (events, _) = mpsc::channel(1);
    let config = NetConfig::new(NetworkMode::Loopback);
    let alice = Net::start(config, &EndpointKey::from_seed(&[9; 32]), events, None)
        .await
        .unwrap();
    let bob = Peer::start(2).await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, alice.port()));
    let connected = bob.net.file_dialer().connect(alice.endpoint(), &[address], None).await;
    assert_eq!(connected.unwrap_err(), CloseReason::NoCommonProtocol);
}

#[tokio::test]
async fn a_picture_is_made_small_and_other_files_are_none() {
    let alice = Peer::start(1).await;
    let mut png = io::Cursor::new(Vec::new());
    image::RgbImage::new(640, 320)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let picture = alice.add(&png.into_inner()).await;
    let small = alice.blobs.thumbnail(picture).await.unwrap().unwrap();
    assert_eq!((small.width, small.height), (320, 160));
    let text = alice.add(&content(MIB, 1)).await;
    assert_eq!(alice.blobs.thumbnail(text).await.unwrap(), None);
    let missing = ContentHash([7; 32]);
    assert_eq!(alice.blobs.thumbnail(missing).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_no_matter_once_there_is_room() {
    let Some(disk) = Disk::mount("size=24m") else { return };
    let alice = Peer::start(1).await;
    let bob = Peer::start_in(2, disk.folder()).await;
    let (small, large) = (content(MIB, 1), content(16 * MIB, 2));
    let (first, second) = (alice.add(&small).await, alice.add(&large).await);
    alice.shares(&[&bob], &[first, second]);
    bob.fetch(&alice, first, small.len()).await.unwrap();

    disk.fill(1024);
    let fetched = bob.fetch(&alice, second, large.len()).await;
    assert!(matches!(fetched, Err(BlobError::Full)), "{fetched:?}");
    let original = alice.folder.path().join("original");
    fs::write(&original, &large).unwrap();
    let added = bob.blobs.add(&original, &nobody()).await;
    assert!(matches!(added, Err(BlobError::Full)), "{added:?}");
    disk.fill(0);
    let added = bob.blobs.add(&original, &nobody()).await;
    assert!(matches!(added, Err(BlobError::Full)), "{added:?}");

    disk.make_room();
    assert_eq!(bob.blobs.has(first).await.unwrap(), Holding::Whole(small.len() as u64));
    bob.fetch(&alice, second, large.len()).await.unwrap();
    for (hash, bytes) in [(first, small), (second, large)] {
        let to = alice.folder.path().join("saved");
        bob.blobs.save(hash, &to, Existing::Replace, &nobody()).await.unwrap();
        assert!(fs::read(to).unwrap() == bytes);
    }
}
