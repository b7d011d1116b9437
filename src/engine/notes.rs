//! Notes that a window has open: every change of their texts, numbered, so that both sides know what a change was made to.
//!
//! A window types into what it has seen; meanwhile others have typed. What it sends names the revision that it saw, and is
//! carried past the changes since (operational transformation with the engine as the server: what the engine has comes
//! first). Between engines texts are merged by their trees, and none of this matters.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use operational_transform::OperationSeq;

use crate::failure::Failure;
use crate::party::{NoteId, OpId, PartyId};

use super::open::Open;
use super::view::NoteText;
use super::{Event, RequestId, TextChange};

/// How many changes a window may be behind before it has to open the note again.
const REMEMBERED: usize = 4096;

/// All notes that are open.
#[derive(Default)]
pub(super) struct OpenNotes {
    open: BTreeMap<(PartyId, NoteId), Session>,
    /// Where a note that is opened begins to count: no revision comes twice, so that what was told of a note before it was
    /// closed is not taken for news of it.
    next: u64,
}

/// A note that is open.
#[derive(Default)]
struct Session {
    /// The revision that the window has been told.
    told: u64,
    /// The last changes, the last one last.
    changes: VecDeque<OperationSeq>,
    /// How many of them have not been told yet, each with the command that made it.
    untold: Vec<Option<RequestId>>,
    /// Which command an op was written for.
    written: BTreeMap<OpId, RequestId>,
}

impl Session {
    /// Carries a change of an earlier revision, or a place in it, past the changes since; none if it is too far behind.
    fn since(&self, revision: u64) -> Option<impl Iterator<Item = &OperationSeq>> {
        let behind = usize::try_from(self.told.checked_sub(revision)?).ok()?;
        let count = behind.checked_add(self.untold.len())?;
        let skip = self.changes.len().checked_sub(count)?;
        Some(self.changes.iter().skip(skip))
    }

    fn carry(&self, revision: u64, change: OperationSeq) -> Option<OperationSeq> {
        self.since(revision)?.try_fold(change, |change, past| {
            past.transform(&change).ok().map(|(_, carried)| carried)
        })
    }

    /// Takes in a change. Changes that one command made are one.
    fn push(&mut self, change: OperationSeq, request: Option<RequestId>) {
        if request.is_some()
            && self.untold.last() == Some(&request)
            && let Some(last) = self.changes.back_mut()
            && let Ok(both) = last.compose(&change)
        {
            *last = both;
            return;
        }
        self.changes.push_back(change);
        self.untold.push(request);
        if self.changes.len() > REMEMBERED.max(self.untold.len()) {
            self.changes.pop_front();
        }
    }

    /// What the window has not been told, with the revision that each makes.
    fn tell(&mut self) -> Vec<(u64, Option<RequestId>, OperationSeq)> {
        let skip = self.changes.len().saturating_sub(self.untold.len());
        let told = self.told;
        let untold = std::mem::take(&mut self.untold);
        self.told += untold.len() as u64;
        let changes = self.changes.iter().skip(skip).cloned();
        (told + 1..)
            .zip(untold)
            .zip(changes)
            .map(|((revision, request), change)| (revision, request, change))
            .collect()
    }
}

impl Open {
    /// Shows a text, and every change of it from now on.
    pub(super) fn open_note(&mut self, request: RequestId, party: PartyId, note: NoteId) -> Result<Event, Failure> {
        let known = self.parties.get_mut(&party).ok_or(Failure::PartyUnknown)?;
        known.note(note).ok_or(Failure::ItemUnknown)?;
        known.watch_text(note);
        let text = known.text(note).ok_or(Failure::ItemUnknown)?.as_string();
        let next = self.notes.next;
        let session = self.notes.open.entry((party, note)).or_insert_with(|| Session {
            told: next,
            ..Session::default()
        });
        let revision = session.told;
        let text = Arc::new(NoteText {
            party,
            note,
            revision,
            text,
        });
        Ok(Event::NoteOpened { request, text })
    }

    /// Shows its changes no more.
    pub(super) fn close_note(&mut self, party: PartyId, note: NoteId) {
        if let Some(closed) = self.notes.open.remove(&(party, note)) {
            self.notes.next = self.notes.next.max(closed.told.saturating_add(1));
        }
        if let Some(party) = self.parties.get_mut(&party) {
            party.unwatch_text(note);
        }
        self.show_cursor(party, note, None);
    }

