//! Files that are chosen through the desktop portal, which here is the test; and what the person reads where there is none.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Key, Modifiers};
use zbus::interface;
use zbus::message::Header;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::bus::Bus;
use super::display::Display;
use super::window::{Window, program};
use super::{begin, enter};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const CHOOSE: &str = "Drop files here, or click to choose";

/// What the person does with the dialog.
#[derive(Clone)]
enum Person {
    Chooses(String),
    Cancels,
    /// They never see it: it has no backend.
    IsNotAsked,
    Thinks,
}

/// A question, as the portal is asked it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    method: &'static str,
    title: String,
    multiple: bool,
    name: Option<String>,
}

struct Portal {
    person: Person,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Portal {
    async fn ask(
        &self,
        method: &'static str,
        parent: &str,
        title: String,
        options: HashMap<String, OwnedValue>,
        header: Header<'_>,
        connection: &zbus::Connection,
    ) -> OwnedObjectPath {
        assert!(parent.starts_with("x11:"), "{parent}");
        let text = |name: &str| {
            let value = options.get(name)?;
            value.downcast_ref::<&str>().ok().map(str::to_owned)
        };
        let sender = header.sender().expect("a sender");
        let name = sender.trim_start_matches(':').replace('.', "_");
        let token = text("handle_token").expect("a token");
        let handle = ObjectPath::try_from(format!("{PATH}/request/{name}/{token}")).expect("a path");
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked {
            method,
            title,
            multiple: options
                .get("multiple")
                .is_some_and(|value| value.downcast_ref() == Ok(true)),
            name: text("current_name"),
        });
        let uris = |uris: Vec<String>| HashMap::from([("uris", Value::from(uris))]);
        let answer = match &self.person {
            Person::Chooses(uri) => (0_u32, uris(vec![uri.clone()])),
            Person::Cancels => (1, uris(Vec::new())),
            Person::IsNotAsked => (2, HashMap::new()),
            Person::Thinks => return handle.into(),
        };
        let interface = "org.freedesktop.portal.Request";
        let told = connection.emit_signal(Some(sender.as_str()), &handle, interface, "Response", &answer);
        told.await.expect("an answer");
        handle.into()
    }
}

#[interface(name = "org.freedesktop.portal.FileChooser")]
impl Portal {
    async fn open_file(
        &self,
        parent: String,
        title: String,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> OwnedObjectPath {
        self.ask("OpenFile", &parent, title, options, header, connection).await
    }

    async fn save_file(
        &self,
        parent: String,
        title: String,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> OwnedObjectPath {
        self.ask("SaveFile", &parent, title, options, header, connection).await
    }
}

/// A bus, the portal that the test puts on it, and what that was asked.
struct Desktop {
    bus: Bus,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Desktop {
    fn with(&self, person: Person) -> zbus::blocking::Connection {
        let asked = Arc::clone(&self.asked);
        self.bus.serve(NAME, PATH, Portal { person, asked })
    }

    /// Everything that the portal was asked since it was looked at last.
    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Alice's window on that desktop, with the files of a party.
fn open(display: &Display, profiles: &Path) -> (Desktop, Window) {
    let bus = Bus::start(profiles);
    let mut on_the_bus = program(display, profiles, "alice");
    on_the_bus.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let mut alice = Window::open_over(on_the_bus, "alice");
    begin(&mut alice, "Alice");
    alice.click("Create a party");
    alice.type_into("Name of the party", "Hiking crew");
    enter(&mut alice);
    alice.wait_for("Only you so far");
    alice.press(Key::Num4, Modifiers::COMMAND | Modifiers::CTRL);
    alice.wait_for(CHOOSE);
    let asked = Arc::default();
    (Desktop { bus, asked }, alice)
}

fn dismiss(window: &mut Window, sentence: &str) {
    window.click("Dismiss");
    window.wait_until_gone(sentence);
}

#[test]
fn files_are_chosen_and_saved_through_the_portal() {
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let (desktop, mut alice) = open(&display, profiles.path());
    let folder = profiles.path().display();
    fs::write(profiles.path().join("why? 100% ü.txt"), "because").expect("a file");

    let portal = desktop.with(Person::Chooses(format!("file://{folder}/why%3F%20100%25%20%C3%BC.txt")));
    alice.click(CHOOSE);
    alice.wait_for("Open why_ 100% ü.txt");
    let opened = Asked {
        method: "OpenFile",
        title: "Add files".to_owned(),
        multiple: true,
        name: None,
    };
    assert_eq!(desktop.asked(), std::slice::from_ref(&opened));
    drop(portal);

    let portal = desktop.with(Person::Cancels);
    alice.click(CHOOSE);
    alice.until("a question", || {
        (desktop.asked() == std::slice::from_ref(&opened)).then_some(())
    });
    drop(portal);

    let _portal = desktop.with(Person::Chooses(format!("file://{folder}/out.txt")));
    alice.click("Change file: why_ 100% ü.txt");
    alice.click("Save as");
    let saved = alice.until("the file", || {
        fs::read_to_string(profiles.path().join("out.txt"))
            .ok()
            .filter(|text| !text.is_empty())
    });
    assert_eq!(saved, "because");
    let asked = Asked {
        method: "SaveFile",
        title: "Save as".to_owned(),
        multiple: false,
        name: Some("why_ 100% ü.txt".to_owned()),
    };
    assert_eq!(desktop.asked(), [asked]);
    assert!(alice.close().success());
}

#[test]
fn where_no_dialog_can_be_had_the_window_says_so_and_stays() {
    const ENDED: &str = "did not open, or ended by itself";
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let (desktop, mut alice) = open(&display, profiles.path());

    let none = "This desktop has no file dialog for programs";
    alice.click(CHOOSE);
    alice.wait_for(none);
    dismiss(&mut alice, none);

    let portal = desktop.with(Person::IsNotAsked);
    alice.click(CHOOSE);
    alice.wait_for(ENDED);
    dismiss(&mut alice, ENDED);
    drop(portal);
    assert_eq!(desktop.asked().len(), 1);

    let portal = desktop.with(Person::Thinks);
    alice.click(CHOOSE);
    alice.until("a question", || (desktop.asked().len() == 1).then_some(()));
    alice.click(CHOOSE);
    drop(portal);
    alice.wait_for(ENDED);
    dismiss(&mut alice, ENDED);
    assert!(desktop.asked().is_empty(), "one dialog is enough");

    let _portal = desktop.with(Person::Thinks);
    alice.click(CHOOSE);
    alice.until("a question", || (desktop.asked().len() == 1).then_some(()));
    drop(desktop);
    alice.wait_for(ENDED);
    dismiss(&mut alice, ENDED);
    alice.click(CHOOSE);
    alice.wait_for("its session bus does not answer");
    assert!(alice.close().success(), "the bus takes nothing with it");
}
