//! The store behind everything, and what to do when it breaks.
//!
//! Its database ends with the first write that fails, on a full disk for instance, and then answers nothing. So after a
//! trouble of this side the store is asked whether it still lives; if not, it is opened anew when it is next needed. What was
//! committed is still there.

use std::path::Path;
use std::sync::Arc;

use iroh_blobs::api::{RequestError, Store};
use iroh_blobs::store::fs::FsStore;
use iroh_blobs::store::fs::options::Options;
use tokio::sync::Mutex;

use super::folder::Folder;
use super::reclaim::Reclaimer;
use super::{BlobError, blocking};
use crate::party::ContentHash;

/// The folder and its store.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: Folder,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open {
        store: Store,
        reclaimer: Arc<Reclaimer>,
    },
    /// To be opened again.
    Broken,
    /// For good.
    Closed,
}

impl Shelf {
    pub(super) async fn open(path: &Path) -> Result<Self, BlobError> {
        let path = path.to_owned();
        let folder = blocking(move || Folder::open(&path)).await?;
        let state = load(&folder).await?;
        Ok(Self {
            folder,
            state: Mutex::new(state),
        })
    }

    pub(super) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Works with the store; sees to it if that fails.
    pub(super) async fn on<T>(&self, work: impl AsyncFnOnce(Store) -> Result<T, BlobError>) -> Result<T, BlobError> {
        let (store, _) = self.store().await?;
        let done = work(store).await;
        if let Err(error) = &done
            && !error.is_of_provider()
        {
            self.check().await;
        }
        done
    }

    /// Gives back the space of what no tag holds.
    pub(super) async fn reclaim(&self) -> Result<(), BlobError> {
        let (_, reclaimer) = self.store().await?;
        let done = reclaimer.run().await;
        if done.is_err() {
            self.check().await;
        }
        done
    }

    /// Makes a content that is whole survive a power cut.
    pub(super) async fn make_durable(&self, store: &Store, hash: ContentHash) -> Result<(), BlobError> {
        store.sync_db().await?;
        let folder = self.folder.clone();
        blocking(move || folder.make_durable(hash)).await
    }

    pub(super) async fn shut_down(&self) {
        let state = std::mem::replace(&mut *self.state.lock().await, State::Closed);
        if let State::Open { store, .. } = state
            && let Err(error) = store.shutdown().await
        {
            tracing::debug!("the store of files did not say goodbye: {error:#}");
        }
    }

    async fn store(&self) -> Result<(Store, Arc<Reclaimer>), BlobError> {
        let mut state = self.state.lock().await;
        if let State::Broken = *state {
            *state = load(&self.folder).await?;
        }
        match &*state {
            State::Open { store, reclaimer } => Ok((store.clone(), Arc::clone(reclaimer))),
            State::Broken | State::Closed => Err(BlobError::Closed),
        }
    }

    /// Something failed on this side. If the database has ended, the store is opened anew next time.
    pub(super) async fn check(&self) {
        let mut state = self.state.lock().await;
        if let State::Open { store, .. } = &*state
            && store.sync_db().await.is_err()
        {
            tracing::warn!("the store of files broke and will be opened anew");
            if let Err(error) = store.shutdown().await {
                tracing::debug!("it did not say goodbye: {error:#}");
            }
            *state = State::Broken;
        }
    }
}

/// Opens the store, without what was being added when the last one ended.
async fn load(folder: &Folder) -> Result<State, BlobError> {
    let sweeping = folder.clone();
    blocking(move || sweeping.sweep()).await?;
    let (reclaimer, gc) = Reclaimer::new();
    let options = Options {
        gc: Some(gc),
        ..Options::new(folder.data().parent().unwrap_or(Path::new("")))
    };
    match FsStore::load_with_opts(folder.database(), options).await {
        Ok(store) => Ok(State::Open {
            store: store.into(),
            reclaimer: Arc::new(reclaimer),
        }),
        Err(error) => Err(match error.downcast_ref::<std::io::Error>() {
            Some(io) => BlobError::below(io),
            None => BlobError::below(&error),
        }),
    }
}

/// The same for what the store's calls return.
pub(super) fn asked<T, E>(answer: Result<T, E>) -> Result<T, BlobError>
where
    RequestError: From<E>,
{
    answer.map_err(|error| RequestError::from(error).into())
}
