//! One profile, several starts, in one process: the lock belongs to the file that was opened, not to the process.

use std::sync::mpsc::Receiver;

use tokio::io::AsyncWriteExt as _;
use zeroize::Zeroizing;

use super::*;

const LINK: &str = "partyline://join#party1qqq";

fn link(text: &str) -> Arrival {
    Arrival::Link(Zeroizing::new(text.to_owned()))
}

/// The first start of a profile, which listens.
fn first(profile: &Path) -> (Listening, Receiver<Arrival>) {
    let Start::Own(instance) = start(profile, &Arrival::Raise) else {
        panic!("somebody has the window")
    };
    let (arrivals, inbox) = Arrivals::new(|| ());
    (instance.listen(arrivals), inbox)
}

#[test]
fn a_second_start_hands_its_link_over_and_a_start_without_one_raises_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("alice");
    let (_listening, inbox) = first(&profile);
    assert!(matches!(start(&profile, &link(LINK)), Start::HandedOver));
    assert!(matches!(start(&profile, &Arrival::Raise), Start::HandedOver));
    assert_eq!(inbox.recv().unwrap(), link(LINK));
    assert_eq!(inbox.recv().unwrap(), Arrival::Raise);
}

#[test]
fn each_profile_has_a_window_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let _alice = first(&folder.path().join("alice"));
    assert!(matches!(
        start(&folder.path().join("bob"), &Arrival::Raise),
        Start::Own(_)
    ));
}

#[test]
fn the_next_start_after_the_last_has_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("alice");
    let (listening, _) = first(&profile);
    drop(listening);
    let (_listening, inbox) = first(&profile);
    assert!(matches!(start(&profile, &link(LINK)), Start::HandedOver));
    assert_eq!(inbox.recv().unwrap(), link(LINK));
}

#[test]
fn a_window_that_is_closing_takes_nothing_and_the_start_waits_for_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("alice");
    let (mut listening, _inbox) = first(&profile);
    listening.close();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| start(&profile, &link(LINK)));
        assert!(matches!(lock(&profile), Ok(None)), "still held");
        drop(listening);
        assert!(matches!(waiting.join().unwrap(), Start::Own(_)));
    });
}

#[cfg(unix)]
#[test]
fn the_socket_replaces_an_old_one_and_is_for_this_user_alone_like_the_lock() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("alice");
    let instance = start(&profile, &Arrival::Raise);
    let profile = profile.canonicalize().unwrap();
    let runtime = runtime().unwrap();
    let _entered = runtime.enter();
    // As a killed process leaves it.
    let left = Door::open(&profile).unwrap().path().to_owned();
    drop(std::os::unix::net::UnixListener::bind(left).unwrap());
    let door = Door::open(&profile).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(door.path()), 0o600);
    assert_eq!(mode(&profile.join(LOCK)), 0o600);
    drop((door, instance));
}

/// What is taken from somebody who says this.
fn taken(said: &[u8]) -> Option<Arrival> {
    let (mut near, mut far) = tokio::io::duplex(2 * MAX_MESSAGE);
    let mut taken = None;
    let heard = runtime().unwrap().block_on(async {
        near.write_all(said).await.unwrap();
        near.shutdown().await.unwrap();
        message::receive(&mut far, |arrival| {
            taken = Some(arrival);
            true
        })
        .await
    });
    assert_eq!(heard.is_ok(), taken.is_some());
    taken
}

#[test]
fn only_whole_short_and_known_messages_are_taken() {
    assert_eq!(taken(b"raise\n"), Some(Arrival::Raise));
    assert_eq!(taken(format!("join {LINK}\n").as_bytes()), Some(link(LINK)));
    assert!(!format!("{:?}", taken(format!("join {LINK}\n").as_bytes())).contains("qqq"));
    let long = format!("join {LINK}{}\n", "q".repeat(MAX_MESSAGE));
    for wrong in [
        &b""[..],
        b"\n",
        b"raise",
        b"raise it\n",
        b"join \n",
        b"join https://example.org\n",
        b"join partyline://join#\xff\n",
        b"join partyline://join#\x1b[2J\n",
        b"quit\n",
        long.as_bytes(),
    ] {
        assert_eq!(taken(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_window_that_has_closed_takes_nothing() {
    let (arrivals, inbox) = Arrivals::new(|| ());
    assert!(arrivals.deliver(Arrival::Raise));
    drop(inbox);
    assert!(!arrivals.deliver(Arrival::Raise));
}
