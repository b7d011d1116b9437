//! Brings a content to the disk while the rest of it still comes in, so that little is left to wait for at its end.

use std::io;

use tokio::task::{JoinError, JoinSet};

use super::BlobError;
use super::folder::Folder;
use crate::party::ContentHash;

/// After how many bytes the disk is told again.
pub(super) const PORTION: u64 = 64 << 20;

/// The content that comes in.
pub(super) struct Flushing {
    folder: Folder,
    hash: ContentHash,
    portion: u64,
    /// Once so many bytes have arrived it is due.
    due: u64,
    /// One at most.
    running: JoinSet<Result<(), BlobError>>,
}

impl Flushing {
    pub(super) fn new(folder: &Folder, hash: ContentHash, portion: u64) -> Self {
        Self {
            folder: folder.clone(),
            hash,
            portion,
            due: portion,
            running: JoinSet::new(),
        }
    }

    /// So many bytes have arrived in all.
    ///
    /// # Errors
    /// Of what was flushed before.
    pub(super) fn arrived(&mut self, bytes: u64) -> Result<(), BlobError> {
        if bytes < self.due {
            return Ok(());
        }
        if let Some(flushed) = self.running.try_join_next() {
            ended(flushed)?;
        }
        // If the disk is behind, it is told when it has done what it was told.
        if self.running.is_empty() {
            self.due = bytes.saturating_add(self.portion);
            let (folder, hash) = (self.folder.clone(), self.hash);
            self.running.spawn_blocking(move || folder.flush(hash));
        }
        Ok(())
    }

    /// Waits for the disk.
    ///
    /// # Errors
    /// Of what was flushed last.
    pub(super) async fn end(mut self) -> Result<(), BlobError> {
        while let Some(flushed) = self.running.join_next().await {
            ended(flushed)?;
        }
        Ok(())
    }
}

/// If it has panicked, or the runtime ends, that is a trouble of this side.
fn ended(flushed: Result<Result<(), BlobError>, JoinError>) -> Result<(), BlobError> {
    flushed.unwrap_or_else(|error| Err(BlobError::Io(io::Error::other(error))))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::stored;
    use super::*;

    const HASH: ContentHash = ContentHash([7; 32]);

    /// A folder, and the place of what has arrived in it.
    fn folder() -> (tempfile::TempDir, Folder, std::path::PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("files")).unwrap();
        fs::create_dir(folder.data()).unwrap();
        let content = folder.data().join(format!("{}.data", stored(HASH).to_hex()));
        (place, folder, content)
    }

    #[tokio::test]
    async fn each_portion_is_flushed_once() {
        let (_place, folder, content) = folder();
        fs::write(content, "what has arrived").unwrap();
        let mut flushing = Flushing::new(&folder, HASH, 10);
        flushing.arrived(9).unwrap();
        assert!(flushing.running.is_empty(), "it is not due");
        flushing.arrived(12).unwrap();
        assert_eq!((flushing.running.len(), flushing.due), (1, 22));
        flushing.arrived(21).unwrap();
        flushing.end().await.unwrap();
        folder.make_durable(HASH).unwrap();
    }

    #[tokio::test]
    async fn what_the_disk_could_not_take_is_told_then_and_remembered_until_it_is_got_anew() {
        let (_place, folder, content) = folder();
        // What cannot be opened for writing cannot be flushed.
        fs::create_dir(&content).unwrap();
        let mut flushing = Flushing::new(&folder, HASH, 10);
        flushing.arrived(10).unwrap();
        assert!(matches!(flushing.end().await, Err(BlobError::Io(_))));
        fs::remove_dir(content).unwrap();
        assert!(matches!(folder.make_durable(HASH), Err(BlobError::Damaged)));
        folder.forgotten(HASH);
        folder.make_durable(HASH).unwrap();
    }
}
