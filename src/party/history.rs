//! What has become of one thing in a party, and what lies deleted: read from the log. No IO.

use std::collections::BTreeSet;

use super::resolver::Key;
use super::tasks::{some_day, somebody};
use super::text::Effect;
use super::{Act, Edit, Edits, ItemId, Party};
use crate::identity::IdentityId;
use crate::time::{Day, Timestamp};

/// One change of a thing.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Who made it.
    pub by: IdentityId,
    /// When, by their clock.
    pub at: Timestamp,
    /// What it was.
    pub what: What,
    /// Whether it is what the thing shows now.
    pub standing: Standing,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The thing is as this change left it.
    Current,
    /// A later change, or one made at the same time, took its place.
    Replaced,
    /// It has no effect: its author was removed or made a Reader meanwhile, or may not delete the messages of others.
    Cancelled,
}

/// The kinds of changes.
#[derive(Clone, PartialEq, Eq)]
pub enum What {
    /// It was added: with this title, text or name.
    Added(String),
    /// Its title or name became this.
    Named(String),
    /// It was checked or unchecked.
    Done(bool),
    /// It was given to somebody, or to nobody.
    Assigned(Option<IdentityId>),
    /// It became due on a day, or on none.
    Due(Option<Day>),
    /// It was put elsewhere in the order.
    Moved,
    /// Its text was changed: so many characters written and deleted.
    Edited {
        /// Characters written.
        inserted: usize,
        /// Characters deleted.
        deleted: usize,
    },
    /// It was deleted.
    Deleted,
    /// It was restored.
    Restored,
}

/// A deleted thing that can be restored.
#[derive(Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Which.
    pub item: ItemId,
    /// Its title, text or name.
    pub title: String,
    /// Who deleted it.
    pub by: IdentityId,
    /// When, by their clock.
    pub at: Timestamp,
}

/// Who and when: what was changed is not for logs.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change")
            .field("by", &self.by)
            .field("at", &self.at)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// The kind only.
impl std::fmt::Debug for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Added(_) => "Added(<redacted>)",
            Self::Named(_) => "Named(<redacted>)",
            Self::Done(_) => "Done",
            Self::Assigned(_) => "Assigned",
            Self::Due(_) => "Due",
            Self::Moved => "Moved",
            Self::Edited { .. } => "Edited",
            Self::Deleted => "Deleted",
            Self::Restored => "Restored",
        })
    }
}

/// Which thing: a title is not for logs.
impl std::fmt::Debug for Deleted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deleted")
            .field("item", &self.item)
            .finish_non_exhaustive()
    }
}

impl Party {
    /// What has become of a thing, oldest first; empty if there never was such a thing. Goes over the whole log.
    #[must_use]
    pub fn history(&self, item: ItemId) -> Vec<Change> {
        let mut changes: Vec<(Key, Change)> = self
            .log
            .entries()
            .iter()
            .filter_map(|entry| {
                let (_, role) = entry.grounds?;
                let what = what(entry.op.act(), item)?;
                let may = self.content.may_delete(item, entry.op.author(), role)
                    || !matches!(what, What::Deleted | What::Restored);
                let standing = if may && self.effect(entry) == Effect::Stands {
                    Standing::Current
                } else {
                    Standing::Cancelled
                };
                let (by, at) = (entry.op.author(), entry.op.time());
                let change = Change { by, at, what, standing };
                Some((entry.key(), change))
            })
            .collect();
        changes.sort_by_key(|(key, _)| *key);
        let mut changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
        if let ItemId::Message(_) = item {
            mark_added_again(&mut changes);
        }
        mark_replaced(&mut changes);
        changes
    }
}

/// Of two messages with one id the first counts.
fn mark_added_again(changes: &mut [Change]) {
    let standing = changes.iter_mut().filter(|change| change.standing == Standing::Current);
    let added = standing.filter(|change| matches!(change.what, What::Added(_)));
    added.skip(1).for_each(|change| change.standing = Standing::Replaced);
}

/// Of all changes of one field that have effect only the last stands.
fn mark_replaced(changes: &mut [Change]) {
    let mut written = BTreeSet::new();
    for change in changes.iter_mut().rev() {
        let Some(field) = field(&change.what) else { continue };
        if change.standing == Standing::Current && !written.insert(field) {
            change.standing = Standing::Replaced;
        }
    }
}

/// What of a thing a change writes; none for what is added to it and stays.
fn field(what: &What) -> Option<u8> {
    match what {
        What::Added(_) | What::Named(_) => Some(0),
        What::Done(_) => Some(1),
        What::Assigned(_) => Some(2),
        What::Due(_) => Some(3),
        What::Moved => Some(4),
        What::Deleted | What::Restored => Some(5),
        What::Edited { .. } => None,
    }
}

/// What an act does to this thing, if it does something.
fn what(act: &Act, item: ItemId) -> Option<What> {
    let (changed, what) = match act {
        Act::TaskAdded { task, title, .. } => (ItemId::Task(*task), What::Added(title.clone())),
        Act::TaskRetitled { task, title } => (ItemId::Task(*task), What::Named(title.clone())),
        Act::TaskDone { task, done } => (ItemId::Task(*task), What::Done(*done)),
        Act::TaskAssigned { task, member } => (ItemId::Task(*task), What::Assigned(somebody(*member))),
        Act::TaskDue { task, day } => (ItemId::Task(*task), What::Due(some_day(*day))),
        Act::TaskMoved { task, .. } => (ItemId::Task(*task), What::Moved),
        Act::NoteAdded { note, title } => (ItemId::Note(*note), What::Added(title.clone())),
        Act::NoteRetitled { note, title } => (ItemId::Note(*note), What::Named(title.clone())),
        Act::NoteEdited { note, edits } => (ItemId::Note(*note), edited(edits)),
        Act::MessageSent { message, text, .. } => (ItemId::Message(*message), What::Added(text.clone())),
        Act::FileAdded { file, name, .. } => (ItemId::File(*file), What::Added(name.clone())),
        Act::FileRenamed { file, name } => (ItemId::File(*file), What::Named(name.clone())),
        Act::ItemDeleted { item, deleted: true } => (*item, What::Deleted),
        Act::ItemDeleted { item, deleted: false } => (*item, What::Restored),
        _ => return None,
    };
    (changed == item).then_some(what)
}

fn edited(edits: &Edits) -> What {
    let (mut inserted, mut deleted) = (0_usize, 0_usize);
    for edit in &edits.0 {
        match edit {
            Edit::Insert { text, .. } => inserted = inserted.saturating_add(text.chars().count()),
            Edit::Delete { count, .. } => deleted = deleted.saturating_add(*count as usize),
        }
    }
    What::Edited { inserted, deleted }
}
