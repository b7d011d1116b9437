//! What the desktop tells the person of, seen by a notification server on a real bus, and clicked there.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{Key, Modifiers};
use zbus::blocking::Connection;
use zbus::interface;
use zbus::zvariant::OwnedValue;

use super::bus::Bus;
use super::display::Display;
use super::limit::DEADLINE;
use super::window::{Window, program};
use super::{begin, enter};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Tells the test of what a desktop would show.
struct Server {
    seen: Sender<Seen>,
    shown: u32,
}

#[derive(Debug)]
enum Seen {
    Shown { id: u32, title: String, body: String },
    TakenBack(u32),
}

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &mut self,
        _app_name: String,
        _replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        assert_eq!(actions.first().map(String::as_str), Some("default"));
        self.shown += 1;
        let (id, title) = (self.shown, summary);
        self.seen.send(Seen::Shown { id, title, body }).ok();
        id
    }

    fn close_notification(&self, id: u32) {
        self.seen.send(Seen::TakenBack(id)).ok();
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }
}

/// The test's end of the server.
struct Desktop {
    connection: Connection,
    seen: Receiver<Seen>,
}

impl Desktop {
    fn on(bus: &Bus) -> Self {
        let (seen, inbox) = channel();
        let connection = bus.serve(NAME, PATH, Server { seen, shown: 0 });
        Self {
            connection,
            seen: inbox,
        }
    }

    fn next(&self) -> Seen {
        self.seen
            .recv_timeout(DEADLINE)
            .expect("something that the desktop shows")
    }

    /// The next notification: its number, and everything that it says.
    fn shown(&self) -> (u32, String) {
        match self.next() {
            Seen::Shown { id, title, body } => (id, format!("{title}. {body}")),
            Seen::TakenBack(id) => panic!("{id} was taken back"),
        }
    }

    fn click(&self, id: u32) {
        let clicked = self
            .connection
            .emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, "default"));
        clicked.expect("a signal");
    }
}

#[test]
fn a_pin_that_is_due_is_notified_and_a_click_opens_its_dialog() {
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let bus = Bus::start(profiles.path());
    let desktop = Desktop::on(&bus);
    let mut on_the_bus = program(&display, profiles.path(), "alice");
    on_the_bus.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let mut alice = Window::open_over(on_the_bus, "alice");
    let mut bob = Window::open(&display, profiles.path(), "bob");
    begin(&mut alice, "Alice");
    begin(&mut bob, "Bob");
    alice.click("Create a party");
    alice.type_into("Name of the party", "Hiking crew");
    enter(&mut alice);
    alice.wait_for("Only you so far");
    alice.click("Invite");
    alice.type_into("For whom", "Bob from work");
    enter(&mut alice);
    let code = alice.code();
    alice.press(Key::Escape, Modifiers::NONE);
    alice.wait_until_gone("Copy code");

    bob.click("Join with a code");
    bob.type_into("Invite code or link", &code);
    bob.wait_for("The code is complete");
    enter(&mut bob);
    let (id, told) = desktop.shown();
    assert!(told.contains("PIN") && told.contains("Hiking crew"), "{told}");
    assert!(
        !told.contains(|c: char| c.is_ascii_digit()) && !told.contains(&code),
        "{told}"
    );
    desktop.click(id);
    let pin = alice.pin();
    alice.press(Key::Escape, Modifiers::NONE);
    alice.wait_until_gone("Read these six digits");

    bob.wait_for_focus("Six-digit PIN");
    bob.type_text(&pin);
    bob.wait_for("You joined Hiking crew");
    let (mut taken_back, mut joined) = (false, false);
    while !(taken_back && joined) {
        match desktop.next() {
            Seen::TakenBack(gone) => taken_back |= gone == id,
            Seen::Shown { title, .. } => joined |= title == "Bob joined Hiking crew",
        }
    }
    assert!(bob.close().success() && alice.close().success());
}
