//! Makes the system open links that begin with `partyline:` with this program, for this user.
//!
//! On Linux by a desktop file and the list of default programs, both of the XDG specifications, in the user's own folders. On
//! Windows by keys below `HKEY_CURRENT_USER`. On macOS by a small application that hands each link to this program, because
//! there a link comes to an application, never to a command line. Whatever opens a link, it only fills a field of the window.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", test))]
mod macos;
#[cfg(any(windows, test))]
mod windows;

use std::env;
use std::io;
#[cfg(not(any(target_os = "macos", windows)))]
use std::path::Path;

/// Whether links should open with this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// They should.
    Register,
    /// They should no longer.
    Remove,
}

/// Why the system could not be told.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// A file or a key cannot be written.
    #[error("the system's list of programs cannot be written: {0}")]
    Io(#[from] io::Error),
    /// This system has no place for it, or the program's own path cannot be written there.
    #[error("this system has no place for it")]
    NoPlace,
}

/// Tells the system, for this user alone and for the program that runs. Blocks.
///
/// # Errors
///
/// [`LinksError`]. Registering again does no harm.
pub fn set_links(links: Links) -> Result<(), LinksError> {
    set(links, &env::current_exe()?)
}

/// Registers on a thread of its own, unless links have a program already: for the first start of the window.
pub fn register_links_once() {
    let register = || {
        let registered = env::current_exe().map_err(LinksError::from).and_then(|program| {
            if is_set(&program) {
                Ok(())
            } else {
                set(Links::Register, &program)
            }
        });
        if let Err(error) = registered {
            tracing::warn!(%error, "links will not open with this program");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("links".to_owned()).spawn(register) {
        tracing::warn!(%error, "no thread to register links");
    }
}

#[cfg(target_os = "linux")]
fn set(links: Links, program: &Path) -> Result<(), LinksError> {
    linux::Places::of_user().ok_or(LinksError::NoPlace)?.set(links, program)
}

#[cfg(target_os = "linux")]
fn is_set(_: &Path) -> bool {
    linux::Places::of_user().is_none_or(|places| places.are_set())
}

#[cfg(target_os = "macos")]
use macos::{is_set, set};
#[cfg(windows)]
use windows::{is_set, set};

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn set(_: Links, _: &Path) -> Result<(), LinksError> {
    Err(LinksError::NoPlace)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn is_set(_: &Path) -> bool {
    true
}
