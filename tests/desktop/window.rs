//! One running `partyline` with its window: read and driven by accessible label, through the port that only the feature
//! `inspection` builds in.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use egui::accesskit::{Node, NodeId, TreeUpdate};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use egui_inspection::protocol::{read_handshake, read_message, write_message};
use egui_inspection::{Request, Response};

use super::display::{Display, REMEDY};
use super::limit::{DEADLINE, Limit};

/// A process and the way into its window. Killed with the test, unless it has ended before.
pub(crate) struct Window {
    name: String,
    process: Child,
    inside: TcpStream,
}

/// The program with a profile, its network this machine's loopback. It finds no keyring and no other desktop.
pub(crate) fn program(display: &Display, profiles: &Path, profile: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_partyline"));
    program
        .arg("--data-dir")
        .arg(profiles)
        .args(["--profile", profile, "--network", "loopback"])
        .env("DISPLAY", display.name())
        .env("XDG_RUNTIME_DIR", profiles)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET");
    program
}

/// What the window offers to a screen reader at one moment.
struct Screen(Vec<(NodeId, Node)>);

impl Window {
    /// Opens the window of one profile. Nothing but this machine's loopback is used, and there is no keyring.
    pub(crate) fn open(display: &Display, profiles: &Path, profile: &str) -> Self {
        Self::open_over(program(display, profiles, profile), profile)
    }

    /// Opens the window of a program that is about to be started.
    pub(crate) fn open_over(mut program: Command, profile: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut process = program
            .env("EGUI_INSPECTION", address.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let inside = connect(&mut process, address);
        Self {
            name: profile.to_owned(),
            process,
            inside,
        }
    }

    /// Waits until the window shows this text: a label, or a part of one.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.says(text).then_some(()));
    }

    /// Waits until the window no longer shows this text.
    pub(crate) fn wait_until_gone(&mut self, text: &str) {
        self.wait(&format!("no {text}"), |screen| (!screen.says(text)).then_some(()));
    }

    /// Clicks the control of this name, once it is there and enabled.
    pub(crate) fn click(&mut self, name: &str) {
        let at = self.wait(name, |screen| screen.enabled(name));
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.apply(vec![Event::PointerMoved(at)]);
        self.apply(vec![button(true), button(false)]);
    }

