//! The camera in the Redeem dialog.

use std::cell::RefCell;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use partyline::desktop::{CameraError, Frame, Layout, Pixels};
use qrcode::{Color, QrCode};

use super::support::lens::{Hand, Lenses, lens};
use super::*;

/// A room, and a phone with the QR of a text that is not yet wholly in the picture, or is.
fn scene(text: &str, across: f32) -> Option<Frame> {
    const MODULE: f32 = 5.0;
    let qr = QrCode::new(text).expect("a QR");
    let (modules, colors) = (qr.width() as i32, qr.to_colors());
    let mix = |from: [f32; 3], to: [f32; 3], part: f32| [0, 1, 2].map(|at| from[at] + (to[at] - from[at]) * part);
    let phone = |x: f32, y: f32| {
        let (x, y) = (x - across, y - 370.0);
        let (x, y) = (x * 0.99 + y * 0.14, y * 0.99 - x * 0.14);
        let inside = |wide: f32, high: f32| x.abs() < wide && y.abs() < high;
        let module = |at: f32| (at / MODULE + modules as f32 / 2.0).floor() as i32;
        let (right, down) = (module(x), module(y));
        let dark = (0..modules).contains(&right)
            && (0..modules).contains(&down)
            && colors.get((down * modules + right) as usize) == Some(&Color::Dark);
        match () {
            () if dark => Some([30.0, 30.0, 36.0]),
            () if inside(190.0, 300.0) => Some([236.0, 238.0, 244.0]),
            () if inside(205.0, 330.0) => Some([38.0, 40.0, 48.0]),
            () => None,
        }
    };
    let room = |x: f32, y: f32| {
        let wall = mix([198.0, 178.0, 152.0], [104.0, 92.0, 96.0], y / 720.0);
        let lamp = (1.0 - (x - 1040.0).hypot(y - 110.0) / 420.0).clamp(0.0, 1.0);
        mix(wall, [255.0, 232.0, 190.0], lamp)
    };
    let picture = RgbImage::from_fn(1280, 720, |x, y| {
        let (x, y) = (x as f32, y as f32);
        Rgb(phone(x, y).unwrap_or_else(|| room(x, y)).map(|part| part as u8))
    });
    let mut bytes = Vec::new();
    picture
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90))
        .expect("a JPEG");
    let (pixels, width, height, line) = (Pixels::Jpeg, 1280, 720, 0);
    let layout = Layout {
        pixels,
        width,
        height,
        line,
    };
    Frame::decode(layout, bytes)
}

/// The camera has a thread of its own, so nobody knows how many frames it takes.
fn draw_until(screen: &mut Screen, text: &str) {
    let said = (0..20_000).any(|_| {
        screen.step();
        std::thread::yield_now();
        screen.query_all_by_label_contains(text).next().is_some()
    });
    assert!(said, "the window never says {text}");
}

#[test]
fn camera() {
    let mut album = Album::default();
    // As long as the test has it in its hands, the camera is not broken.
    let hands = RefCell::new(Vec::new());
    let seeing = |theme: Theme, size: [f32; 2], sees: &dyn Fn(&Hand)| {
        let (lens, hand) = lens();
        sees(&hand);
        hands.borrow_mut().push(hand);
        let builder = builder(theme).with_size(size).wgpu();
        let mut screen = window_of(builder, |app| app.looking_through(lens));
        redeem(&mut screen);
        draw_until(&mut screen, "Camera");
        click(&mut screen, "Camera");
        screen
    };
    let choosing = |theme: Theme, sees: &dyn Fn(&Hand)| {
        let lenses = Lenses::default();
        for name in ["Integrated Camera", "HD Webcam C525"] {
            let hand = lenses.plug_in(name);
            sees(&hand);
            hands.borrow_mut().push(hand);
        }
        let mut screen = window_of(builder(theme).wgpu(), |app| app.looking_through(lenses));
        redeem(&mut screen);
        draw_until(&mut screen, "Camera");
        click(&mut screen, "Camera");
        screen
    };
    let invite = code().to_qr_text();
    let half = |hand: &Hand| hand.show(scene(&invite, 90.0));
    let other = |hand: &Hand| hand.show(scene("https://example.org/the-menu-of-today", 560.0));
    let sees = |screen: &mut Screen| draw_until(screen, "What the camera sees");
    album.picture_in(|theme| seeing(theme, WINDOW, &|_| {}), "redeem_camera_starts", |_| {});
    album.picture_in(|theme| seeing(theme, WINDOW, &half), "redeem_camera", sees);
    album.picture_in(|theme| seeing(theme, LOW, &half), "redeem_camera_low", sees);
    album.picture_in(
        |theme| seeing(theme, WINDOW, &other),
        "redeem_camera_other",
        |screen| {
            draw_until(screen, "That QR code is no invite code");
        },
    );
    album.picture_in(
        |theme| seeing(theme, WINDOW, &|hand| hand.fail(CameraError::Busy)),
        "redeem_camera_busy",
        |screen| draw_until(screen, "Another program uses the camera"),
    );
    album.picture_in(
        |theme| choosing(theme, &half),
        "redeem_camera_choice",
        |screen| {
            sees(screen);
            click(screen, "Choose a camera");
        },
    );
    album.picture_in(
        |theme| choosing(theme, &|hand| hand.fail(CameraError::Busy)),
        "redeem_camera_taken",
        |screen| draw_until(screen, "Another program uses this camera"),
    );
}
