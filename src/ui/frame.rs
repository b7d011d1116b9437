//! What a dialog is told in every frame.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::Timestamp;
use crate::worker::RequestId;

/// The moment, and where fresh request ids come from. Dialogs read no clock of their own.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Now, from `worker::Clock`.
    pub now: Timestamp,
    /// Shared by everything that sends to the same worker.
    pub requests: &'a Requests,
}

/// Counts the questions of one front end, so that each answer finds who asked.
#[derive(Debug, Default)]
pub struct Requests(AtomicU64);

impl Requests {
    /// A fresh id.
    pub fn next(&self) -> RequestId {
        RequestId(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
