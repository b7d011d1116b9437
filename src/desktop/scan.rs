//! One scan, from where the picture is to the code that it shows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::screen;
use super::{CameraError, ChooseError, Picture, PictureError, QrError, ScreenError, read_qr};

/// Where the picture of a QR is.
#[derive(Debug)]
pub enum ScanSource {
    /// Here.
    Picture(Result<Picture, PictureError>),
    /// In a file.
    File(PathBuf),
    /// In a part of the screen that the person picks.
    Screen,
}

/// Why a scan gives no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The person could not choose a file.
    #[error(transparent)]
    Choose(#[from] ChooseError),
    /// There is no picture.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// There is no screenshot.
    #[error(transparent)]
    Screen(#[from] ScreenError),
    /// The camera shows nothing.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// There is a picture, and no code in it.
    #[error(transparent)]
    Qr(#[from] QrError),
}

/// Gets the picture and reads its invite code; none if the person changed their mind. Blocks: for a thread of its own.
///
/// # Errors
///
/// [`ScanError`].
pub fn scan(source: ScanSource) -> Result<Option<Zeroizing<String>>, ScanError> {
    let picture = match source {
        ScanSource::Picture(picture) => picture?,
        ScanSource::File(path) => guarded(|| Picture::read(&path)).unwrap_or(Err(PictureError::Damaged))?,
        ScanSource::Screen => match screen::capture()? {
            None => return Ok(None),
            Some(path) => {
                let picture = guarded(|| Picture::read(&path)).unwrap_or(Err(PictureError::Damaged));
                screen::discard(&path);
                picture?
            }
        },
    };
    guarded(|| read_qr(&picture))
        .unwrap_or(Err(QrError::Nothing))
        .map(Some)
        .map_err(ScanError::from)
}

/// Runs a reader of hostile bytes. One that panics over a picture has read nothing, and nothing else is the matter.
pub(super) fn guarded<R>(read: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}
