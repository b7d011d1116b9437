//! Both sides of our own transfer, each in a process of its own.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use partyline::blobs::{Access, Blobs, Existing, Holding, Progress};
use partyline::identity::{EndpointId, EndpointKey};
use partyline::net::{FileServer, Net, NetConfig, NetworkMode};
use partyline::party::ContentHash;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

use super::process::Process;
use super::{Transfer, now, say};

/// Says to a child which side it is.
const SIDE: &str = "PARTYLINE_BENCH_SIDE";

const SENDER: [u8; 32] = [1; 32];
const RECEIVER: [u8; 32] = [2; 32];

/// One transfer with new folders.
pub(crate) fn transfer(folder: &Path, file: &Path) -> Transfer {
    let sending = TempDir::new_in(folder).unwrap();
    let receiving = TempDir::new_in(folder).unwrap();
    let (sender, place, add) = send(sending.path(), file);

    let start = now();
    let mut receiver = receive(receiving.path(), &place, "whole");
    receiver.line_with("fetched");
    let fetch = start.elapsed();
    receiver.line_with("saved");
    let save = start.elapsed() - fetch;
    let receiver = receiver.finish();
    same(&receiving.path().join("saved"), file);
    Transfer {
        add,
        fetch,
        save,
        sender: sender.peak_memory().unwrap_or_default(),
        receiver,
    }
}

/// Kills a receiver when half is there; how much had arrived, and how much the next one finds.
pub(crate) fn killed_and_resumed(folder: &Path, file: &Path) -> (u64, u64) {
    let sending = TempDir::new_in(folder).unwrap();
    let receiving = TempDir::new_in(folder).unwrap();
    let (_sender, place, _) = send(sending.path(), file);
    let mut killed = receive(receiving.path(), &place, "half");
    let before = number(&killed.line_with("half"));
    drop(killed);
    let mut receiver = receive(receiving.path(), &place, "whole");
    let kept = number(&receiver.line_with("found"));
    receiver.line_with("saved");
    receiver.finish();
    same(&receiving.path().join("saved"), file);
    assert!(kept > 0, "it started over");
    (before, kept)
}

fn send(folder: &Path, file: &Path) -> (Process, String, std::time::Duration) {
    let start = now();
    let mut sender = Process::start(child_of("send").arg(folder).arg(file)).unwrap();
    let place = sender.line_with("at");
    (sender, place, start.elapsed())
}

fn receive(folder: &Path, place: &str, how: &str) -> Process {
    Process::start(child_of("receive").arg(folder).arg(how).args(place.split(' ').skip(1))).unwrap()
}

fn child_of(side: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(SIDE, side);
    command
}

fn number(line: &str) -> u64 {
    line.split(' ').next_back().unwrap().parse().unwrap()
}

fn same(copy: &Path, file: &Path) {
    let same = Command::new("cmp").arg(copy).arg(file).status().unwrap();
    assert!(same.success(), "the file is not the same");
    std::fs::remove_file(copy).unwrap();
}

/// Whether this process is one side of a transfer.
pub(crate) fn is_child() -> bool {
    std::env::var_os(SIDE).is_some()
}

/// One side, until it is done or killed.
pub(crate) fn child() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    match (std::env::var(SIDE).unwrap().as_str(), arguments.as_slice()) {
        ("send", [folder, file]) => runtime.block_on(sender(Path::new(folder), Path::new(file))),
        ("receive", [folder, how, port, hash, length]) => {
            let (hash, length) = (parsed(hash), length.parse().unwrap());
            runtime.block_on(receiver(Path::new(folder), how, port.parse().unwrap(), hash, length));
        }
        other => panic!("{other:?}"),
    }
}

/// Adds the file, says `at <port> <hash> <length>`, and serves.
async fn sender(folder: &Path, file: &Path) {
    let blobs = Blobs::open(&folder.join("files")).await.unwrap();
    let (hash, length) = blobs.add(file, &watch::channel(Progress::default()).0).await.unwrap();
    let mut access = Access::default();
    let receiver = EndpointKey::from_seed(&RECEIVER).id();
    access.allow(receiver, &Arc::new(BTreeSet::from([hash])));
    let (_keep, access) = watch::channel(access);
    let server: FileServer = Arc::new(move |connection| {
        let (blobs, access) = (blobs.clone(), access.clone());
        Box::pin(async move { blobs.serve(connection, access).await })
    });
    let (events, _) = mpsc::channel(1);
    let config = NetConfig::new(NetworkMode::Loopback);
    let net = Net::start(config, &EndpointKey::from_seed(&SENDER), events, Some(server))
        .await
        .unwrap();
    let hash: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    say(&format!("at {} {hash} {length}", net.port()));
    std::future::pending::<()>().await;
}

/// Fetches and saves, or fetches the half and waits for its end.
async fn receiver(folder: &Path, how: &str, port: u16, hash: ContentHash, length: u64) {
    let blobs = Blobs::open(&folder.join("files")).await.unwrap();
    if let Holding::Part(bytes) = blobs.has(hash).await.unwrap() {
        say(&format!("found {bytes}"));
    }
    let (events, _) = mpsc::channel(1);
    let config = NetConfig::new(NetworkMode::Loopback);
    let net = Net::start(config, &EndpointKey::from_seed(&RECEIVER), events, None)
        .await
        .unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let sender: EndpointId = EndpointKey::from_seed(&SENDER).id();
    let connection = net.file_dialer().connect(sender, &[address], None).await.unwrap();
    let (progress, mut seen) = watch::channel(Progress::default());
    let half = async {
        if how != "half" {
            std::future::pending::<()>().await;
        }
        let done = seen
            .wait_for(|progress| progress.done >= length / 2)
            .await
            .unwrap()
            .done;
        say(&format!("half {done}"));
        // In the middle of everything, and without a word to the store.
        std::process::abort();
    };
    tokio::select! {
        fetched = blobs.fetch(&connection, hash, length, &progress) => fetched.unwrap(),
        () = half => {}
    }
    say("fetched");
    let to = folder.join("saved");
    blobs
        .save(hash, &to, Existing::Keep, &watch::channel(Progress::default()).0)
        .await
        .unwrap();
    say("saved");
    net.shutdown().await;
    blobs.shut_down().await;
}

fn parsed(hex: &str) -> ContentHash {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    ContentHash(bytes)
}
