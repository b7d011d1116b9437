//! Notes: their titles and texts, from the data ops in any order. No IO.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use operational_transform::OperationSeq;

use super::list::List;
use super::lww::{Added, Deletion, Deletions, Last};
use super::resolver::Key;
use super::text::{Effect, Text, change, difference};
use super::{Act, Deleted, ItemId, NoteId, Op, OpId};
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// How much of a text its excerpt shows, in characters.
const EXCERPT: usize = 120;

/// A note without its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Its title: 1 to 1024 bytes.
    pub title: String,
    /// The beginning of its text in one line, at most 120 characters.
    pub excerpt: String,
    /// Who added it.
    pub author: IdentityId,
    /// When it was added, by the author's clock.
    pub created: Timestamp,
    /// Who changed title or text last.
    pub changed_by: IdentityId,
    /// When that was, by their clock.
    pub changed: Timestamp,
}

/// The id: title and text are not for logs.
impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How the text of a watched note has changed.
#[derive(Clone)]
pub struct TextChanged {
    /// Which note.
    pub note: NoteId,
    /// The op that did it; none if many did, or if some have lost their effect.
    pub by: Option<OpId>,
    /// The change, over the characters of the text before.
    pub change: OperationSeq,
}

/// Which note: what was written is not for logs.
impl std::fmt::Debug for TextChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextChanged")
            .field("note", &self.note)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// All notes, the deleted ones too.
#[derive(Clone, Default)]
pub(super) struct Notes {
    entries: BTreeMap<NoteId, Entry>,
    list: List<Arc<Note>>,
    watched: BTreeSet<NoteId>,
    changes: Vec<TextChanged>,
}

/// What is known of one id. An edit may come before the addition that it was made to.
#[derive(Clone, Default)]
struct Entry {
    added: Option<Added>,
    title: Last<String>,
    text: Text,
    touched: Last<(IdentityId, Timestamp)>,
    deletions: Deletions,
    shown: OnceLock<Option<Arc<Note>>>,
}

impl Notes {
    /// Applies an op. Other kinds than notes' do nothing. One without effect leaves its characters in the text, hidden.
    pub(super) fn apply(&mut self, key: Key, op: &Op, effect: Effect) {
        let note = match (op.act(), effect) {
            (Act::NoteAdded { note, title }, Effect::Stands) => {
                let entry = self.entries.entry(*note).or_default();
                Added::by(key, op, note.as_bytes()).replace(&mut entry.added);
                entry.title.write(key, title.clone());
                *note
            }
            (Act::NoteRetitled { note, title }, Effect::Stands) => {
                self.entries.entry(*note).or_default().title.write(key, title.clone());
                *note
            }
            (Act::NoteEdited { note, edits }, _) => {
                let entry = self.entries.entry(*note).or_default();
                let length = entry.text.len();
                let splices = entry.text.apply(op.id(), edits, effect);
                if self.watched.contains(note) {
                    self.changes.push(TextChanged {
                        note: *note,
                        by: Some(op.id()),
                        change: change(length, &splices),
                    });
                }
                *note
            }
            _ => return,
        };
        if let Some(entry) = self.entries.get_mut(&note) {
            if effect == Effect::Stands {
                entry.touched.write(key, (op.author(), op.time()));
            }
            entry.shown.take();
        }
        self.list.forget();
    }

    /// Deletes or restores one.
    pub(super) fn delete(&mut self, note: NoteId, deletion: Deletion) {
        let entry = self.entries.entry(note).or_default();
        entry.deletions.add(deletion);
        entry.shown.take();
        self.list.forget();
    }

    /// The notes that there are, the last changed first.
    pub(super) fn list(&self) -> Arc<[Arc<Note>]> {
        self.list.get(|| {
            let mut notes: Vec<Arc<Note>> = self
                .entries
                .keys()
                .filter_map(|id| self.get(*id))
                .map(Arc::clone)
                .collect();
            notes.sort_by_key(|note| std::cmp::Reverse((note.changed, note.id)));
            notes
        })
    }

    /// The note with this id, if it was added and not deleted.
    pub(super) fn get(&self, id: NoteId) -> Option<&Arc<Note>> {
        let entry = self.entries.get(&id)?;
        entry.shown.get_or_init(|| entry.note(id).map(Arc::new)).as_ref()
    }

    /// Whether there is such a note, deleted or not.
    pub(super) fn is_known(&self, id: NoteId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.added.is_some())
    }

    /// The text of a note, deleted or not.
    pub(super) fn text(&self, id: NoteId) -> Option<&Text> {
        let entry = self.entries.get(&id)?;
        entry.added.as_ref().map(|_| &entry.text)
    }

    pub(super) fn deleted(&self) -> impl Iterator<Item = Deleted> {
        self.entries.iter().filter_map(|(id, entry)| {
            let deletion = entry.deletions.standing(|_| true)?;
            entry.added.as_ref()?;
            Some(Deleted {
                item: ItemId::Note(*id),
                title: entry.title.get()?.clone(),
                by: deletion.by,
                at: deletion.at,
            })
        })
    }

    /// Notes every change of this text from now on.
    pub(super) fn watch(&mut self, note: NoteId) {
        self.watched.insert(note);
    }

    /// Notes its changes no more.
    pub(super) fn unwatch(&mut self, note: NoteId) {
        self.watched.remove(&note);
    }

    /// The changes of watched texts since the last call, each on the one before.
    pub(super) fn take_changes(&mut self) -> Vec<TextChanged> {
        std::mem::take(&mut self.changes)
    }

    /// Goes on for notes that were put together anew: what is watched stays watched, and is told as one change.
    pub(super) fn follow(&mut self, old: &Self) {
        self.changes.clone_from(&old.changes);
        self.watched.clone_from(&old.watched);
        for note in &old.watched {
            let text = |notes: &Self| {
                let entry = notes.entries.get(note);
                entry.map(|entry| entry.text.as_string()).unwrap_or_default()
            };
            let change = difference(&text(old), &text(self));
            if !change.is_noop() {
                self.changes.push(TextChanged {
                    note: *note,
                    by: None,
                    change,
                });
            }
        }
    }
}

impl Entry {
    fn note(&self, id: NoteId) -> Option<Note> {
        let added = self.added.as_ref()?;
        if self.deletions.standing(|_| true).is_some() {
            return None;
        }
        let (changed_by, changed) = self.touched.get().copied()?;
        Some(Note {
            id,
            title: self.title.get()?.clone(),
            excerpt: excerpt(self.text.chars()),
            author: added.author,
            created: added.time,
            changed_by,
            changed,
        })
    }
}

/// The beginning of a text in one line: runs of white space are one space.
fn excerpt(text: impl Iterator<Item = char>) -> String {
    let mut line = String::new();
    // White space does not count, but a text of nothing else must not be read to its end.
    for char in text.take(EXCERPT * 4) {
        let space = char.is_whitespace() || char.is_control();
        if !space {
            line.push(char);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    let end = line.char_indices().nth(EXCERPT).map_or(line.len(), |(at, _)| at);
    line.truncate(end);
    line.trim_end().to_owned()
}
