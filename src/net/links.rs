//! The table of links: what the engine's calls reach while each link's own task does the waiting.
//!
//! A lock around a map, held for a few instructions and never across a wait, so that no call blocks the engine.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use iroh::endpoint::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::SendError;
use super::event::{LinkId, NetEvent, Protocol};
use super::frame;
use super::queue::{Inlet, Outlet, queue};
use super::way::Way;
use crate::invitation::EXPORTER_LABEL;

/// The number of the last link of this program, whichever endpoint it is of: who waits with something for a link of an endpoint
/// that is closed finds no other link under its name.
static LAST: AtomicU64 = AtomicU64::new(0);

/// How a link shall end.
#[derive(Debug)]
pub(super) struct Farewell {
    /// The protocol's error code, 0 for a clean end.
    pub(super) code: u32,
    /// Whether to let the peer close first.
    pub(super) wait_for_peer: bool,
}

/// All links that are being opened, open, or being closed.
#[derive(Debug, Default)]
pub(super) struct Links {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    entries: BTreeMap<LinkId, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Taken when the link is closed.
    farewell: Option<oneshot::Sender<Farewell>>,
    /// There while frames may be sent.
    line: Option<Line>,
}

#[derive(Debug)]
struct Line {
    protocol: Protocol,
    connection: Connection,
    outgoing: Inlet,
}

impl Links {
    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing in here can panic half way, so a poisoned table is whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new link that has no connection yet.
    pub(super) fn begin(&self) -> (LinkId, oneshot::Receiver<Farewell>) {
        let link = LinkId(LAST.fetch_add(1, Ordering::Relaxed) + 1);
        let (sender, receiver) = oneshot::channel();
        self.table().entries.insert(
            link,
            Entry {
                farewell: Some(sender),
                line: None,
            },
        );
        (link, receiver)
    }

    /// The link has its connection: from now on frames may be queued. None if it is being closed already.
    pub(super) fn connected(&self, link: LinkId, protocol: Protocol, connection: &Connection) -> Option<Outlet> {
        let mut table = self.table();
        let entry = table.entries.get_mut(&link).filter(|entry| entry.farewell.is_some())?;
        let (outgoing, outlet) = queue(protocol);
        entry.line = Some(Line {
            protocol,
            connection: connection.clone(),
            outgoing,
        });
        Some(outlet)
    }

    pub(super) fn send(&self, link: LinkId, bytes: Vec<u8>) -> Result<(), SendError> {
        let table = self.table();
        let line = table
            .entries
            .get(&link)
            .and_then(|entry| entry.line.as_ref())
            .ok_or(SendError::Gone)?;
        if !frame::fits(line.protocol, &bytes) {
            return Err(SendError::NotAFrame);
        }
        line.outgoing.push(bytes)
    }

    /// Whether the longest frame has room on a link. If not, [`NetEvent::Drained`] follows when everything is written.
    pub(super) fn has_room(&self, link: LinkId) -> bool {
        let table = self.table();
        let line = table.entries.get(&link).and_then(|entry| entry.line.as_ref());
        line.is_some_and(|line| line.outgoing.has_room())
    }

    pub(super) fn exporter(&self, link: LinkId, context: &[u8]) -> Option<[u8; 32]> {
        let table = self.table();
        let line = table.entries.get(&link)?.line.as_ref()?;
        let mut material = [0; 32];
        line.connection
            .export_keying_material(&mut material, EXPORTER_LABEL, context)
            .ok()?;
        Some(material)
    }

    /// How a link goes just now, if it is open.
    pub(super) fn way(&self, link: LinkId) -> Option<Way> {
        Way::of(&self.table().entries.get(&link)?.line.as_ref()?.connection)
    }

    /// Asks a link to end; only the first time counts.
    pub(super) fn close(&self, link: LinkId, farewell: Farewell) {
        if let Some(entry) = self.table().entries.get_mut(&link) {
            entry.close(farewell);
        }
    }

    /// Asks every link to end.
    pub(super) fn close_all(&self) {
        for entry in self.table().entries.values_mut() {
            entry.close(Farewell {
                code: 0,
                wait_for_peer: false,
            });
        }
    }

    /// Forgets a link that is over. Whether it was there.
    pub(super) fn end(&self, link: LinkId) -> bool {
        self.table().entries.remove(&link).is_some()
    }
}

impl Entry {
    fn close(&mut self, farewell: Farewell) {
        if let Some(sender) = self.farewell.take() {
            // The task is gone only if the link is over anyway.
            drop(sender.send(farewell));
        }
        self.line = None;
    }
}

/// The way to the engine. Waits while the engine is busy, which in turn makes the peers wait; silent once the network
/// shuts down.
#[derive(Clone, Debug)]
pub(super) struct Events {
    pub(super) sender: mpsc::Sender<NetEvent>,
    /// True, or gone, when nobody listens any more.
    pub(super) stopping: watch::Receiver<bool>,
}

impl Events {
    pub(super) async fn send(&self, event: NetEvent) {
        tokio::select! {
            biased;
            () = self.stopped() => {}
            sent = self.sender.send(event) => {
                if sent.is_err() {
                    tracing::debug!("the engine no longer listens to the network");
                }
            }
        }
    }

    /// Returns once nobody listens any more.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the network was dropped without a goodbye, which is the same thing.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }
}
