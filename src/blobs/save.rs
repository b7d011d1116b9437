//! Saves a content as a file of the person's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use iroh_blobs::api::blobs::EncodedItem;
use iroh_blobs::protocol::ChunkRanges;
use n0_future::StreamExt as _;
use rand::RngExt as _;
use tokio::sync::{mpsc, watch};

use super::folder::sync_folder;
use super::{BlobError, Blobs, Holding, Progress, blocking, stored};
use crate::party::ContentHash;

/// Pieces of 16 KiB that may wait for the disk.
const WAITING: usize = 64;

/// What to do if there is a file at the place to save to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and saving fails.
    Keep,
    /// It is replaced.
    Replace,
}

impl Blobs {
    /// Saves a content to a file, verified once more. The file is there whole or not at all, and on the disk when this
    /// returns. Its folder must be there. Dropping the future gives up.
    ///
    /// # Errors
    /// [`BlobError::NotHere`] if any of it is missing, [`BlobError::Damaged`], [`BlobError::Exists`],
    /// [`BlobError::Unwritable`], [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn save(
        &self,
        hash: ContentHash,
        to: &Path,
        existing: Existing,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), BlobError> {
        let Holding::Whole(total) = self.has(hash).await? else {
            return Err(BlobError::NotHere);
        };
        let (pieces, waiting) = mpsc::channel(WAITING);
        let to = to.to_owned();
        let writing = blocking(move || write(&to, existing, waiting));
        let reading = async {
            // Moved in, so that the writer sees the end.
            let pieces = pieces;
            let read = self.read(hash, total, &pieces, progress).await;
            if read.is_ok() {
                // A writer that has failed says why itself.
                pieces.send(Piece::End).await.ok();
            }
            read
        };
        let (written, read) = tokio::join!(writing, reading);
        read.and(written)
    }

    /// Reads a whole content, verified, piece by piece.
    async fn read(
        &self,
        hash: ContentHash,
        total: u64,
        pieces: &mpsc::Sender<Piece>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), BlobError> {
        self.shelf
            .on(async |store| {
                let mut items = std::pin::pin!(store.export_bao(stored(hash), ChunkRanges::all()).stream());
                let mut done = 0;
                while let Some(item) = items.next().await {
                    match item {
                        EncodedItem::Leaf(leaf) => {
                            done += leaf.data.len() as u64;
                            if pieces.send(Piece::Data(leaf.data.to_vec())).await.is_err() {
                                // The writer has failed, and says why.
                                return Ok(());
                            }
                            progress.send_replace(Progress { done, total });
                        }
                        EncodedItem::Error(error) => {
                            tracing::warn!("a stored file is damaged: {error}");
                            return Err(BlobError::Damaged);
                        }
                        EncodedItem::Size(_) | EncodedItem::Parent(_) | EncodedItem::Done => {}
                    }
                }
                if done == total { Ok(()) } else { Err(BlobError::Damaged) }
            })
            .await
    }
}

/// What the writer is given.
enum Piece {
    Data(Vec<u8>),
    /// That was all. Without it, what was written is thrown away.
    End,
}

/// Writes under another name first, on a thread that may wait for the disk.
fn write(to: &Path, existing: Existing, pieces: mpsc::Receiver<Piece>) -> Result<(), BlobError> {
    let draft = draft_beside(to).map_err(unwritable)?;
    let written = fill(&draft, to, existing, pieces);
    if written.is_err()
        && let Err(error) = fs::remove_file(&draft)
    {
        tracing::debug!(kind = ?error.kind(), "a draft was not removed");
    }
    written
}

fn fill(draft: &Path, to: &Path, existing: Existing, mut pieces: mpsc::Receiver<Piece>) -> Result<(), BlobError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(draft)
        .map_err(unwritable)?;
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Data(bytes)) => file.write_all(&bytes).map_err(unwritable)?,
            Some(Piece::End) => break,
            // Whoever reads has failed and says why, or has been given up.
            None => return Err(BlobError::NotHere),
        }
    }
    file.sync_all().map_err(unwritable)?;
    if existing == Existing::Keep {
        // Takes the name, so that nothing else can have it when the draft gets it.
        match File::create_new(to) {
            Ok(_name) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(BlobError::Exists),
            Err(error) => return Err(unwritable(error)),
        }
    }
    fs::rename(draft, to).map_err(unwritable)?;
    to.parent().map_or(Ok(()), sync_folder).map_err(unwritable)
}

/// A name of our own in the same folder, so that it can be renamed.
fn draft_beside(to: &Path) -> io::Result<PathBuf> {
    let name = to.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let number: u64 = rand::rng().random();
    let mut draft = std::ffi::OsString::from(".");
    draft.push(name);
    draft.push(format!(".{number:016x}.part"));
    Ok(std::path::absolute(to)?.with_file_name(draft))
}

fn unwritable(error: io::Error) -> BlobError {
    match BlobError::from(error) {
        BlobError::Io(error) => BlobError::Unwritable(error),
        other => other,
    }
}
