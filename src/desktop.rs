//! What the operating system's desktop gives to the window: files that the person chooses, pictures and a camera to find a QR
//! in, links, other starts of the program, notifications.
//!
//! Everything here blocks, and is called on a thread of its own, never in a frame. It knows neither egui nor the engine.
//!
//! - **Invariant:** a link or a picture only ever fills a field; nothing is started by it.
//! - **Invariant:** a picture is bounded in bytes, pixels and memory before it is decoded.

mod arrival;
mod camera;
mod chooser;
mod instance;
mod links;
mod notifier;
mod picture;
#[cfg(target_os = "linux")]
mod portal;
mod qr;
mod scan;
mod screen;

pub use arrival::{Arrival, Arrivals};
pub use camera::{
    CameraError, CameraId, CameraOffer, Cameras, Frame, Frames, Layout, NoCameras, Pixels, Preview, Seen, TICK,
    Viewfinder, system_cameras, watch,
};
pub use chooser::{Choice, ChooseError, Question, Surface, choose};
pub use instance::{Instance, Listening, MAX_MESSAGE, Start, start};
pub use links::{Links, LinksError, register_links_once, set_links};
pub use notifier::{About, Notification, Notifier};
pub use picture::{MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, Picture, PictureError};
pub use qr::{QrError, read_qr};
pub use scan::{ScanError, ScanSource, scan};
pub use screen::ScreenError;
