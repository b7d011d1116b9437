//! What the camera sees, on its way to the window. The newest picture takes the place of one that nobody has drawn.

use std::sync::{Mutex, PoisonError, TryLockError};

use super::Preview;
use crate::desktop::QrError;

/// Held by whoever looks. The camera goes off when it is dropped, or when nobody looks for long.
#[derive(Debug, Default)]
pub struct Viewfinder(Mutex<Seen>);

/// What is new in a viewfinder.
#[derive(Debug, Default)]
pub struct Seen {
    /// The newest picture.
    pub preview: Option<Preview>,
    /// There is a QR, but not the one that is looked for. Told once.
    pub other: Option<QrError>,
}

impl Viewfinder {
    /// Takes out what is new, without ever waiting: what is just being put in is there the next time.
    pub fn look(&self) -> Seen {
        match self.0.try_lock() {
            Ok(mut seen) => std::mem::take(&mut *seen),
            Err(TryLockError::Poisoned(poisoned)) => std::mem::take(&mut *poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Seen::default(),
        }
    }

    /// Shows a picture. Whether somebody has looked at the one before.
    pub(super) fn show(&self, preview: Preview) -> bool {
        let before = self.change(|seen| seen.preview.replace(preview));
        // Freed only after that, so that the window finds the lock open.
        before.is_none()
    }

    pub(super) fn tell(&self, other: QrError) {
        self.change(|seen| seen.other = Some(other));
    }

    fn change<R>(&self, with: impl FnOnce(&mut Seen) -> R) -> R {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
