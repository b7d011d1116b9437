//! The contents of files, each known by the BLAKE3 hash of its bytes: kept in the profile's folder, handed to members'
//! devices, fetched from them. The only room that names `iroh_blobs` and `image`.
//!
//! Which files there are, what they are called and who may have them is the party's business; here is only content. It is
//! verified whenever it moves, in groups of 16 KiB against the hash: when it is added, while it streams in from a peer, when it
//! is served and when it is saved to a file of the person's. What has arrived before a cut or a crash is kept and need not be
//! sent again.
//!
//! # On disk
//!
//! `<profile>/files/` is for this user alone, like the profile itself. Files up to 16 KiB lie in its database, others in files
//! of their own, in clear: the operating system's disk encryption is what protects them at rest. Adding a file always copies
//! it, also a large one: what a person goes on working with may change at any moment, and a member would then be sent bytes
//! that no longer match their hash. (Where the file system can, the copy shares its blocks and costs nothing.)
//!
//! # Limits
//!
//! - A fetch takes exactly the length it was told, and ends if nothing arrives for 30 seconds.
//! - One device may have four connections served at a time, each with one request at a time, and may wait ten seconds
//!   between two. Only single files are served: no collections, no uploads, no questions about what is here.
//! - One file at a time is added, and one picture at a time is made small.

mod access;
mod add;
mod error;
mod fetch;
mod flushing;
mod folder;
mod reclaim;
mod save;
mod serve;
mod shelf;
mod thumbnail;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use iroh_blobs::api::blobs::BlobStatus;
use iroh_blobs::{Hash, HashAndFormat};
use n0_future::StreamExt as _;
use tokio::sync::Mutex;

use crate::party::ContentHash;
use serve::Guests;
use shelf::{Shelf, asked};

pub use access::Access;
pub use error::BlobError;
pub use iroh_blobs::ALPN;
pub use save::Existing;
pub use thumbnail::{MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, THUMBNAIL_SIDE, Thumbnail};

/// The same hash in the store's words.
const fn stored(hash: ContentHash) -> Hash {
    Hash::from_bytes(hash.0)
}

/// How far something is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is done.
    pub done: u64,
    /// What there is; 0 until it is known.
    pub total: u64,
}

/// How much of a content is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Nothing.
    Nothing,
    /// So many bytes of it, from an earlier fetch that did not end.
    Part(u64),
    /// All of it: so many bytes.
    Whole(u64),
}

/// The contents on this device. Cheap to clone; every call may wait for the disk.
#[derive(Clone, Debug)]
pub struct Blobs {
    shelf: Arc<Shelf>,
    /// Held while a file is added.
    adding: Arc<Mutex<()>>,
    /// Held while a picture is made small, because that takes memory.
    shrinking: Arc<Mutex<()>>,
    guests: Arc<Guests>,
}

impl Blobs {
    /// Opens the contents in this folder, or makes it. Must be called inside the runtime.
    ///
    /// # Errors
    /// [`BlobError::Exposed`], [`BlobError::Full`], [`BlobError::Damaged`] and [`BlobError::Io`].
    pub async fn open(folder: &Path) -> Result<Self, BlobError> {
        Ok(Self {
            shelf: Arc::new(Shelf::open(folder).await?),
            adding: Arc::default(),
            shrinking: Arc::default(),
            guests: Arc::default(),
        })
    }

    /// How much of a content is here.
    ///
    /// # Errors
    /// [`BlobError::Damaged`], [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn has(&self, hash: ContentHash) -> Result<Holding, BlobError> {
        self.shelf
            .on(async |store| {
                Ok(match asked(store.status(stored(hash)).await)? {
                    BlobStatus::NotFound => Holding::Nothing,
                    BlobStatus::Complete { size } => Holding::Whole(size),
                    BlobStatus::Partial { .. } => {
                        let local = store.remote().local(HashAndFormat::raw(stored(hash))).await;
                        Holding::Part(local.map_err(|_unreadable| BlobError::Damaged)?.local_bytes())
                    }
                })
            })
            .await
    }

    /// Everything that is here as a whole, to be asked once at a start.
    ///
    /// # Errors
    /// [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn whole(&self) -> Result<BTreeSet<ContentHash>, BlobError> {
        self.shelf
            .on(async |store| {
                let mut whole = BTreeSet::new();
                for hash in store.list().hashes().await? {
                    if let BlobStatus::Complete { .. } = asked(store.status(hash).await)? {
                        whole.insert(ContentHash(*hash.as_bytes()));
                    }
                }
                Ok(whole)
            })
            .await
    }

    /// Forgets a content and gives its space back before it returns. One that is not here, or is being served, is no matter.
    ///
    /// # Errors
    /// [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn forget(&self, hash: ContentHash) -> Result<(), BlobError> {
        self.shelf
            .on(async |store| {
                store.tags().delete(hash.0).await?;
                Ok(())
            })
            .await?;
        self.shelf.reclaim().await?;
        self.shelf.folder().forgotten(hash);
        Ok(())
    }

    /// Forgets everything but these, and gives the space back before it returns. What is just being added or fetched and is
    /// not among them may be lost to that, or not.
    ///
    /// # Errors
    /// [`BlobError::Full`] and [`BlobError::Io`].
    pub async fn forget_all_but(&self, kept: &BTreeSet<ContentHash>) -> Result<(), BlobError> {
        self.shelf
            .on(async |store| {
                let mut tags = asked(store.tags().list().await)?;
                while let Some(tag) = tags.next().await {
                    let tag = tag.map_err(|error| BlobError::below(&error))?;
                    if !kept.contains(&ContentHash(*tag.hash.as_bytes())) {
                        store.tags().delete(tag.name).await?;
                    }
                }
                Ok(())
            })
            .await?;
        self.shelf.reclaim().await
    }

    /// What the folder takes on the disk, in bytes.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn size_on_disk(&self) -> Result<u64, BlobError> {
        let folder = self.shelf.folder().clone();
        blocking(move || folder.size()).await
    }

    /// Writes down what is on its way to the disk and closes the folder. Every later call fails.
    pub async fn shut_down(&self) {
        self.shelf.shut_down().await;
    }
}

/// Does what waits for the disk or computes for long where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // It panicked, or the runtime ends.
        Err(error) => Err(BlobError::Io(std::io::Error::other(error))),
    }
}
