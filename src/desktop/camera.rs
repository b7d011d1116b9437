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

/// Which camera, as long as it is plugged in: on Linux the path of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraId(pub String);

/// A camera that a person can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraOffer {
    /// Which one.
    pub id: CameraId,
    /// What it calls itself. No other of the same list has this name.
    pub name: String,
}

/// The cameras of a computer. All of this may block: for a thread of its own.
pub trait Cameras: Send + Sync {
    /// Those to choose from, the one that is likely to be meant first. If none can be used, but one is there, it is the only
    /// one: [`Cameras::open`] says why it cannot.
    fn list(&self) -> Vec<CameraOffer>;

    /// Switches one on. It goes off when what this gives is dropped.
    ///
    /// # Errors
    ///
    /// [`CameraError`].
    fn open(&self, camera: &CameraId) -> Result<Box<dyn Frames>, CameraError>;
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
    fn list(&self) -> Vec<CameraOffer> {
        Vec::new()
    }

    fn open(&self, _: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
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
