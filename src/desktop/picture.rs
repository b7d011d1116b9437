//! A picture in shades of grey, from a file or from pixels that somebody copied.
//!
//! What is decoded may be hostile, so it is bounded before a byte of it is looked at: how long the file is, how many pixels it
//! says it has, and how much memory the decoder may take.

use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// The longest file that is looked at, in bytes.
pub const MAX_PICTURE_BYTES: u64 = 32 * 1024 * 1024;

/// The largest picture that is decoded, in pixels.
pub const MAX_PICTURE_PIXELS: u64 = 64 * 1024 * 1024;

/// What the decoder may take, in bytes: four for each pixel.
const MAX_MEMORY: u64 = 4 * MAX_PICTURE_PIXELS;

/// What a picture may be stored as.
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

/// A picture in shades of grey.
#[derive(Clone)]
pub struct Picture(pub(super) GrayImage);

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be opened or read, or is none.
    #[error("the file cannot be read")]
    Unreadable,
    /// More than [`MAX_PICTURE_BYTES`] or [`MAX_PICTURE_PIXELS`].
    #[error("the picture is too large")]
    TooLarge,
    /// Neither PNG nor JPEG nor WebP.
    #[error("the file is no picture of a known kind")]
    UnknownKind,
    /// It begins like a picture, and cannot be decoded.
    #[error("the picture is damaged")]
    Damaged,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.0.width(), self.0.height())
    }
}

impl Picture {
    /// Reads a PNG, JPEG or WebP file.
    ///
    /// # Errors
    ///
    /// [`PictureError`], by the file's content, whatever its name is.
    pub fn read(path: &Path) -> Result<Self, PictureError> {
        let unreadable = |error| {
            tracing::debug!(%error, "a picture cannot be read");
            PictureError::Unreadable
        };
        // A pipe would never end, and opening one may wait for ever.
        let file = fs::metadata(path).map_err(unreadable)?;
        if !file.is_file() {
            return Err(PictureError::Unreadable);
        }
        if file.len() > MAX_PICTURE_BYTES {
            return Err(PictureError::TooLarge);
        }
        let mut bytes = Vec::new();
        let mut file = File::open(path).map_err(unreadable)?.take(MAX_PICTURE_BYTES + 1);
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        Self::decode(bytes)
    }

    /// Decodes the bytes of a PNG, JPEG or WebP file.
    ///
    /// # Errors
    ///
    /// [`PictureError`], but never [`PictureError::Unreadable`].
    pub fn decode(bytes: Vec<u8>) -> Result<Self, PictureError> {
        let picture = decoded(bytes, &FORMATS)?;
        let picture = if picture.has_alpha() {
            on_white(picture)
        } else {
            picture
        };
        Ok(Self(picture.into_luma8()))
    }

    /// A picture from its pixels, red, green and blue each, row by row from the top.
    ///
    /// # Errors
    ///
    /// [`PictureError::TooLarge`], and [`PictureError::Damaged`] if there are fewer pixels than the size says.
    pub fn from_rgb(width: usize, height: usize, pixels: impl Iterator<Item = [u8; 3]>) -> Result<Self, PictureError> {
        let (Ok(wide), Ok(high)) = (u32::try_from(width), u32::try_from(height)) else {
            return Err(PictureError::TooLarge);
        };
        if u64::from(wide) * u64::from(high) > MAX_PICTURE_PIXELS {
            return Err(PictureError::TooLarge);
        }
        let grey = pixels.take(width * height).map(grey).collect();
        GrayImage::from_raw(wide, high, grey).map_or(Err(PictureError::Damaged), |grey| Ok(Self(grey)))
    }
}

/// Decodes bytes of one of these formats, within the bounds.
pub(super) fn decoded(bytes: Vec<u8>, formats: &[ImageFormat]) -> Result<DynamicImage, PictureError> {
    if bytes.len() as u64 > MAX_PICTURE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let damaged = |error| {
        tracing::debug!(%error, "a picture cannot be decoded");
        PictureError::Damaged
    };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.or(Err(PictureError::UnknownKind))?;
    if !reader.format().is_some_and(|format| formats.contains(&format)) {
        return Err(PictureError::UnknownKind);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PICTURE_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(PictureError::TooLarge);
    }
    DynamicImage::from_decoder(decoder).map_err(damaged)
}

/// How light a colour is to the eye, by the weights of ITU-R BT.601.
fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

/// What lies under a transparent picture when a person looks at it.
fn on_white(picture: DynamicImage) -> DynamicImage {
    let mut picture = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let [red, green, blue, opacity] = pixel.0;
        let over = |part: u8| {
            let sum = u32::from(part) * u32::from(opacity) + 255 * (255 - u32::from(opacity));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        pixel.0 = [over(red), over(green), over(blue), 255];
    }
    picture.into()
}
