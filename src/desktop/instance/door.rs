//! Where a running window listens, and where another start knocks: what each system has for it.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{Door, knock};
#[cfg(windows)]
pub(super) use windows::{Door, knock};
