//! Reading invite codes from pictures: photographs, screenshots of the real dialog, and everything that is no code.
#![cfg(feature = "desktop")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "window/support.rs"]
#[expect(dead_code, reason = "shared with tests/dialogs.rs")]
mod support;

use std::io::Cursor;

use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbaImage};
use partyline::desktop::{Picture, PictureError, QrError, read_qr};
use partyline::engine::Event;
use partyline::invitation::{CodeKind, Flags, InvitationStage, InviteCode, Secret};
use qrcode::{Color, EcLevel, QrCode};

use support::*;

/// Light and dark as the window draws them.
const INK: u8 = 28;
const PAPER: u8 = 255;

/// A QR with its quiet zone, so many pixels for each module, between whole ones mixed.
fn qr(text: &str, module: f32) -> GrayImage {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("a QR");
    let (modules, colors) = (code.width(), code.to_colors());
    let is_dark = |x: f32, y: f32| {
        let (x, y) = ((x / module).floor() - 4.0, (y / module).floor() - 4.0);
        let inside = |at: f32| at >= 0.0 && at < modules as f32;
        inside(x) && inside(y) && colors[y as usize * modules + x as usize] == Color::Dark
    };
    let side = ((modules + 8) as f32 * module) as u32;
    GrayImage::from_fn(side, side, |x, y| {
        let parts = (0..16).map(|part| {
            let (right, down) = ((part % 4) as f32, (part / 4) as f32);
            let dark = is_dark(x as f32 + (right + 0.5) / 4.0, y as f32 + (down + 0.5) / 4.0);
            u32::from(if dark { INK } else { PAPER })
        });
        Luma([u8::try_from(parts.sum::<u32>() / 16).expect("a mean")])
    })
}

fn invite_qr(module: f32) -> GrayImage {
    qr(&code().to_qr_text(), module)
}

/// Turned around its middle on a ground of this shade.
fn turned(picture: &GrayImage, degrees: f32, ground: u8) -> GrayImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let side = (width * 1.5) as u32;
    let (sin, cos) = degrees.to_radians().sin_cos();
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 - side as f32 / 2.0, y as f32 - side as f32 / 2.0);
        let from = (x * cos + y * sin + width / 2.0, y * cos - x * sin + height / 2.0);
        imageops::interpolate_bilinear(picture, from.0, from.1).unwrap_or(Luma([ground]))
    })
}

fn inverted(picture: &GrayImage) -> GrayImage {
    let mut inverted = picture.clone();
    imageops::invert(&mut inverted);
    inverted
}

/// The pictures beside each other among bars and blocks, as on a screen full of windows.
fn on_a_screen(pictures: &[&GrayImage], ground: u8) -> GrayImage {
    let mut screen = GrayImage::from_pixel(900, 600, Luma([ground]));
    // A fixed sequence (xorshift), so that the screen is the same in every run.
    let mut state = 0x1234_5678_u32;
    let mut below = |limit: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % limit
    };
    for _ in 0..150 {
        let bar = GrayImage::from_pixel(
            below(80) + 2,
            below(14) + 1,
            Luma([u8::try_from(below(256)).expect("a shade")]),
        );
        imageops::replace(&mut screen, &bar, i64::from(below(900)), i64::from(below(600)));
    }
    for (place, picture) in (0_i64..).zip(pictures) {
        let across = 60 + place * (i64::from(picture.width()) + 40);
        imageops::replace(&mut screen, *picture, across, 90);
    }
    screen
}

fn stored(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a file");
    bytes.into_inner()
}

fn read(picture: &GrayImage) -> Result<String, QrError> {
    let picture = Picture::decode(stored(picture, ImageFormat::Png)).expect("a picture");
    read_qr(&picture).map(|code| code.as_str().to_owned())
}

#[track_caller]
fn finds(picture: &GrayImage, what: &str) {
    assert_eq!(read(picture).as_deref(), Ok(code().to_text().as_str()), "{what}");
}

/// A screenshot of the Invite dialog.
fn screenshot(theme: Theme) -> RgbaImage {
    let mut screen = window(builder(theme).wgpu());
    alice(&mut screen);
    let stage = InvitationStage::Code { device_left: false };
    let invitation = invitation(stage);
    tell(&mut screen, Event::InvitationChanged { invitation });
    screen.get_by_label("Show: Invitation for Bob").click();
    settle(&mut screen);
    screen.render().expect("a picture")
}

#[test]
fn the_dialog_is_read_from_a_screenshot_in_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        let picture = DynamicImage::from(screenshot(theme)).into_luma8();
        finds(&picture, "as it is");
        finds(&inverted(&picture), "by a browser that makes everything dark");
        let (width, height) = picture.dimensions();
        for (percent, what) in [(75, "scaled down in a chat"), (150, "on a fine screen")] {
            let (width, height) = (width * percent / 100, height * percent / 100);
            finds(&imageops::resize(&picture, width, height, FilterType::Triangle), what);
        }
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, 50);
        picture.write_with_encoder(encoder).expect("a JPEG");
        let picture = Picture::decode(jpeg).expect("a picture");
        assert!(read_qr(&picture).is_ok(), "as a JPEG of low quality");
    }
}

#[test]
fn every_kind_of_file_is_read() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let picture = Picture::decode(stored(&invite_qr(4.0), format)).expect("a picture");
        assert!(read_qr(&picture).is_ok(), "{format:?}");
    }
}

#[test]
fn a_turned_code_is_read() {
    for degrees in [3, 20, 45, 90, 137, 180] {
        finds(
            &turned(&invite_qr(4.0), degrees as f32, PAPER),
            &format!("{degrees} degrees"),
        );
    }
}

