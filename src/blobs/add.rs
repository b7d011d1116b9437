//! Takes a file of the person's in: copied, hashed, on the disk.

use std::io;
use std::path::Path;

use iroh_blobs::BlobFormat;
use iroh_blobs::api::Store;
use iroh_blobs::api::blobs::{AddPathOptions, AddProgressItem, ImportMode};
use n0_future::StreamExt as _;
use tokio::sync::watch;

use super::{BlobError, Blobs, Progress, blocking};
use crate::party::ContentHash;

impl Blobs {
    /// Copies a file in and returns its hash and its length in bytes; when it returns, the content is on the disk for good.
    /// A file is read twice, once to copy and once to hash, so each byte counts half a byte of progress both times.
    ///
    /// One file is added at a time; others wait. Dropping the future gives up.
    ///
    /// # Errors
    /// [`BlobError::Unreadable`], also for what is no file; [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn add(&self, path: &Path, progress: &watch::Sender<Progress>) -> Result<(ContentHash, u64), BlobError> {
        let path = path.to_owned();
        let path = blocking(move || readable(&path).map_err(BlobError::Unreadable)).await?;
        let _alone = self.adding.lock().await;
        // What an earlier attempt left that was given up or failed.
        let sweeping = self.shelf.folder().clone();
        blocking(move || sweeping.sweep()).await?;
        self.shelf
            .on(async |store| {
                let added = self.import(&store, &path, progress).await;
                if added.is_err() {
                    let sweeping = self.shelf.folder().clone();
                    blocking(move || sweeping.sweep()).await?;
                }
                added
            })
            .await
    }

    async fn import(
        &self,
        store: &Store,
        path: &Path,
        progress: &watch::Sender<Progress>,
    ) -> Result<(ContentHash, u64), BlobError> {
        let import = store.add_path_with_opts(AddPathOptions {
            path: path.to_owned(),
            format: BlobFormat::Raw,
            mode: ImportMode::Copy,
        });
        let mut items = import.stream().await;
        let mut total = 0;
        while let Some(item) = items.next().await {
            let passed = match item {
                AddProgressItem::Size(size) => {
                    total = size;
                    0
                }
                AddProgressItem::CopyProgress(copied) => copied,
                AddProgressItem::CopyDone => total,
                AddProgressItem::OutboardProgress(hashed) => total.saturating_add(hashed),
                AddProgressItem::Done(held) => {
                    let hash = ContentHash(*held.hash().as_bytes());
                    store.tags().set(hash.0, held.hash_and_format()).await?;
                    self.shelf.make_durable(store, hash).await?;
                    progress.send_replace(Progress { done: total, total });
                    return Ok((hash, total));
                }
                AddProgressItem::Error(error) => return Err(error.into()),
            };
            progress.send_replace(Progress {
                done: passed / 2,
                total,
            });
        }
        Err(BlobError::Io(io::Error::other("the file was not taken in")))
    }
}

/// The path from the root on, of a file that can be read.
fn readable(path: &Path) -> io::Result<std::path::PathBuf> {
    let path = std::path::absolute(path)?;
    // First, because opening a pipe would wait for its other end.
    let metadata = path.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    std::fs::File::open(&path)?;
    Ok(path)
}
