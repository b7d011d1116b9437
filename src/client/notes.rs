//! Notes: their list is in the party's view; a text is read and changed through a handle of its own.

mod cursors;
mod difference;

use std::fmt;
use std::sync::Arc;

use operational_transform::OperationSeq;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use self::difference::difference;
use super::Client;
use super::error::ClientError;
use super::openings::{Hold, NoteNews};
use super::pump::{Answer, Link};
use crate::party::{NoteId, PartyId};
use crate::worker::{Command, CursorView, NoteText, TextChange};

#[cfg(doc)]
use crate::failure::Failure;

impl Client {
    /// Adds a note without text.
    ///
    /// # Errors
    /// [`Failure::TitleInvalid`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn add_note(&self, party: PartyId, title: &str) -> Result<NoteId, ClientError> {
        let title = title.to_owned();
        match self.link.ask(Command::AddNote { party, title }).await? {
            Answer::Note(note) => Ok(note),
            other => Err(other.unexpected()),
        }
    }

    /// Changes a note's title.
    ///
    /// # Errors
    /// As [`Self::add_note`], and [`Failure::ItemUnknown`].
    pub async fn retitle_note(&self, party: PartyId, note: NoteId, title: &str) -> Result<(), ClientError> {
        let title = title.to_owned();
        self.link.order(Command::RetitleNote { party, note, title }).await
    }

    /// Opens a note, to read its text and follow and make its changes. It is open as long as a handle on it is there.
    ///
    /// # Errors
    /// [`Failure::ItemUnknown`],
    /// [`Failure::PartyUnknown`].
    pub async fn open_note(&self, party: PartyId, note: NoteId) -> Result<OpenNote, ClientError> {
        let hold = self.link.openings().hold((party, note));
        let (news, text) = open(&self.link, &hold).await?;
        Ok(OpenNote {
            link: self.link.clone(),
            hold,
            news: Some(news),
            revision: text.revision,
            text: text.text.clone(),
            cursors: Vec::new(),
        })
    }
}

/// The changes from now on, and the text that they are made to. The changes first: none falls between the two.
async fn open(link: &Link, hold: &Hold) -> Result<(broadcast::Receiver<NoteNews>, Arc<NoteText>), ClientError> {
    let news = link.openings().news()?;
    let (party, note) = hold.note;
    match link.ask(Command::OpenNote { party, note }).await? {
        Answer::Text(text) => Ok((news, text)),
        other => Err(other.unexpected()),
    }
}

/// The text of a note, which others may be changing at the same time.
///
/// [`Self::text`] stands still until [`Self::changed`], [`Self::edit`] or [`Self::replace_all`] is called. A handle that
/// falls far behind reads the whole text anew: no change is ever missed.
pub struct OpenNote {
    link: Link,
    hold: Hold,
    /// None when the note has to be opened anew, because changes were missed.
    news: Option<broadcast::Receiver<NoteNews>>,
    revision: u64,
    text: String,
    /// Where others are in `text`.
    cursors: Vec<CursorView>,
}

