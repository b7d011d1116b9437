//! A second start of the program hands its link to the window that is open.

use std::path::Path;
use std::process::Stdio;

use egui::{Key, Modifiers};
use partyline::identity::EndpointId;
use partyline::invitation::{CodeKind, Flags, InviteCode, Secret};
use partyline::party::PartyId;

use super::begin;
use super::display::Display;
use super::forward::Forward;
use super::window::{Window, program};

/// A code as somebody might have made it.
pub(crate) fn code() -> InviteCode {
    let secret = Secret::from_bytes([0x5a; 16]);
    let (tag, endpoint) = (PartyId::from_bytes([7; 32]).tag(), EndpointId::from_bytes([9; 32]));
    let code = InviteCode::new(
        CodeKind::Interactive,
        Flags::default(),
        secret,
        tag,
        endpoint,
        None,
        Vec::new(),
    );
    code.expect("a code")
}

/// Starts the program once more; whether it ends well, without a window of its own.
fn start_again(display: &Display, profiles: &Path, words: &[&str]) -> bool {
    let mut again = program(display, profiles, "alice");
    let ended = again.args(words).stdin(Stdio::null()).status();
    ended.expect("the program starts").success()
}

#[test]
fn a_second_start_hands_its_link_to_the_open_window_and_brings_it_forward() {
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let (profiles, link) = (profiles.path(), code().to_link().as_str().to_owned());
    let mut alice = Window::open(&display, profiles, "alice");
    begin(&mut alice, "Alice");

    let forward = Forward::watch(&display);
    assert!(start_again(&display, profiles, &["join", &link]));
    alice.wait_for_focus("Invite code or link");
    alice.wait_for("The code is complete");
    alice.wait_for(&link);
    forward.wait();
    alice.press(Key::Escape, Modifiers::NONE);
    alice.wait_until_gone("The code is complete");

    let forward = Forward::watch(&display);
    assert!(start_again(&display, profiles, &[]), "without a link, too");
    forward.wait();
    assert!(alice.close().success());

    // What is started with a link and finds no window opens one, and fills the field there.
    let mut first = program(&display, profiles, "alice");
    first.args(["join", &link]);
    let mut alice = Window::open_over(first, "alice");
    alice.wait_for("The code is complete");
    alice.kill();

    let mut alice = Window::open(&display, profiles, "alice");
    alice.wait_for("No parties yet");
    assert!(
        start_again(&display, profiles, &["join", &link]),
        "what the killed one has left is replaced"
    );
    alice.wait_for("The code is complete");
    assert!(alice.close().success());
}
