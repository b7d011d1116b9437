//! Which notes are open: their changes for the handles that follow them, and when the engine need show no more of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, mpsc};

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

/// How many handles hold each note open. The lock is never held over an await.
#[derive(Debug)]
pub(super) struct Openings {
    handles: Mutex<BTreeMap<NoteKey, usize>>,
    released: mpsc::UnboundedSender<NoteKey>,
    /// Weak: the pump holds the sender, so that the handles hear of its end.
    news: broadcast::WeakSender<NoteNews>,
}

/// The pump's side of the openings.
pub(super) struct Feed {
    pub(super) openings: Arc<Openings>,
    pub(super) released: mpsc::UnboundedReceiver<NoteKey>,
    pub(super) news: broadcast::Sender<NoteNews>,
}

impl Feed {
    pub(super) fn new() -> Self {
        let (news, _nobody_yet) = broadcast::channel(NEWS_CAPACITY);
        let (sender, released) = mpsc::unbounded_channel();
        let openings = Openings {
            handles: Mutex::default(),
            released: sender,
            news: news.downgrade(),
        };
        Self {
            openings: Arc::new(openings),
            released,
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
        self.change(note, |handles| *handles += 1);
        Hold {
            openings: Arc::clone(self),
            note,
        }
    }

    /// Whether no handle is left on a note that was released: another may have been made meanwhile.
    pub(super) fn is_free(&self, note: NoteKey) -> bool {
        let handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        !handles.contains_key(&note)
    }

    fn change(&self, note: NoteKey, change: impl FnOnce(&mut usize)) {
        let mut all = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        let handles = all.entry(note).or_default();
        change(handles);
        if *handles == 0 {
            all.remove(&note);
            // Nobody listens any more once the pump has ended, and then nothing is open.
            self.released.send(note).ok();
        }
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
        self.openings
            .change(self.note, |handles| *handles = handles.saturating_sub(1));
    }
}
