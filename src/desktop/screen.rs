//! A picture of a part of the screen, which the person picks in the desktop's own tool.
//!
//! On Linux the desktop portal asks (`org.freedesktop.portal.Screenshot`), so the program sees nothing but what the person
//! gives it. Windows and macOS have no such question: there the person takes the picture with the system's keys, and pastes it.

#[cfg(target_os = "linux")]
mod portal;

use std::fs;
use std::path::{Path, PathBuf};

/// Why there is no picture of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    /// This desktop has nothing that asks the person for a part of the screen.
    #[error("the desktop offers no screenshots")]
    NotOffered,
    /// It has, and took no picture.
    #[error("the desktop took no screenshot")]
    Failed,
}

/// Asks the person for a part of the screen; gives the file that the desktop has put it into, and none if they changed their
/// mind. Waits for the person.
#[cfg(target_os = "linux")]
pub(super) fn capture() -> Result<Option<PathBuf>, ScreenError> {
    portal::capture()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn capture() -> Result<Option<PathBuf>, ScreenError> {
    Err(ScreenError::NotOffered)
}

/// Takes the file away: it was made for one look, and shows an invite code.
pub(super) fn discard(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(%error, "the screenshot stays");
    }
}
