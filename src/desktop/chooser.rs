//! The system's own dialog to choose files and folders.
//!
//! On Linux the desktop portal shows it (`org.freedesktop.portal.FileChooser`), so no system library is needed for it, and
//! that there is none can be told apart from a person who changed their mind.

#[cfg(target_os = "linux")]
mod portal;
#[cfg(any(windows, target_os = "macos"))]
mod system;

use std::path::PathBuf;

/// What the person is asked to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One file or more that exist.
    Files,
    /// One picture that exists.
    Picture,
    /// A folder that exists.
    Folder,
    /// Where to write a file.
    SaveAs {
        /// The name that is suggested.
        name: String,
    },
}

/// The kinds of pictures that are offered, and the name for them all.
const PICTURES: &str = "PNG, JPEG, WebP";

/// What shows a window of this program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// An X11 window of this id.
    X11(u32),
    /// A Wayland compositor.
    Wayland,
    /// Another system, or it is not known.
    #[default]
    Other,
}

/// A question to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What they are asked to choose.
    pub choice: Choice,
    /// What stands above the dialog.
    pub title: &'static str,
    /// The window that asks.
    pub surface: Surface,
}

/// Why the person could not choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// There is no session bus to ask the desktop over.
    #[error("there is no session bus")]
    NoBus,
    /// This desktop shows no such dialog to programs.
    #[error("the desktop offers no file dialog")]
    NotOffered,
    /// It does, but showed none, or the dialog ended by itself.
    #[error("the desktop's file dialog gave no answer")]
    Failed,
}

/// Asks the person and waits for them; gives nothing if they changed their mind. Blocks: for a thread of its own.
///
/// # Errors
///
/// [`ChooseError`].
#[cfg(target_os = "linux")]
pub fn choose(question: &Question) -> Result<Vec<PathBuf>, ChooseError> {
    portal::choose(question)
}

/// Asks the person and waits for them; gives nothing if they changed their mind. Blocks: for a thread of its own.
///
/// # Errors
///
/// None here.
#[cfg(any(windows, target_os = "macos"))]
pub fn choose(question: &Question) -> Result<Vec<PathBuf>, ChooseError> {
    Ok(system::choose(question))
}

/// There is nothing to ask here.
///
/// # Errors
///
/// [`ChooseError::NotOffered`].
#[cfg(not(any(windows, target_os = "macos", target_os = "linux")))]
pub fn choose(_: &Question) -> Result<Vec<PathBuf>, ChooseError> {
    Err(ChooseError::NotOffered)
}
