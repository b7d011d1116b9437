//! What the operating system's desktop gives to the window: pictures to find a QR in.
//!
//! Everything here blocks, and is called on a thread of its own, never in a frame. It knows neither egui nor the engine.
//!
//! - **Invariant:** a picture is bounded in bytes, pixels and memory before it is decoded.

mod picture;
mod qr;
mod scan;
mod screen;

pub use picture::{MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, Picture, PictureError};
pub use qr::{QrError, read_qr};
pub use scan::{ScanError, ScanSource, scan};
pub use screen::ScreenError;
