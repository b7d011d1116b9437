//! A code that is held in front of the computer's camera.
//!
//! On Linux the camera is read through V4L2, which needs no library of the system. Elsewhere no camera is found; nor is one where
//! the program was built without the feature `camera`.
//!
//! - **Invariant:** a camera is on as long as somebody holds its [`Viewfinder`], and no more than ten seconds longer than somebody looks into it.
//! - **Invariant:** nothing that a camera sees is kept, but for the newest picture until it is drawn.

mod frame;
#[cfg(all(target_os = "linux", feature = "camera"))]
mod v4l;
mod viewfinder;
mod watch;

use std::sync::Arc;
use std::time::Duration;

pub use frame::{Frame, Layout, Pixels, Preview};
pub use viewfinder::{Seen, Viewfinder};
pub use watch::watch;

/// The longest that a camera is waited for at a time, so that it is soon seen that nobody looks any more.
pub const TICK: Duration = Duration::from_millis(50);

/// The cameras of a computer. All of this may block: for a thread of its own.
pub trait Cameras: Send + Sync {
    /// Whether there is one.
    fn exist(&self) -> bool;

    /// Switches on the one that is likely to be meant. It goes off when what this gives is dropped.
    ///
    /// # Errors
    ///
    /// [`CameraError`].
    fn open(&self) -> Result<Box<dyn Frames>, CameraError>;
}

/// A camera that is on.
pub trait Frames {
    /// The newest frame; none if none came within [`TICK`], or only a spoilt one.
    ///
    /// # Errors
    ///
    /// [`CameraError`]: there will be no more frames.
    fn next(&mut self) -> Result<Option<Frame>, CameraError>;
}

/// Why a camera shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// It was there, and is no more.
    #[error("there is no camera")]
    Gone,
    /// Another program uses it.
    #[error("the camera is in use")]
    Busy,
    /// This user may not use it.
    #[error("the camera may not be used")]
    NotAllowed,
    /// It gives no pictures of a kind that is known here.
    #[error("the camera gives no known kind of picture")]
    UnknownKind,
    /// It is on, and nothing comes for some ten seconds.
    #[error("the camera gives no picture")]
    Silent,
    /// It went off because nobody had seen its pictures for some ten seconds: the window is minimised or covered.
    #[error("nobody looks at what the camera sees")]
    Unwatched,
    /// Anything else.
    #[error("the camera failed")]
    Failed,
}

/// A computer without cameras.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCameras;

impl Cameras for NoCameras {
    fn exist(&self) -> bool {
        false
    }

    fn open(&self) -> Result<Box<dyn Frames>, CameraError> {
        Err(CameraError::Gone)
    }
}

/// The cameras of this computer.
#[cfg(all(target_os = "linux", feature = "camera"))]
#[must_use]
pub fn system_cameras() -> Arc<dyn Cameras> {
    Arc::new(v4l::VideoDevices)
}

/// None that this program could find.
#[cfg(not(all(target_os = "linux", feature = "camera")))]
#[must_use]
pub fn system_cameras() -> Arc<dyn Cameras> {
    Arc::new(NoCameras)
}
