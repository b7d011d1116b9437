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
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a temporary folder could not be removed");
        }
    }
}
