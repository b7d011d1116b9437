//! A folder for what lasts no longer than one command.

use std::io;
use std::path::{Path, PathBuf};

/// A folder among this system's temporary files, only for this user, removed when this is dropped.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes a folder. Its name begins with `partyline-` and `what_for`.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn new(what_for: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("partyline-{what_for}-{:016x}", rand::random::<u64>()));
        create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

/// Temporary folders are each person's own there.
#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<()> {
    std::fs::create_dir(path)
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a temporary folder could not be removed");
        }
    }
}
