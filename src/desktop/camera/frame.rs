//! One frame of a camera, from the bytes that it sends to a picture that is searched and one that is shown.
//!
//! What a camera sends is not trusted: a frame that is shorter than its layout says, or whose JPEG is damaged, is no frame.

use image::{DynamicImage, GrayImage, ImageFormat};

use crate::desktop::picture::{MAX_PICTURE_PIXELS, Picture, decoded};
use crate::desktop::scan::guarded;

/// No preview is wider or higher than this, in pixels.
const MAX_PREVIEW: u32 = 720;

/// How the bytes of a frame are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What the bytes are.
    pub pixels: Pixels,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// From the beginning of one line to that of the next, in bytes; 0 if there is nothing between them.
    pub line: u32,
}

/// What the bytes of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// A JPEG file each, perhaps without its Huffman tables; it says itself how large it is.
    Jpeg,
    /// Light of one pixel, blue of both, light of the next, red of both.
    Yuyv,
    /// The light of all pixels, then blue and red of each four.
    Nv12,
    /// The light of all pixels, and no colours.
    Grey,
}

/// One frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What is searched.
    pub(super) light: Picture,
    /// What is shown.
    pub(super) preview: Preview,
}

/// A small picture in colours, as the camera sees it: not mirrored.
#[derive(Clone)]
pub struct Preview {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Red, green and blue of each pixel, row by row from the top.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Preview({} x {})", self.width, self.height)
    }
}

impl Frame {
    /// Reads the bytes of a frame; none if they are not what the layout says.
    #[must_use]
    pub fn decode(layout: Layout, bytes: Vec<u8>) -> Option<Self> {
        if layout.pixels == Pixels::Jpeg {
            return guarded(|| from_jpeg(bytes))?;
        }
        let raw = Raw::new(layout, &bytes)?;
        let light = Picture(GrayImage::from_raw(layout.width, layout.height, raw.light()?)?);
        let preview = Preview::sampled(layout.width, layout.height, |x, y| raw.rgb(x, y))?;
        Some(Self { light, preview })
    }
}

impl Preview {
    /// Takes every n-th pixel, so that it is small enough.
    fn sampled(width: u32, height: u32, rgb: impl Fn(u32, u32) -> Option<[u8; 3]>) -> Option<Self> {
        let step = width.max(height).div_ceil(MAX_PREVIEW).max(1);
        let (across, down) = (width / step, height / step);
        let places = (0..down).flat_map(|y| (0..across).map(move |x| (x * step, y * step)));
        let rgb = places.map(|(x, y)| rgb(x, y)).collect::<Option<Vec<_>>>()?;
        Some(Self {
            width: usize::try_from(across).ok()?,
            height: usize::try_from(down).ok()?,
            rgb: rgb.into_flattened(),
        })
    }
}

/// Bytes that are long enough for their layout.
struct Raw<'a> {
    pixels: Pixels,
    width: usize,
    height: usize,
    line: usize,
    /// Where the colours begin, if they stand apart.
    colours: usize,
    bytes: &'a [u8],
}