/// Which note: its text is not for logs.
impl fmt::Debug for OpenNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenNote")
            .field("note", &self.hold.note)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl OpenNote {
    /// The text: Markdown, as people type it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Waits until the text is another than [`Self::text`] was, and gives it. Several changes in quick succession are given
    /// one after the other, or as one if the handle fell far behind; the last is never missed. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`]; [`Failure::ItemUnknown`] if the note had to be read
    /// anew and is gone.
    pub async fn changed(&mut self) -> Result<&str, ClientError> {
        while self.step().await?.is_none() {}
        Ok(&self.text)
    }

    /// Changes the text, and waits until that is on disk. `change` is over the characters of [`Self::text`]; it is carried
    /// past what others have changed meanwhile, and where both wrote at one place, theirs stands before. Afterwards
    /// [`Self::text`] holds this change and those of others.
    ///
    /// # Errors
    /// [`ClientError::ChangeMismatch`] if the change is over a text of another length;
    /// [`Failure::NotAllowed`],
    /// [`Failure::ItemUnknown`].
    pub async fn edit(&mut self, change: OperationSeq) -> Result<(), ClientError> {
        if change.base_len() != self.text.chars().count() {
            return Err(ClientError::ChangeMismatch);
        }
        let change = self.carry(change).await?;
        if change.is_noop() {
            return Ok(());
        }
        let (party, note) = self.hold.note;
        let edit = Command::EditNote {
            party,
            note,
            revision: self.revision,
            change: TextChange(change),
        };
        let made = match self.link.ask(edit).await? {
            Answer::Edited { revision } => revision,
            other => return Err(other.unexpected()),
        };
        // The change comes back among those of others, in the order in which the engine has made them.
        while self.revision < made {
            let is_anew = self.news.is_none();
            self.step().await?;
            if is_anew {
                break;
            }
        }
        Ok(())
    }

    /// Makes the text this one, by a small change: lines and words that are in both texts stay as they are, so that what
    /// others write there at the same time stays too.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub async fn replace_all(&mut self, text: &str) -> Result<(), ClientError> {
        self.edit(difference(&self.text, text)).await
    }

    /// Carries a change of the text past everything that has come from others already.
    async fn carry(&mut self, mut change: OperationSeq) -> Result<OperationSeq, ClientError> {
        loop {
            let theirs = match self.news.as_mut().map(broadcast::Receiver::try_recv) {
                Some(Err(TryRecvError::Empty)) => return Ok(change),
                Some(Err(TryRecvError::Closed)) => return Err(ClientError::Stopped),
                Some(Err(TryRecvError::Lagged(_))) => self.miss(),
                Some(Ok(news)) => self.take(news),
                None => self.reopen().await?,
            };
            if let Some(theirs) = theirs {
                let (_, carried) = theirs
                    .transform(&change)
                    .map_err(|_other_length| ClientError::ChangeMismatch)?;
                change = carried;
            }
        }
    }

    /// Waits for the next piece of news, and gives what it changed in the text.
    async fn step(&mut self) -> Result<Option<OperationSeq>, ClientError> {
        let Some(news) = &mut self.news else {
            return self.reopen().await;
        };
        match news.recv().await {
            Ok(news) => Ok(self.take(news)),
            Err(RecvError::Lagged(_)) => Ok(self.miss()),
            Err(RecvError::Closed) => Err(ClientError::Stopped),
        }
    }

    /// Takes in what happened to some note, and gives what it changed in the text of this one.
    fn take(&mut self, news: NoteNews) -> Option<OperationSeq> {
        match news {
            NoteNews::Edited { note, revision, .. } if note != self.hold.note || revision <= self.revision => None,
            NoteNews::Edited { revision, change, .. } if revision == self.revision + 1 => {
                let Ok(text) = change.0.apply(&self.text) else {
                    return self.miss();
                };
                self.text = text;
                self.revision = revision;
                cursors::carry(&mut self.cursors, &change.0);
                Some(change.0)
            }
            NoteNews::Cursors {
                note,
                revision,
                cursors,
            } => {
                if note == self.hold.note && revision == self.revision {
                    self.cursors = cursors;
                }
                None
            }
            NoteNews::Edited { .. } | NoteNews::Restarted => self.miss(),
        }
    }

    /// Changes were missed: the note is opened anew before anything else.
    fn miss(&mut self) -> Option<OperationSeq> {
        self.news = None;
        None
    }

    /// Reads the whole text anew, and gives what is different.
    async fn reopen(&mut self) -> Result<Option<OperationSeq>, ClientError> {
        let (news, now) = open(&self.link, &self.hold).await?;
        let change = difference(&self.text, &now.text);
        self.news = Some(news);
        self.revision = now.revision;
        self.text.clone_from(&now.text);
        // Where others are is told again when they move.
        self.cursors.clear();
        Ok((!change.is_noop()).then_some(change))
    }
}
