//! Small pictures of files that are pictures.
//!
//! What is decoded comes from others, so it is bounded before a byte of it is looked at: how long the file is, how many pixels
//! it says it has, and how much memory the decoder may take. One picture at a time.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};
use iroh_blobs::protocol::ChunkRanges;

use super::{BlobError, Blobs, Holding, blocking, stored};
use crate::party::ContentHash;

/// The longest file that is looked at, in bytes.
pub const MAX_PICTURE_BYTES: u64 = 32 * 1024 * 1024;

/// The largest picture that is decoded, in pixels.
pub const MAX_PICTURE_PIXELS: u64 = 64 * 1024 * 1024;

/// How wide and how high a small picture is at most, in pixels.
pub const THUMBNAIL_SIDE: u32 = 320;

/// What the decoder may take, in bytes: four for each pixel.
const MAX_MEMORY: u64 = 4 * MAX_PICTURE_PIXELS;

/// A small picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, row by row from the top, opacity not multiplied in.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Thumbnail({} x {})", self.width, self.height)
    }
}

impl Blobs {
    /// A small picture of a content that is a PNG, JPEG, GIF or WebP picture, upright, of an animation its first frame. None
    /// for everything else: what is no picture, damaged, too large, or not whole on this device.
    ///
    /// # Errors
    /// [`BlobError::Damaged`], [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn thumbnail(&self, hash: ContentHash) -> Result<Option<Thumbnail>, BlobError> {
        match self.has(hash).await? {
            Holding::Whole(length) if length <= MAX_PICTURE_BYTES => {}
            Holding::Whole(_) | Holding::Part(_) | Holding::Nothing => return Ok(None),
        }
        let _alone = self.shrinking.lock().await;
        let bytes = self
            .shelf
            .on(async |store| {
                let bytes = store.export_bao(stored(hash), ChunkRanges::all()).data_to_vec().await;
                bytes.map_err(|error| {
                    tracing::warn!("a stored picture cannot be read: {error:#}");
                    BlobError::Damaged
                })
            })
            .await?;
        // A decoder that panics over a picture has not shown it, and nothing else is the matter.
        Ok(blocking(move || Ok(shrink(bytes))).await.unwrap_or(None))
    }
}

/// Decodes a picture and makes it small.
fn shrink(bytes: Vec<u8>) -> Option<Thumbnail> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PICTURE_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let mut small = if width.max(height) > THUMBNAIL_SIDE {
        picture.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    } else {
        picture
    };
    small.apply_orientation(orientation);
    let small = small.into_rgba8();
    Some(Thumbnail {
        width: small.width(),
        height: small.height(),
        rgba: small.into_raw(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage};

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 255 } else { 0 }, 0, 0]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A PNG whose header says another size than it has.
    fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = encoded(8, 8, ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    /// The checksum of PNG (ISO 3309), so that only the size is wrong.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn every_kind_of_picture_is_made_small_and_keeps_its_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let small = shrink(encoded(640, 200, format)).unwrap();
            assert_eq!((small.width, small.height), (320, 100), "{format:?}");
            assert_eq!(small.rgba.len(), 320 * 100 * 4);
            assert!(small.rgba[0] > 200 && small.rgba[319 * 4] < 50, "{format:?}");
        }
    }

    #[test]
    fn a_small_picture_stays_as_it_is() {
        let small = shrink(encoded(40, 30, ImageFormat::Png)).unwrap();
        assert_eq!((small.width, small.height), (40, 30));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_decoded() {
        assert!(shrink(png_that_claims(8, 8)).is_some(), "the checksum is right");
        for (width, height) in [(65_535, 65_535), (u32::MAX >> 1, 1), (1, u32::MAX >> 1), (8193, 8193)] {
            assert_eq!(shrink(png_that_claims(width, height)), None, "{width} x {height}");
        }
    }

    #[test]
    fn what_is_cut_short_damaged_or_no_picture_is_no_picture() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = encoded(64, 64, format);
            for length in [0, 1, 8, 20, whole.len() / 2] {
                // A decoder may show what there is; it must not fail loudly.
                drop(shrink(whole[..length].to_vec()));
            }
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] ^= 0xff;
                drop(shrink(damaged));
            }
        }
        assert_eq!(shrink(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()), None);
        assert_eq!(shrink(vec![0; 1000]), None);
    }
}
