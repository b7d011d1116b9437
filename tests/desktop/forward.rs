//! Sees a window ask to come forward. No window manager runs on the test's display, so the test hears the request that one would.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

use super::display::Display;
use super::limit::DEADLINE;

/// What a program asks the window manager for that is to come forward (Extended Window Manager Hints 1.3).
const ACTIVE_WINDOW: &[u8] = b"_NET_ACTIVE_WINDOW";

pub(crate) struct Forward(Receiver<()>);

impl Forward {
    /// Listens from now on. The thread ends with the display.
    pub(crate) fn watch(display: &Display) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display.name())).expect("a display");
        let root = connection.setup().roots.get(screen).expect("a screen").root;
        let atom = connection.intern_atom(false, ACTIVE_WINDOW).expect("a request");
        let atom = atom.reply().expect("an atom").atom;
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        let asked = connection.change_window_attributes(root, &mask).expect("a request");
        asked.check().expect("the root window's events");
        let (sender, seen) = channel();
        let watch = move || {
            while let Ok(event) = connection.wait_for_event() {
                if matches!(event, Event::ClientMessage(message) if message.type_ == atom) && sender.send(()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("forward".to_owned())
            .spawn(watch)
            .expect("a thread");
        Self(seen)
    }

    /// Waits until a window has asked.
    pub(crate) fn wait(&self) {
        self.0.recv_timeout(DEADLINE).expect("a window that comes forward");
    }
}