#[test]
fn a_blurred_code_is_read() {
    for (module, blur) in [(4.0, 1.0), (4.0, 1.5), (8.0, 2.0), (8.0, 3.0)] {
        finds(
            &imageops::blur(&invite_qr(module), blur),
            &format!("{blur} of {module}"),
        );
    }
    let photograph = imageops::blur(&turned(&invite_qr(3.0), 17.0, 90), 0.8);
    finds(&photograph, "turned, blurred, on a grey table");
}

#[test]
fn a_small_a_large_and_a_faint_code_is_read() {
    for module in [1.0, 1.5, 1.7, 2.0, 2.5, 3.7, 8.0, 14.0] {
        finds(&invite_qr(module), &format!("{module} pixels for each module"));
    }
    let mut faint = invite_qr(4.0);
    for pixel in faint.pixels_mut() {
        pixel.0[0] = 100 + pixel.0[0] / 6;
    }
    finds(&faint, "little contrast");
    let mut uneven = invite_qr(4.0);
    let width = uneven.width();
    for (x, _, pixel) in uneven.enumerate_pixels_mut() {
        let light = 60 + x * 190 / width;
        pixel.0[0] = u8::try_from(u32::from(pixel.0[0]) * light / 255).expect("darker");
    }
    finds(&uneven, "light from one side");
}

#[test]
fn a_code_among_windows_is_read_also_inverted() {
    for module in [2.0, 3.0, 5.0] {
        let qr = invite_qr(module);
        finds(&on_a_screen(&[&qr], 245), "light");
        finds(&on_a_screen(&[&qr], 24), "a white card on a dark screen");
        finds(&on_a_screen(&[&inverted(&qr)], 24), "a dark page");
    }
}

#[test]
fn of_several_codes_the_invite_code_is_taken_unless_there_are_two() {
    let ours = invite_qr(4.0);
    let other = qr("https://example.org/menu", 4.0);
    finds(&on_a_screen(&[&other, &ours], 245), "beside another QR");
    finds(&on_a_screen(&[&ours, &ours], 245), "twice the same");
    let endpoint = partyline::identity::EndpointId::from_bytes([9; 32]);
    let secret = Secret::from_bytes([0x33; 16]);
    let flags = Flags::default();
    let second = InviteCode::new(
        CodeKind::Interactive,
        flags,
        secret,
        CREW.tag(),
        endpoint,
        None,
        Vec::new(),
    );
    let second = qr(&second.expect("a code").to_qr_text(), 4.0);
    assert_eq!(read(&on_a_screen(&[&ours, &second], 245)), Err(QrError::Several));
}

#[test]
fn what_is_no_invite_code_is_told_apart() {
    assert_eq!(read(&on_a_screen(&[], 24)), Err(QrError::Nothing));
    assert_eq!(read(&GrayImage::new(1, 1)), Err(QrError::Nothing));
    assert_eq!(read(&qr("https://example.org/menu", 4.0)), Err(QrError::NoCode));
    let wrong = code().to_qr_text().replacen("KJ6", "KX6", 1);
    assert_eq!(
        read(&qr(&wrong, 4.0)),
        Ok(wrong),
        "the field says what is wrong with it"
    );
}

/// A PNG whose header says another size than it has.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = stored(&GrayImage::new(8, 8), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    // The checksum of PNG (ISO 3309), so that only the size is wrong.
    let checksum = !bytes[12..29].iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

#[test]
fn a_picture_that_claims_to_be_huge_is_not_decoded() {
    assert!(Picture::decode(png_that_claims(8, 8)).is_ok(), "the checksum is right");
    for (width, height) in [(65_535, 65_535), (u32::MAX >> 1, 1), (1, u32::MAX >> 1), (8193, 8193)] {
        let refused = Picture::decode(png_that_claims(width, height)).map(|_| ());
        assert!(
            matches!(refused, Err(PictureError::TooLarge | PictureError::Damaged)),
            "{width} x {height}: {refused:?}"
        );
    }
    let pixels = std::iter::repeat([0; 3]);
    assert_eq!(
        Picture::from_rgb(1 << 20, 1 << 20, pixels).map(|_| ()),
        Err(PictureError::TooLarge)
    );
}

#[test]
fn what_is_cut_short_damaged_or_no_picture_is_refused() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = stored(&invite_qr(1.0), format);
        for length in [0, 1, 8, 20, whole.len() / 2] {
            // A decoder may show what there is; it must not fail loudly.
            if let Ok(picture) = Picture::decode(whole[..length].to_vec()) {
                read_qr(&picture).ok();
            }
        }
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            drop(Picture::decode(damaged));
        }
    }
    let decode = |bytes: &[u8]| Picture::decode(bytes.to_vec()).map(|_| ());
    assert_eq!(
        decode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        Err(PictureError::UnknownKind)
    );
    assert_eq!(decode(&[]), Err(PictureError::UnknownKind));
    assert_eq!(
        decode(&stored(&invite_qr(1.0), ImageFormat::Png)[..60]),
        Err(PictureError::Damaged)
    );
}

#[test]
fn a_file_that_is_none_or_too_long_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |path: &std::path::Path| Picture::read(path).map(|_| ());
    assert_eq!(read(folder.path()), Err(PictureError::Unreadable));
    assert_eq!(read(&folder.path().join("nothing.png")), Err(PictureError::Unreadable));
    let long = folder.path().join("long.png");
    let file = std::fs::File::create(&long).expect("a file");
    file.set_len(partyline::desktop::MAX_PICTURE_BYTES + 1)
        .expect("a length");
    assert_eq!(read(&long), Err(PictureError::TooLarge));
}