    /// Changes the text of an open note. The answer is the change itself, when it is stored.
    pub(super) fn edit_note(
        &mut self,
        request: RequestId,
        (party, note): (PartyId, NoteId),
        revision: u64,
        change: OperationSeq,
    ) -> Result<(), Failure> {
        // What others have changed in the same batch is counted first: the text is that already.
        self.collect_text_changes(party);
        self.party(party)?.note(note).ok_or(Failure::ItemUnknown)?;
        let session = self.notes.open.get(&(party, note)).ok_or(Failure::ItemUnknown)?;
        let change = session.carry(revision, change).ok_or(Failure::Internal)?;
        let parts = self.party(party)?.parts_of(note, &change)?;
        if parts.is_empty() {
            // Others have done the same already: the window waits for its answer all the same.
            if let Some(session) = self.notes.open.get_mut(&(party, note)) {
                session.push(change, Some(request));
            }
        }
        for part in parts {
            let act = self.party(party)?.edit_note(note, &part)?;
            let op = self.write_later(party, act)?;
            if let Some(session) = self.notes.open.get_mut(&(party, note)) {
                session.written.insert(op, request);
            }
        }
        self.collect_text_changes(party);
        self.touched_texts.insert(party);
        self.answer_later(request, None);
        Ok(())
    }

    /// The place in the text as it is now of one in an earlier revision.
    pub(super) fn carry_place(&self, party: PartyId, note: NoteId, revision: u64, at: usize) -> Option<usize> {
        let session = self.notes.open.get(&(party, note))?;
        let at = session
            .since(revision)?
            .fold(at as u64, |at, change| carried(change, at));
        usize::try_from(at).ok()
    }

    /// Numbers what has become of open texts.
    fn collect_text_changes(&mut self, party: PartyId) {
        let Some(known) = self.parties.get_mut(&party) else {
            return;
        };
        for changed in known.take_text_changes() {
            if let Some(session) = self.notes.open.get_mut(&(party, changed.note)) {
                let request = changed.by.and_then(|op| session.written.remove(&op));
                session.push(changed.change, request);
            }
        }
    }

    /// Tells the window what has become of open texts. It is on disk.
    pub(super) async fn tell_text_changes(&mut self, party: PartyId) {
        self.collect_text_changes(party);
        self.touched_texts.remove(&party);
        let mut events = Vec::new();
        for ((of, note), session) in &mut self.notes.open {
            if *of != party {
                continue;
            }
            for (revision, request, change) in session.tell() {
                events.push(Event::NoteEdited {
                    request,
                    party,
                    note: *note,
                    revision,
                    change: TextChange(change),
                });
            }
        }
        let changed = !events.is_empty();
        for event in events {
            self.context.events.send(event).await;
        }
        if changed {
            self.tell_cursors(party).await;
        }
    }

    /// The same for parties in which nothing was written after all.
    pub(super) async fn tell_touched_texts(&mut self) {
        for party in std::mem::take(&mut self.touched_texts) {
            self.tell_text_changes(party).await;
        }
    }

    /// A party was taken back to what is stored: what was not told never happened.
    pub(super) fn forget_unwritten_texts(&mut self, party: PartyId) {
        let Some(known) = self.parties.get_mut(&party) else {
            return;
        };
        for ((of, note), session) in &mut self.notes.open {
            if *of == party {
                let kept = session.changes.len().saturating_sub(session.untold.len());
                session.changes.truncate(kept);
                session.untold.clear();
                session.written.clear();
                known.watch_text(*note);
            }
        }
    }

    /// The notes of a party that are open.
    pub(super) fn open_notes(&self, party: PartyId) -> Vec<(NoteId, u64)> {
        let notes = self.notes.open.iter().filter(|((of, _), _)| *of == party);
        notes.map(|((_, note), session)| (*note, session.told)).collect()
    }
}

/// Where a place in a text is after a change of it.
fn carried(change: &OperationSeq, at: u64) -> u64 {
    let (mut seen, mut place) = (0_u64, at);
    for operation in change.ops() {
        if seen > at {
            break;
        }
        match operation {
            operational_transform::Operation::Retain(count) => seen += count,
            operational_transform::Operation::Insert(text) => place += text.chars().count() as u64,
            operational_transform::Operation::Delete(count) => {
                place -= (*count).min(at - seen);
                seen += count;
            }
        }
    }
    place
}
