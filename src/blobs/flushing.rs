//! Brings a content to the disk while the rest of it still comes in, so that little is left to wait for at its end.

use std::mem;

use tokio::task::JoinSet;

use super::folder::Folder;
use super::{BlobError, blocking};
use crate::party::ContentHash;

/// After how many bytes the disk is told again.
const PORTION: u64 = 64 << 20;

/// The content that comes in.
pub(super) struct Flushing {
    folder: Folder,
    hash: ContentHash,
    /// Once so many bytes have arrived it is due.
    due: u64,
    /// One at most.
    running: JoinSet<Result<(), BlobError>>,
}

impl Flushing {
    pub(super) fn new(folder: &Folder, hash: ContentHash) -> Self {
        Self {
            folder: folder.clone(),
            hash,
            due: PORTION,
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
        match self.running.try_join_next() {
            Some(flushed) => ended(flushed)?,
            // The disk is behind: it is told when it is done.
            None if !self.running.is_empty() => return Ok(()),
            None => {}
        }
        self.due = bytes.saturating_add(PORTION);
        let (folder, hash) = (self.folder.clone(), self.hash);
        self.running.spawn(blocking(move || folder.flush(hash)));
        Ok(())
    }

    /// Waits for the disk. What it could not write it says only once, so nobody may go by without having heard it.
    ///
    /// # Errors
    /// Of what was flushed last.
    pub(super) async fn end(&mut self) -> Result<(), BlobError> {
        let mut running = mem::take(&mut self.running);
        while let Some(flushed) = running.join_next().await {
            ended(flushed)?;
        }
        Ok(())
    }
}

/// If it has panicked, or the runtime ends, that is a trouble of this side.
fn ended(flushed: Result<Result<(), BlobError>, tokio::task::JoinError>) -> Result<(), BlobError> {
    flushed.unwrap_or_else(|error| Err(BlobError::Io(std::io::Error::other(error))))
}
