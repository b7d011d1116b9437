//! Fetches a content from a member's device: verified while it streams in, from where it was left off.

use std::io;
use std::num::NonZeroU64;
use std::time::Duration;

use iroh::endpoint::{Connection, ConnectionError};
use iroh_blobs::HashAndFormat;
use iroh_blobs::api::Store;
use iroh_blobs::get::GetError;
use iroh_blobs::get::fsm::{
    AtBlobHeader, AtBlobHeaderNextError, BlobContentNext, ConnectedNext, DecodeError, EndBlobNext, start,
};
use iroh_blobs::protocol::{ERR_LIMIT, ERR_PERMISSION, GetRequest};
use tokio::sync::watch;
use tokio::time::timeout;

use super::flushing::{Flushing, PORTION};
use super::shelf::asked;
use super::{BlobError, Blobs, Holding, Progress, stored};
use crate::party::ContentHash;

/// How long a provider may send nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// Pieces of 16 KiB and hash pairs that may wait for the disk.
const WAITING: usize = 64;

/// After how many of them the database is told to write down that there is such a content; it would wait for half a second.
const COMMITTED_AFTER: usize = 4 * WAITING;

impl Blobs {
    /// Fetches what is missing of a content over a connection to a device that has it; one request, after which the
    /// connection can be used for another. When it returns, the content is whole and on the disk for good.
    ///
    /// What has arrived is kept, whether this fails, its future is dropped or the program is killed; the next call goes on
    /// from there, with whatever provider.
    ///
    /// # Errors
    /// Those for which [`BlobError::is_of_provider`], [`BlobError::Full`], [`BlobError::Damaged`] and [`BlobError::Io`].
    pub async fn fetch(
        &self,
        connection: &Connection,
        hash: ContentHash,
        length: u64,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), BlobError> {
        if self.shelf.folder().is_spoilt(hash) {
            self.forget(hash).await?;
        }
        let before = match self.has(hash).await? {
            Holding::Whole(found) if found == length => length,
            Holding::Whole(_) => return Err(BlobError::WrongLength),
            Holding::Part(bytes) => bytes,
            Holding::Nothing => 0,
        };
        progress.send_replace(Progress {
            done: before,
            total: length,
        });
        self.shelf
            .on(async |store| {
                let content = HashAndFormat::raw(stored(hash));
                let local = store.remote().local(content).await.map_err(damaged)?;
                if !local.is_complete() {
                    let incoming = Incoming {
                        store: &store,
                        content,
                        length,
                        before,
                        progress,
                    };
                    let mut flushing = Flushing::new(self.shelf.folder(), hash, PORTION);
                    let received = incoming.receive(connection, local.missing(), &mut flushing).await;
                    let flushed = flushing.end().await;
                    match received {
                        Err(error) if error.is_of_provider() => {
                            flushed?;
                            return Err(refused(connection).unwrap_or(error));
                        }
                        received => received.and(flushed)?,
                    }
                    if !store.remote().local(content).await.map_err(damaged)?.is_complete() {
                        return Err(BlobError::NotHeld);
                    }
                }
                // Also of what was here already: another party's file may be forgotten.
                store.tags().set(hash.0, content).await?;
                self.shelf.make_durable(&store, hash).await
            })
            .await
    }
}

/// A content on its way in.
struct Incoming<'a> {
    store: &'a Store,
    content: HashAndFormat,
    length: u64,
    /// How many bytes were here before.
    before: u64,
    progress: &'a watch::Sender<Progress>,
}

