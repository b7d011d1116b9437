//! What is done in tasks of its own, each of which reports to the engine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Key;
use super::place::Place;
use crate::blobs::{BlobError, Blobs, Existing, Progress, Thumbnail};
use crate::engine::RequestId;
use crate::engine::exporting::Imported;
use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::net::{FileDialer, Relay};
use crate::party::{ContentHash, FileId};

/// How often progress is told: five times a second.
const TICK: Duration = Duration::from_millis(200);

/// What a task tells the engine.
#[derive(Debug)]
pub(crate) enum Report {
    /// It has come further.
    Progress { key: Key, progress: Progress },
    /// A file was read in, or not.
    Added {
        key: Key,
        added: Result<(ContentHash, u64), BlobError>,
    },
    /// A content has come, or not.
    Fetched {
        key: Key,
        content: ContentHash,
        fetched: Result<(), BlobError>,
    },
    /// A content was saved, or not.
    Saved {
        request: RequestId,
        content: ContentHash,
        saved: Result<PathBuf, BlobError>,
    },
    /// Contents were saved for an export; this many were not here.
    Exported {
        request: RequestId,
        exported: Result<usize, BlobError>,
    },
    /// A party was founded from an exported folder and is stored, or not.
    Imported {
        request: RequestId,
        imported: Result<Box<Imported>, Failure>,
    },
    /// The storage was compacted, or not.
    Compacted {
        request: RequestId,
        compacted: Result<Room, Failure>,
    },
    /// A small picture was made, or there is none.
    Thumbnail {
        request: RequestId,
        file: FileId,
        made: Result<Option<Thumbnail>, BlobError>,
    },
}

/// How many bytes the profile took on the disk, and takes now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// A device to be asked, and where it may be.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) endpoint: EndpointId,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) relay: Option<Relay>,
}

/// What a task works with.
pub(super) struct Worker {
    pub(super) blobs: Blobs,
    pub(super) reports: mpsc::Sender<Report>,
}

impl Worker {
    /// Reads a file in.
    pub(super) async fn add(self, key: Key, path: PathBuf) {
        let (progress, seen) = watch::channel(Progress::default());
        let added = self.told(key, seen, self.blobs.add(&path, &progress)).await;
        self.report(Report::Added { key, added }).await;
    }

    /// Gets a content from the first device that has it. What one has sent before it failed need not be sent by the next.
    pub(super) async fn fetch(
        self,
        key: Key,
        content: ContentHash,
        length: u64,
        dialer: FileDialer,
        providers: Vec<Provider>,
    ) {
        let (progress, seen) = watch::channel(Progress::default());
        let from_any = async {
            let mut last = BlobError::Lost;
            for provider in &providers {
                let connected = dialer.connect(provider.endpoint, &provider.addresses, provider.relay.as_ref());
                let fetched = match connected.await {
                    Ok(connection) => {
                        let fetched = self.blobs.fetch(&connection, content, length, &progress).await;
                        connection.close(0_u32.into(), b"");
                        fetched
                    }
                    Err(_unreachable) => Err(BlobError::Lost),
                };
                match fetched {
                    Err(error) if error.is_of_provider() => {
                        tracing::info!(%error, peer = %provider.endpoint.short(), "a member's device did not give a file");
                        last = error;
                    }
                    ended => return ended,
                }
            }
            Err(last)
        };
        let fetched = self.told(key, seen, from_any).await;
        self.forget_damaged(content, &fetched).await;
        self.report(Report::Fetched { key, content, fetched }).await;
    }

    /// Writes contents to files that are not there yet.
    pub(super) async fn save_all(self, request: RequestId, files: Vec<(PathBuf, ContentHash)>) {
        let nobody = watch::Sender::new(Progress::default());
        let mut exported = Ok(0);
        for (path, content) in files {
            match (
                self.blobs.save(content, &path, Existing::Keep, &nobody).await,
                &mut exported,
            ) {
                (Ok(()), _) => {}
                (Err(BlobError::NotHere), Ok(missing)) => *missing += 1,
                (Err(error), _) => {
                    exported = Err(error);
                    break;
                }
            }
        }
        self.report(Report::Exported { request, exported }).await;
    }

    /// Writes a content to a file of the person's.
    pub(super) async fn save(self, request: RequestId, content: ContentHash, place: Place) {
        let nobody = watch::Sender::new(Progress::default());
        let saved = match place.prepare().await {
            Ok(()) => {
                let mut saved = Err(BlobError::Exists);
                for (path, existing) in place.candidates() {
                    saved = self.blobs.save(content, &path, existing, &nobody).await.map(|()| path);
                    if !matches!((&saved, existing), (Err(BlobError::Exists), Existing::Keep)) {
                        break;
                    }
                }
                saved
            }
            Err(error) => Err(BlobError::Unwritable(error)),
        };
        self.forget_damaged(content, &saved).await;
        self.report(Report::Saved {
            request,
            content,
            saved,
        })
        .await;
    }

    /// Makes a small picture.
    pub(super) async fn thumbnail(self, request: RequestId, file: FileId, content: ContentHash) {
        let made = self.blobs.thumbnail(content).await;
        self.report(Report::Thumbnail { request, file, made }).await;
    }

    /// Throws a content away if it is damaged, so that it can be got anew.
    async fn forget_damaged<T>(&self, content: ContentHash, done: &Result<T, BlobError>) {
        if let Err(BlobError::Damaged) = done
            && let Err(error) = self.blobs.forget(content).await
        {
            tracing::warn!(%error, "a damaged file was not thrown away");
        }
    }

    /// Does something, and tells how far it is meanwhile.
    async fn told<T>(&self, key: Key, mut seen: watch::Receiver<Progress>, work: impl Future<Output = T>) -> T {
        let telling = async {
            let mut ticks = tokio::time::interval(TICK);
            while seen.changed().await.is_ok() {
                ticks.tick().await;
                let progress = *seen.borrow_and_update();
                self.report(Report::Progress { key, progress }).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            done = work => done,
            () = telling => std::future::pending().await,
        }
    }

    /// Waits while the engine is busy. One that has ended wants to know nothing.
    async fn report(&self, report: Report) {
        drop(self.reports.send(report).await);
    }
}
