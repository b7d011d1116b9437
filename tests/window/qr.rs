//! The QR of an invitation: shown large, and read in the Redeem dialog.

use std::path::{Path, PathBuf};

use super::*;

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

/// A QR with four pixels for each module.
pub(crate) fn qr(text: &str) -> image::GrayImage {
    let code = qrcode::QrCode::new(text).expect("a QR");
    let (modules, colors) = (code.width() as u32, code.to_colors());
    image::GrayImage::from_fn(4 * (modules + 8), 4 * (modules + 8), |x, y| {
        let (x, y) = ((x / 4).wrapping_sub(4), (y / 4).wrapping_sub(4));
        let dark = x < modules && y < modules && colors.get((y * modules + x) as usize) == Some(&qrcode::Color::Dark);
        image::Luma([if dark { 0 } else { 255 }])
    })
}

/// Draws until the window says this. The scan has a thread of its own, so nobody knows how many frames it takes.
pub(crate) fn draw_until(screen: &mut Screen, text: &str) {
    let said = (0..20_000).any(|_| {
        screen.step();
        std::thread::yield_now();
        says(screen, text)
    });
    assert!(said, "the window never says {text}: {screen:?}");
}

fn drop_file(screen: &mut Screen, path: PathBuf) {
    screen.input_mut().dropped_files.push(Arc::new(Dropped(path)));
}

#[test]
fn the_qr_is_shown_large_by_the_keyboard_alone() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    screen.get_by_label("QR code of the invite code: show it large").focus();
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(says(&screen, "Let them read it from this screen") && !says(&screen, "Copy code"));
    assert_eq!(focused(&screen), "Back");
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(says(&screen, "Copy code"), "Esc leads back, not out");
    click(&mut screen, "QR code of the invite code: show it large");
    click(&mut screen, "Back");
    assert!(says(&screen, "Copy code"));
}

#[test]
fn a_pin_takes_the_place_of_the_large_qr() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    click(&mut screen, "QR code of the invite code: show it large");
    let invitation = invitation(pin_stage(0, 0));
    tell(&mut screen, Event::InvitationChanged { invitation });
    assert!(says(&screen, "PIN 4 8 2 9 1 3"));
}

#[test]
fn a_pasted_picture_fills_the_field_and_starts_nothing() {
    let mut screen = code_typed("");
    let picture = qr(&code().to_qr_text());
    let size = [picture.width() as usize, picture.height() as usize];
    let image = egui::ColorImage::from_gray(size, picture.as_raw());
    screen.event(egui::Event::PasteImage(Arc::new(image)));
    draw_until(&mut screen, "The code is complete");
    let field = screen.get_by_label("Invite code or link");
    assert_eq!(field.value().as_deref(), Some(code().to_text().as_str()));
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn every_picture_without_a_code_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let png = |picture: image::GrayImage| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        bytes.into_inner()
    };
    let good = png(qr(&code().to_qr_text()));
    let mut screen = code_typed("");
    for (path, says) in [
        (
            put("none.png", &png(image::GrayImage::new(200, 200))),
            "No QR code can be read",
        ),
        (
            put("menu.png", &png(qr("https://example.org/menu"))),
            "is no invite code",
        ),
        (put("half.png", &good[..60]), "The picture is damaged"),
        (put("notes.png", b"dear diary"), "is no picture that Partyline knows"),
        (folder.path().join("missing.png"), "The file cannot be read"),
    ] {
        drop_file(&mut screen, path);
        draw_until(&mut screen, says);
    }
    drop_file(&mut screen, put("good.png", &good));
    draw_until(&mut screen, "The code is complete");
    assert!(screen.state_mut().sent().is_none(), "a picture only fills the field");
}

#[test]
fn a_picture_that_is_chosen_is_read_and_typing_takes_its_place() {
    let mut screen = code_typed("");
    // The tests' chooser gives a file that is not there.
    click(&mut screen, "QR in a picture");
    draw_until(&mut screen, "The file cannot be read");
    screen.get_by_label("Invite code or link").type_text("hello!");
    settle(&mut screen);
    assert!(says(&screen, "does not look like an invite code"));
}

#[test]
fn what_is_dropped_on_a_dialog_is_not_added_to_the_party() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Settings");
    drop_file(&mut screen, PathBuf::from("/home/alice/route.gpx"));
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none());
}