impl Incoming<'_> {
    /// Asks for what is missing and takes it.
    async fn receive(
        &self,
        connection: &Connection,
        missing: GetRequest,
        flushing: &mut Flushing,
    ) -> Result<(), BlobError> {
        let connected = start(connection.clone(), missing, Default::default())
            .next()
            .await
            .map_err(|error| provider(&error.into()))?;
        let next = spoken(connected.next())
            .await?
            .map_err(|error| provider(&error.into()))?;
        let ConnectedNext::StartRoot(start) = next else {
            // We ask for one file, and not for nothing of it.
            return Err(BlobError::NotHeld);
        };
        self.take(start.next(), flushing).await
    }

    async fn take(&self, header: AtBlobHeader, flushing: &mut Flushing) -> Result<(), BlobError> {
        let (content, size) = spoken(header.next()).await?.map_err(|error| provider(&error.into()))?;
        if size != self.length {
            return Err(BlobError::WrongLength);
        }
        let Some(size) = NonZeroU64::new(size) else {
            // Only one content is empty, and that one is always here.
            return Err(BlobError::WrongContent);
        };
        // What has no tag may be collected at any time.
        self.store
            .tags()
            .set(self.content.hash.as_bytes(), self.content)
            .await?;
        let import = asked(self.store.import_bao(self.content.hash, size, WAITING).await)?;
        let (mut content, items, stored) = (content, import.tx, import.rx);
        let reading = async {
            // Moved in, so that the store sees the end.
            let items = items;
            let mut passed = 0;
            loop {
                let end = match spoken(content.next()).await? {
                    BlobContentNext::More((rest, item)) => {
                        content = rest;
                        let item = item.map_err(|error| provider(&error.into()))?;
                        let received = content.stats().payload_bytes_read;
                        self.progress.send_replace(Progress {
                            done: self.before + received,
                            total: self.length,
                        });
                        flushing.arrived(received)?;
                        if items.send(item).await.is_err() {
                            // The store has failed, and says why.
                            return Ok(());
                        }
                        passed += 1;
                        if passed == COMMITTED_AFTER {
                            // From now on a crash leaves something to go on from.
                            self.store.sync_db().await?;
                        }
                        continue;
                    }
                    BlobContentNext::Done(end) => end,
                };
                if let EndBlobNext::Closing(closing) = end.next() {
                    spoken(closing.next()).await?.map_err(|error| provider(&error.into()))?;
                }
                return Ok(());
            }
        };
        let storing = async {
            match stored.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(BlobError::below(&error)),
                Err(_gone) => Err(BlobError::Io(io::Error::other("the store of files ended"))),
            }
        };
        // Both to their ends: what was verified before the provider failed is stored.
        let (read, stored) = tokio::join!(reading, storing);
        stored.and(read)
    }
}

/// What is here cannot be read.
fn damaged(error: impl std::fmt::Display) -> BlobError {
    tracing::warn!("a stored file cannot be read: {error:#}");
    BlobError::Damaged
}

/// Waits for the provider, who must not go silent.
async fn spoken<T>(next: impl Future<Output = T>) -> Result<T, BlobError> {
    timeout(SILENCE, next).await.map_err(|_elapsed| BlobError::Lost)
}

/// Whether the provider has closed the connection because this device may not have what it asked for.
fn refused(connection: &Connection) -> Option<BlobError> {
    match connection.close_reason()? {
        ConnectionError::ApplicationClosed(close) if [ERR_PERMISSION, ERR_LIMIT].contains(&close.error_code) => {
            Some(BlobError::Refused)
        }
        _ => None,
    }
}

/// What a trouble with the provider means.
fn provider(error: &GetError) -> BlobError {
    if error.iroh_error_code().is_some() {
        // It broke off the stream: its own trouble with the file.
        return BlobError::NotHeld;
    }
    match error {
        GetError::Decode {
            source: DecodeError::ParentHashMismatch { .. } | DecodeError::LeafHashMismatch { .. },
            ..
        } => BlobError::WrongContent,
        GetError::AtBlobHeaderNext {
            source: AtBlobHeaderNextError::NotFound { .. },
            ..
        }
        | GetError::Decode {
            source:
                DecodeError::ChunkNotFound { .. } | DecodeError::ParentNotFound { .. } | DecodeError::LeafNotFound { .. },
            ..
        } => BlobError::NotHeld,
        _ => BlobError::Lost,
    }
}
