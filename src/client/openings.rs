//! Which notes are open: their changes for the handles that follow them, and when the engine need show no more of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};

use super::error::ClientError;
use crate::party::{NoteId, PartyId};
use crate::worker::{CursorView, TextChange};

/// Changes that wait for a handle. One that falls further behind reads its note anew.
const NEWS_CAPACITY: usize = 256;

/// A note, as the engine names it.
pub(super) type NoteKey = (PartyId, NoteId);

/// What a handle on a note has to know.
#[derive(Clone, Debug)]
pub(super) enum NoteNews {
    /// A note has another text.
    Edited {
        note: NoteKey,
        /// The revision that this makes.
        revision: u64,
        /// Over the revision before.
        change: TextChange,
    },
    /// Others are elsewhere in a note.
    Cursors {
        note: NoteKey,
        /// The revision that they count in.
        revision: u64,
        /// All of them.
        cursors: Vec<CursorView>,
    },
    /// The engine has started anew, and no note is open in it.
    Restarted,
}

/// How many handles hold each note open; none on one that the engine need not show any more. The lock is never held over an
/// await.
#[derive(Debug)]
pub(super) struct Openings {
    handles: Mutex<BTreeMap<NoteKey, usize>>,
    released: Notify,
    /// Weak: the pump holds the sender, so that the handles hear of its end.
    news: broadcast::WeakSender<NoteNews>,
}

/// The pump's side of the openings.
pub(super) struct Feed {
    pub(super) openings: Arc<Openings>,
    pub(super) news: broadcast::Sender<NoteNews>,
}

impl Feed {
    pub(super) fn new() -> Self {
        let (news, _nobody_yet) = broadcast::channel(NEWS_CAPACITY);
        let openings = Openings {
            handles: Mutex::default(),
            released: Notify::new(),
            news: news.downgrade(),
        };
        Self {
            openings: Arc::new(openings),
            news,
        }
    }
}

impl Openings {
    /// The changes of all open notes from now on.
    pub(super) fn news(&self) -> Result<broadcast::Receiver<NoteNews>, ClientError> {
        let sender = self.news.upgrade().ok_or(ClientError::Stopped)?;
        Ok(sender.subscribe())
    }

    /// Keeps a note open until the hold is dropped. Taken before the engine is asked to open it.
    pub(super) fn hold(self: &Arc<Self>, note: NoteKey) -> Hold {
        *self.lock().entry(note).or_default() += 1;
        Hold {
            openings: Arc::clone(self),
            note,
        }
    }

    /// Waits until a note may be one that nobody holds. Cancel safe.
    pub(super) async fn released(&self) {
        self.released.notified().await;
    }

    /// Forgets the notes that nobody holds any more, and gives them.
    pub(super) fn take_released(&self) -> Vec<NoteKey> {
        let mut handles = self.lock();
        let released = handles.extract_if(.., |_, count| *count == 0);
        released.map(|(note, _)| note).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<NoteKey, usize>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a note open.
#[derive(Debug)]
pub(super) struct Hold {
    openings: Arc<Openings>,
    pub(super) note: NoteKey,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(count) = self.openings.lock().get_mut(&self.note) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.openings.released.notify_one();
            }
        }
    }
}
