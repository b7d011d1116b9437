//! The engine's way out: events to the front end, each followed by the wake callback.

use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Event, RequestId};
use crate::failure::Failure;

/// Sends events to the front end and wakes it.
#[derive(Clone)]
pub(crate) struct Events {
    sender: mpsc::Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Events {
    /// Sends into `sender` and calls `wake` after each event.
    pub(crate) fn new(sender: mpsc::Sender<Event>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { sender, wake }
    }

    /// Sends one event; waits while the front end is behind. A front end that is gone misses it.
    pub(crate) async fn send(&self, event: Event) {
        if self.sender.send(event).await.is_ok() {
            (self.wake)();
        }
    }

    /// Says that something failed: the answer to `request`, or something that nobody asked for.
    pub(crate) async fn failed(&self, request: Option<RequestId>, failure: Failure) {
        self.send(Event::Failed { request, failure }).await;
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
