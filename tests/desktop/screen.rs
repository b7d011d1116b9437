//! A code read from the screen through the desktop portal, which here is the test.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use qrcode::{Color, QrCode};
use zbus::interface;
use zbus::message::Header;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::begin;
use super::bus::Bus;
use super::display::Display;
use super::handover::code;
use super::window::{Window, program};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// A person who gives a part of the screen, or changes their mind.
struct Portal {
    picture: Option<PathBuf>,
}

#[interface(name = "org.freedesktop.portal.Screenshot")]
impl Portal {
    async fn screenshot(
        &self,
        _parent_window: String,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> OwnedObjectPath {
        let text = |name: &str| {
            options
                .get(name)
                .and_then(|value| value.downcast_ref::<&str>().ok())
                .expect("an option")
        };
        let sender = header.sender().expect("a sender");
        let name = sender.trim_start_matches(':').replace('.', "_");
        let handle = format!("{PATH}/request/{name}/{}", text("handle_token"));
        let handle = ObjectPath::try_from(handle).expect("a path");
        let uri = self.picture.as_ref().map(|path| format!("file://{}", path.display()));
        let results: HashMap<&str, Value<'_>> = uri.map(|uri| ("uri", Value::from(uri))).into_iter().collect();
        let answer = (u32::from(self.picture.is_none()), results);
        let interface = "org.freedesktop.portal.Request";
        let told = connection.emit_signal(Some(sender.as_str()), &handle, interface, "Response", &answer);
        told.await.expect("an answer");
        handle.into()
    }
}

/// A screenshot with a QR in it.
fn screenshot(path: &Path, text: &str) {
    let qr = QrCode::new(text).expect("a QR");
    let (modules, colors) = (qr.width() as u32, qr.to_colors());
    let side = 4 * (modules + 8);
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = ((x / 4).wrapping_sub(4), (y / 4).wrapping_sub(4));
        let dark = x < modules && y < modules && colors.get((y * modules + x) as usize) == Some(&Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    });
    picture.save(path).expect("a file");
}

#[test]
fn a_code_on_the_screen_fills_the_field_and_no_picture_of_it_stays() {
    let (display, profiles) = (Display::start(), tempfile::tempdir().expect("a folder"));
    let picture = profiles.path().join("a screenshot.png");
    screenshot(&picture, &code().to_qr_text());
    let bus = Bus::start(profiles.path());
    let mut on_the_bus = program(&display, profiles.path(), "bob");
    on_the_bus.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let mut bob = Window::open_over(on_the_bus, "bob");
    begin(&mut bob, "Bob");
    bob.click("Join with a code");

    bob.click("QR on screen");
    bob.wait_for("This desktop does not let programs ask for a part of the screen");

    let portal = bus.serve(NAME, PATH, Portal { picture: None });
    bob.click("QR on screen");
    bob.wait_for("Codes begin with party1");
    drop(portal);

    let uri = fs::canonicalize(&picture).expect("a file");
    let _portal = bus.serve(NAME, PATH, Portal { picture: Some(uri) });
    bob.click("QR on screen");
    bob.wait_for("The code is complete");
    bob.wait_for(&code().to_text());
    assert!(!picture.exists(), "it shows an invite code");
    assert!(bob.close().success());
}