impl<'a> Raw<'a> {
    fn new(layout: Layout, bytes: &'a [u8]) -> Option<Self> {
        let (width, height) = (layout.width, layout.height);
        if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MAX_PICTURE_PIXELS {
            return None;
        }
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let shortest = match layout.pixels {
            Pixels::Yuyv => 4 * width.div_ceil(2),
            Pixels::Nv12 => 2 * width.div_ceil(2),
            Pixels::Grey | Pixels::Jpeg => width,
        };
        let line = match usize::try_from(layout.line).ok()? {
            0 => shortest,
            line => line,
        };
        let lines = match layout.pixels {
            Pixels::Nv12 => height + height.div_ceil(2),
            Pixels::Yuyv | Pixels::Grey | Pixels::Jpeg => height,
        };
        // Nothing has to follow the last line.
        let enough = line.checked_mul(lines - 1)?.checked_add(shortest)?;
        (line >= shortest && bytes.len() >= enough).then(|| Self {
            pixels: layout.pixels,
            width,
            height,
            line,
            colours: line * height,
            bytes,
        })
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The light of one pixel is so many bytes from that of the next.
    fn step(&self) -> usize {
        if self.pixels == Pixels::Yuyv { 2 } else { 1 }
    }

    /// The light of all pixels. A line at a time, since this is most of the work for a frame.
    fn light(&self) -> Option<Vec<u8>> {
        let mut light = Vec::with_capacity(self.width * self.height);
        for y in 0..self.height {
            let line = self.bytes.get(y * self.line..)?;
            light.extend(line.iter().step_by(self.step()).take(self.width));
        }
        Some(light)
    }

    fn rgb(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        let (x, y) = (x as usize, y as usize);
        let light = self.byte(y * self.line + x * self.step())?;
        let (blue, red) = match self.pixels {
            Pixels::Yuyv => {
                let pair = y * self.line + x / 2 * 4;
                (pair + 1, pair + 3)
            }
            Pixels::Nv12 => {
                let four = self.colours + y / 2 * self.line + x / 2 * 2;
                (four, four + 1)
            }
            Pixels::Grey | Pixels::Jpeg => return Some([light; 3]),
        };
        Some(rgb(light, self.byte(blue)?, self.byte(red)?))
    }
}

/// The colour that a screen shows for light, blue and red difference, by ITU-R BT.601 with black at 16 and white at 235.
fn rgb(light: u8, blue: u8, red: u8) -> [u8; 3] {
    let light = 298 * (i32::from(light) - 16) + 128;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let parts = [light + 409 * red, light - 100 * blue - 208 * red, light + 516 * blue];
    parts.map(|part| u8::try_from((part >> 8).clamp(0, 255)).unwrap_or(u8::MAX))
}

/// What stands at the beginning of a JPEG file.
const BEGIN: [u8; 2] = [0xff, 0xd8];

/// A segment that tells the decoder to use the Huffman tables of the standard where a file brings none, as most cameras leave them
/// out.
const MOTION_JPEG: [u8; 18] = *b"\xff\xe0\x00\x10AVI1\0\0\0\0\0\0\0\0\0\0";

fn from_jpeg(mut bytes: Vec<u8>) -> Option<Frame> {
    if !bytes.starts_with(&BEGIN) {
        return None;
    }
    bytes.splice(2..2, MOTION_JPEG);
    let colours = decoded(bytes, &[ImageFormat::Jpeg]).ok()?.into_rgb8();
    let (width, height) = colours.dimensions();
    let preview = Preview::sampled(width, height, |x, y| Some(colours.get_pixel_checked(x, y)?.0))?;
    let light = Picture(DynamicImage::from(colours).into_luma8());
    Some(Frame { light, preview })
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{Rgb, RgbImage};

    use super::*;

    fn layout(pixels: Pixels, width: u32, height: u32, line: u32) -> Layout {
        Layout {
            pixels,
            width,
            height,
            line,
        }
    }

    #[test]
    fn the_colours_of_test_bars_are_what_they_are_called() {
        // Light, blue and red difference of bars at full strength.
        for (light, blue, red, called) in [
            (235, 128, 128, [255, 255, 255]),
            (16, 128, 128, [0, 0, 0]),
            (81, 90, 240, [255, 0, 0]),
            (145, 54, 34, [0, 255, 0]),
            (41, 240, 110, [0, 0, 255]),
            // Beyond what a screen can show.
            (255, 255, 255, [255, 125, 255]),
            (0, 0, 0, [0, 135, 0]),
        ] {
            let shown = rgb(light, blue, red);
            let near = shown
                .iter()
                .zip(called)
                .all(|(shown, called)| shown.abs_diff(called) <= 1);
            assert!(near, "{light} {blue} {red}: {shown:?}, not {called:?}");
        }
    }

    #[test]
    fn yuyv_has_one_colour_for_two_pixels() {
        let bytes = vec![
            81, 90, 81, 240, 0xee, 0xee, // red, red, and what fills up the line
            235, 128, 16, 128, // white, black
        ];
        let frame = Frame::decode(layout(Pixels::Yuyv, 2, 2, 6), bytes).expect("a frame");
        assert_eq!(frame.light.0.as_raw(), &[81, 81, 235, 16]);
        assert_eq!((frame.preview.width, frame.preview.height), (2, 2));
        let red = [255, 0, 0];
        assert_eq!(frame.preview.rgb, [red, red, [255; 3], [0; 3]].concat());
    }

    #[test]
    fn nv12_has_one_colour_for_four_pixels() {
        let bytes = vec![
            145, 145, 0xee, // the first line
            145, 16, 0xee, // the second
            54, 34, // green
        ];
        let frame = Frame::decode(layout(Pixels::Nv12, 2, 2, 3), bytes).expect("a frame");
        assert_eq!(frame.light.0.as_raw(), &[145, 145, 145, 16]);
        let green = rgb(145, 54, 34);
        assert_eq!(frame.preview.rgb[..9], [green; 3].concat());
        assert_eq!(frame.preview.rgb[9..], rgb(16, 54, 34));
    }

    #[test]
    fn grey_is_shown_as_it_is() {
        let frame = Frame::decode(layout(Pixels::Grey, 3, 1, 0), vec![0, 7, 255]).expect("a frame");
        assert_eq!(frame.light.0.as_raw(), &[0, 7, 255]);
        assert_eq!(frame.preview.rgb, [0, 0, 0, 7, 7, 7, 255, 255, 255]);
    }

    #[test]
    fn a_large_frame_is_searched_whole_and_shown_small() {
        let frame = Frame::decode(layout(Pixels::Grey, 1920, 1080, 0), vec![9; 1920 * 1080]).expect("a frame");
        assert_eq!(frame.light.0.dimensions(), (1920, 1080));
        assert_eq!((frame.preview.width, frame.preview.height), (640, 360));
    }

    #[test]
    fn a_frame_that_is_too_short_is_none() {
        for (pixels, whole) in [
            (Pixels::Yuyv, 640 * 480 * 2),
            (Pixels::Nv12, 640 * 480 * 3 / 2),
            (Pixels::Grey, 640 * 480),
        ] {
            let decode = |length: usize| Frame::decode(layout(pixels, 640, 480, 0), vec![0; length]);
            assert!(decode(whole).is_some(), "{pixels:?}");
            assert!(decode(whole + 100).is_some(), "{pixels:?}: drivers round up");
            for length in [0, 1, whole / 2, whole - 1] {
                assert!(decode(length).is_none(), "{pixels:?} of {length} bytes");
            }
        }
    }

    #[test]
    fn a_size_that_cannot_be_is_none() {
        for (width, height, line) in [
            (0, 480, 0),
            (640, 0, 0),
            (640, 480, 1),
            (u32::MAX, u32::MAX, 0),
            (2, 2, u32::MAX),
        ] {
            for pixels in [Pixels::Yuyv, Pixels::Nv12, Pixels::Grey] {
                let layout = layout(pixels, width, height, line);
                assert!(Frame::decode(layout, vec![0; 1000]).is_none(), "{layout:?}");
            }
        }
    }

    /// Left red, right blue.
    fn jpeg() -> Vec<u8> {
        let picture = RgbImage::from_fn(64, 32, |x, _| Rgb(if x < 32 { [255, 0, 0] } else { [0, 0, 255] }));
        let mut bytes = Vec::new();
        picture
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90))
            .expect("a JPEG");
        bytes
    }

    /// The same file without its Huffman tables.
    fn without_tables(jpeg: &[u8]) -> Vec<u8> {
        let (mut kept, mut at) = (BEGIN.to_vec(), 2);
        loop {
            let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            match jpeg[at + 1] {
                // The picture itself, to the end.
                0xda => return [kept, jpeg[at..].to_vec()].concat(),
                0xc4 => {}
                _ => kept.extend(&jpeg[at..at + length]),
            }
            at += length;
        }
    }

    #[test]
    fn a_jpeg_says_its_own_size_and_needs_no_tables() {
        let whole = jpeg();
        let bare = without_tables(&whole);
        assert!(bare.len() < whole.len() - 400, "the tables are gone");
        let decode = |bytes| Frame::decode(layout(Pixels::Jpeg, 1, 1, 0), bytes).expect("a frame");
        let (whole, bare) = (decode(whole), decode(bare));
        assert_eq!((whole.preview.width, whole.preview.height), (64, 32));
        assert_eq!(whole.preview.rgb, bare.preview.rgb);
        let [left, right] = [&whole.preview.rgb[..3], &whole.preview.rgb[63 * 3..64 * 3]];
        assert!(
            left[0] > 240 && left[2] < 15 && right[0] < 15 && right[2] > 240,
            "{left:?} {right:?}"
        );
    }

    #[test]
    fn a_damaged_jpeg_is_skipped() {
        let good = jpeg();
        let decode = |bytes: &[u8]| Frame::decode(layout(Pixels::Jpeg, 64, 32, 0), bytes.to_vec());
        for length in 0..good.len() / 2 {
            // Whether something can be seen in it or not, nothing panics.
            drop(decode(&good[..length]));
        }
        assert!(decode(&good[..20]).is_none());
        assert!(decode(b"\x89PNG\r\n\x1a\n").is_none(), "another kind of file");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            drop(decode(&bad));
        }
    }
}
