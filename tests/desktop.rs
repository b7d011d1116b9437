//! The real program in its real window: two people pair, a task travels each way, and everything is still there after a
//! restart; what comes from the desktop arrives, and what goes to it is seen there.
//!
//! Needs the feature `inspection`, a virtual display and a session bus: `sh tests/run.sh` sees to both.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "desktop/bus.rs"]
mod bus;
#[path = "desktop/choosing.rs"]
mod choosing;
#[path = "desktop/display.rs"]
mod display;
#[path = "desktop/forward.rs"]
mod forward;
#[path = "desktop/handover.rs"]
mod handover;
#[path = "desktop/limit.rs"]
mod limit;
#[path = "desktop/notifications.rs"]
mod notifications;
#[path = "desktop/screen.rs"]
mod screen;
#[path = "desktop/window.rs"]
mod window;

use std::thread;

use egui::{Key, Modifiers};

use display::Display;
use window::Window;

/// First start: a name, and nothing to protect the key with.
fn begin(window: &mut Window, name: &str) {
    window.wait_for("This computer has no keyring");
    window.type_into("Your name", name);
    window.click("Protect your data with: Nothing");
    window.wait_for("Whoever can read your files");
    window.click("Start");
    window.wait_for("No parties yet");
}

fn enter(window: &mut Window) {
    window.press(Key::Enter, Modifiers::NONE);
}

fn add_task(window: &mut Window, title: &str) {
    window.click("New task");
    window.type_into("New task", title);
    enter(window);
    window.wait_for(title);
}

/// Another PIN of as many digits.
fn wrong(pin: &str) -> String {
    let last = pin
        .chars()
        .last()
        .and_then(|digit| digit.to_digit(10))
        .expect("a digit");
    format!("{}{}", pin.get(..5).expect("six digits"), (last + 1) % 10)
}

#[test]
fn two_people_pair_in_their_windows_and_find_everything_again() {
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let open = |name: &str| Window::open(&display, profiles.path(), name);
    let (mut alice, mut bob) = thread::scope(|scope| {
        let alice = scope.spawn(|| open("alice"));
        let bob = open("bob");
        (alice.join().expect("Alice's window"), bob)
    });
    begin(&mut alice, "Alice");
    begin(&mut bob, "Bob");

    alice.click("Create a party");
    alice.type_into("Name of the party", "Hiking crew");
    enter(&mut alice);
    alice.wait_for("Only you so far");

    alice.click("Invite");
    alice.type_into("For whom", "Bob from work");
    enter(&mut alice);
    alice.click("Copy code");
    alice.wait_for("Copied");
    let code = alice.until("the code in the clipboard", || {
        Some(display.clipboard()).filter(|text| text.starts_with("party1"))
    });

    bob.click("Join with a code");
    bob.wait_for_focus("Invite code or link");
    bob.click("Paste");
    bob.wait_for("The code is complete");
    bob.wait_for(&code);
    enter(&mut bob);
    bob.wait_for_focus("Six-digit PIN");

    let pin = alice.pin();
    bob.type_text(&wrong(&pin));
    bob.wait_for("That PIN is wrong. 2 tries left.");
    alice.wait_for("One wrong PIN was entered");
    bob.type_into("Six-digit PIN", &pin);
    bob.wait_for("You joined Hiking crew");
    alice.wait_for("Bob joined Hiking crew");
    alice.wait_for_focus("Done");
    enter(&mut alice);
    bob.wait_for_focus("Open party");
    enter(&mut bob);
    alice.wait_for("2 members, 2 online");
    bob.wait_for("2 members, 2 online");

    add_task(&mut alice, "Book the hut");
    bob.wait_for("Book the hut");
    add_task(&mut bob, "Bring the map");
    alice.wait_for("Bring the map");

    bob.click("Join with a code");
    bob.click("Paste");
    bob.wait_for("The code is complete");
    enter(&mut bob);
    bob.wait_for("You are already a member of this party");
    bob.press(Key::Escape, Modifiers::NONE);
    bob.wait_until_gone("already a member");

    assert!(bob.close().success(), "Bob's process ends well with its window");
    alice.wait_for("2 members, 1 online");
    assert!(alice.close().success(), "Alice's process ends well with its window");

    let mut alice = open("alice");
    for text in ["Hiking crew", "2 members", "Book the hut", "Bring the map", "Bob"] {
        alice.wait_for(text);
    }
    assert!(alice.close().success(), "a second time, too");
}