    /// Types into whatever has the keyboard.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.apply(vec![Event::Text(text.to_owned())]);
    }

    /// Waits until the control of this name has the keyboard, then types.
    pub(crate) fn type_into(&mut self, name: &str, text: &str) {
        self.wait_for_focus(name);
        self.type_text(text);
    }

    /// Waits until the control of this name has the keyboard.
    pub(crate) fn wait_for_focus(&mut self, name: &str) {
        self.wait_tree(&format!("the keyboard at {name}"), |screen, focus| {
            (screen.named(name).is_some_and(|(id, _)| *id == focus)).then_some(())
        });
    }

    /// Presses and releases a key.
    pub(crate) fn press(&mut self, key: Key, modifiers: Modifiers) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        self.apply(vec![event(true), event(false)]);
    }

    /// The PIN that is shown, as a screen reader says it, once there is one.
    pub(crate) fn pin(&mut self) -> String {
        self.wait("a PIN", |screen| {
            screen.texts().find_map(|text| {
                let digits: String = text.strip_prefix("PIN ")?.split(' ').collect();
                (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
            })
        })
    }

    /// The code that is shown, as a screen reader says it, once there is one.
    pub(crate) fn code(&mut self) -> String {
        self.wait("a code", |screen| {
            let code = |text: &str| {
                text.strip_prefix("Invite code party1")
                    .map(|rest| format!("party1{rest}"))
            };
            screen.texts().find_map(code)
        })
    }

    /// Closes the window as its shortcut does, and waits for the end of the process.
    pub(crate) fn close(mut self) -> ExitStatus {
        let quit = Event::Key {
            key: Key::Q,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND | Modifiers::CTRL,
        };
        // Nobody answers any more once the window is gone.
        write_message(&self.inside, &Request::ApplyEvents { events: vec![quit] }).expect("a window that listens");
        let limit = Limit::start();
        loop {
            if let Some(status) = self.process.try_wait().expect("a process") {
                return status;
            }
            assert!(
                !limit.is_over(),
                "{}: the process does not end with its window",
                self.name
            );
            limit.wait();
        }
    }

    /// Ends the process as a power cut does.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("a process");
        self.process.wait().expect("its end");
    }

    /// Waits for something that is seen outside of the window.
    pub(crate) fn until<T>(&self, what: &str, met: impl Fn() -> Option<T>) -> T {
        let limit = Limit::start();
        loop {
            if let Some(found) = met() {
                return found;
            }
            assert!(!limit.is_over(), "{}: waited for {what}", self.name);
            limit.wait();
        }
    }

    fn wait<T>(&mut self, what: &str, met: impl Fn(&Screen) -> Option<T>) -> T {
        self.wait_tree(what, |screen, _| met(screen))
    }

    fn wait_tree<T>(&mut self, what: &str, met: impl Fn(&Screen, NodeId) -> Option<T>) -> T {
        let limit = Limit::start();
        loop {
            let tree = self.tree();
            let (focus, screen) = (tree.focus, Screen(tree.nodes));
            if let Some(found) = met(&screen, focus) {
                return found;
            }
            let texts = || screen.texts().collect::<Vec<_>>().join("\n  ");
            assert!(
                !limit.is_over(),
                "{}: waited for {what}. The window says:\n  {}",
                self.name,
                texts()
            );
            limit.wait();
        }
    }

    fn tree(&mut self) -> TreeUpdate {
        match self.ask(&Request::GetTree) {
            Response::Tree {
                accesskit: Some(tree), ..
            } => tree,
            other => panic!("{}: no tree but {other:?}", self.name),
        }
    }

    fn apply(&mut self, events: Vec<Event>) {
        let response = self.ask(&Request::ApplyEvents { events });
        assert!(matches!(response, Response::Done), "{}: {response:?}", self.name);
    }

    fn ask(&mut self, request: &Request) -> Response {
        let answer = write_message(&self.inside, request).and_then(|()| read_message(&self.inside));
        answer.unwrap_or_else(|error| {
            let ended = self.process.try_wait();
            panic!("{}: the window does not answer: {error}; process {ended:?}", self.name)
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Waits until the window listens, or the process has told why there is none.
fn connect(process: &mut Child, address: SocketAddr) -> TcpStream {
    let limit = Limit::start();
    loop {
        if let Ok(stream) = TcpStream::connect(address) {
            stream.set_read_timeout(Some(DEADLINE)).expect("a deadline");
            read_handshake(&stream).expect("a window that can be driven");
            return stream;
        }
        if process.try_wait().expect("a process").is_some() {
            let mut told = String::new();
            if let Some(mut stderr) = process.stderr.take() {
                stderr.read_to_string(&mut told).ok();
            }
            panic!("There is no window: {} {REMEDY}", told.trim());
        }
        assert!(!limit.is_over(), "The window does not listen. {REMEDY}");
        limit.wait();
    }
}

impl Screen {
    /// Everything that can be read.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|(_, node)| node.label().into_iter().chain(node.value()))
    }

    fn says(&self, text: &str) -> bool {
        self.texts().any(|said| said.contains(text))
    }

    /// The control of exactly this name: its own label, or that of the text it is labelled by.
    fn named(&self, name: &str) -> Option<&(NodeId, Node)> {
        let is_named =
            |node: &Node| node.label() == Some(name) || node.labelled_by().iter().any(|id| self.reads(*id, name));
        self.0.iter().find(|(_, node)| is_named(node))
    }

    fn reads(&self, id: NodeId, text: &str) -> bool {
        let node = self.0.iter().find(|(other, _)| *other == id);
        node.is_some_and(|(_, node)| node.label() == Some(text) || node.value() == Some(text))
    }

    /// The middle of a control that can be used.
    fn enabled(&self, name: &str) -> Option<Pos2> {
        let (_, node) = self.named(name).filter(|(_, node)| !node.is_disabled())?;
        let bounds = node.bounds()?;
        let middle = |low: f64, high: f64| f64::midpoint(low, high) as f32;
        Some(pos2(middle(bounds.x0, bounds.x1), middle(bounds.y0, bounds.y1)))
    }
}
