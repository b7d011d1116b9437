//! Finds the invite code in a picture that has QR codes in it.
//!
//! A screenshot in a dark theme has the code inverted, a photograph has it blurred or in uneven light, a small one has too few
//! pixels for each module: so the picture is tried as it is and inverted, then sharper, larger, evened out and smaller, until an
//! invite code is found.

use image::GrayImage;
use image::imageops::{self, FilterType};
use zeroize::Zeroizing;

use super::Picture;
use crate::invitation::InviteCode;

/// Larger pictures are made smaller before anything is looked for: by then a module is many pixels wide. In pixels.
const MAX_SEARCHED: u32 = 12_000_000;

/// Smaller pictures are also tried at twice the size. In pixels.
const MAX_DOUBLED: u32 = 3_000_000;

/// Why a picture gives no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// There is no QR in it, or none that can be read.
    #[error("there is no QR code")]
    Nothing,
    /// There is one, and it is no invite code.
    #[error("the QR code is no invite code")]
    NoCode,
    /// There are invite codes of more than one invitation.
    #[error("there are several invite codes")]
    Several,
}

/// What the QR codes of a picture say that could be read.
#[derive(Default)]
struct Found {
    codes: Vec<InviteCode>,
    /// One that was meant to be an invite code: whoever reads it says what is wrong with it.
    near: Option<Zeroizing<String>>,
    others: usize,
}

impl Found {
    fn take(&mut self, text: Zeroizing<String>) {
        match InviteCode::parse(&text) {
            Ok(code)
                if self
                    .codes
                    .iter()
                    .any(|known| known.invitation_id() == code.invitation_id()) => {}
            Ok(code) => self.codes.push(code),
            Err(_) if text.to_ascii_lowercase().contains("party1") => self.near = Some(text),
            Err(_) => self.others += 1,
        }
    }

    fn verdict(self) -> Result<Zeroizing<String>, QrError> {
        match (self.codes.as_slice(), self.near) {
            ([code], _) => Ok(code.to_text()),
            ([_, _, ..], _) => Err(QrError::Several),
            ([], Some(text)) => Ok(text),
            ([], None) if self.others == 0 => Err(QrError::Nothing),
            ([], None) => Err(QrError::NoCode),
        }
    }
}

/// The invite code that a picture shows as a QR, in the text form that is also pasted.
///
/// Takes up to a second for a large picture: for a thread of its own.
///
/// # Errors
///
/// [`QrError`].
pub fn read_qr(picture: &Picture) -> Result<Zeroizing<String>, QrError> {
    let picture = shrunk(&picture.0);
    let mut found = Found::default();
    for attempt in ATTEMPTS {
        let Some(mut attempt) = attempt(&picture) else { continue };
        search(&attempt, &mut found);
        imageops::invert(&mut attempt);
        search(&attempt, &mut found);
        if !found.codes.is_empty() {
            break;
        }
    }
    found.verdict()
}

/// The same for one frame of many: each is searched once and quickly, the next in another way.
pub(super) fn glance(picture: &Picture, frame: usize) -> Result<Zeroizing<String>, QrError> {
    let attempt = GLANCES.get(frame % GLANCES.len()).copied().unwrap_or(as_it_is);
    let mut found = Found::default();
    if let Some(picture) = attempt(&shrunk(&picture.0)) {
        search(&picture, &mut found);
    }
    found.verdict()
}

/// One way to look at the picture; none if it is not worth it.
type Attempt = fn(&GrayImage) -> Option<GrayImage>;

const ATTEMPTS: [Attempt; 5] = [as_it_is, sharpened, doubled, evened, halved];

/// Those that are quick enough for a camera, the best every other time.
const GLANCES: [Attempt; 4] = [as_it_is, sharpened, as_it_is, inverted];

fn as_it_is(picture: &GrayImage) -> Option<GrayImage> {
    Some(picture.clone())
}

fn inverted(picture: &GrayImage) -> Option<GrayImage> {
    let mut picture = picture.clone();
    imageops::invert(&mut picture);
    Some(picture)
}

fn doubled(picture: &GrayImage) -> Option<GrayImage> {
    (area(picture) <= MAX_DOUBLED).then(|| scaled(picture, 2.0))
}

/// For what is out of focus.
fn sharpened(picture: &GrayImage) -> Option<GrayImage> {
    Some(imageops::unsharpen(picture, 3.0, 1))
}

/// Twice as large, and each place compared with what is around it: for modules of less than two pixels, and uneven light.
fn evened(picture: &GrayImage) -> Option<GrayImage> {
    let mut picture = doubled(picture)?;
    let around = imageops::blur(&picture, 12.0);
    for (pixel, around) in picture.pixels_mut().zip(around.pixels()) {
        for (light, around) in pixel.0.iter_mut().zip(around.0) {
            let difference = i32::from(*light) - i32::from(around);
            *light = u8::try_from((128 + 2 * difference).clamp(0, 255)).unwrap_or(u8::MAX);
        }
    }
    Some(picture)
}

/// Takes the grain of a photograph away.
fn halved(picture: &GrayImage) -> Option<GrayImage> {
    Some(scaled(picture, 0.5))
}

fn area(picture: &GrayImage) -> u32 {
    picture.width().saturating_mul(picture.height())
}

fn scaled(picture: &GrayImage, by: f32) -> GrayImage {
    let side = |length: u32| ((length as f32 * by) as u32).max(1);
    imageops::resize(
        picture,
        side(picture.width()),
        side(picture.height()),
        FilterType::Triangle,
    )
}

fn shrunk(picture: &GrayImage) -> GrayImage {
    let area = area(picture);
    if area <= MAX_SEARCHED {
        return picture.clone();
    }
    scaled(picture, (MAX_SEARCHED as f32 / area as f32).sqrt())
}

fn search(picture: &GrayImage, found: &mut Found) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.as_raw();
    let light = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, light);
    for grid in prepared.detect_grids() {
        // What looks like a QR and cannot be read may be anything.
        if let Ok((_, text)) = grid.decode() {
            found.take(Zeroizing::new(text));
        }
    }
}
