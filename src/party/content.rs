//! What is in a party: all that its data ops add up to. No IO.

use std::sync::Arc;

use super::files::Files;
use super::list::List;
use super::lww::Deletion;
use super::messages::Messages;
use super::notes::Notes;
use super::resolver::Key;
use super::tasks::Tasks;
use super::text::Effect;
use super::{Act, Deleted, ItemId, Op, Role};
use crate::identity::IdentityId;

/// Tasks, notes, messages and files.
#[derive(Clone, Default)]
pub(super) struct Content {
    pub(super) tasks: Tasks,
    pub(super) notes: Notes,
    pub(super) messages: Messages,
    pub(super) files: Files,
    deleted: List<Deleted>,
}

impl Content {
    /// Takes in a data op. `role` is its author's, in its own past.
    pub(super) fn apply(&mut self, key: Key, op: &Op, role: Role, effect: Effect) {
        self.notes.apply(key, op, effect);
        if effect == Effect::Cancelled {
            return;
        }
        self.tasks.apply(key, op);
        self.messages.apply(key, op);
        self.files.apply(key, op);
        if let Act::ItemDeleted { item, deleted } = op.act() {
            let (by, at, deleted) = (op.author(), op.time(), *deleted);
            let deletion = Deletion {
                key,
                by,
                role,
                at,
                deleted,
            };
            match *item {
                ItemId::Task(task) => self.tasks.delete(task, deletion),
                ItemId::Note(note) => self.notes.delete(note, deletion),
                ItemId::Message(message) => self.messages.delete(message, deletion),
                ItemId::File(file) => self.files.delete(file, deletion),
            }
        }
        self.deleted.forget();
    }

    /// What was deleted and can be restored, the last deleted first.
    pub(super) fn deleted(&self) -> Arc<[Deleted]> {
        self.deleted.get(|| {
            let things = self.tasks.deleted().chain(self.notes.deleted());
            let things = things.chain(self.messages.deleted()).chain(self.files.deleted());
            let mut all: Vec<Deleted> = things.collect();
            all.sort_by_key(|deleted| std::cmp::Reverse((deleted.at, deleted.item)));
            all
        })
    }

    /// Whether somebody with this role may delete and restore a thing: of messages only the own ones, below Admin.
    pub(super) fn may_delete(&self, item: ItemId, who: IdentityId, role: Role) -> bool {
        match item {
            ItemId::Message(message) if role < Role::Admin => {
                role >= Role::Editor && self.messages.author(message) == Some(who)
            }
            ItemId::Message(_) => true,
            ItemId::Task(_) | ItemId::Note(_) | ItemId::File(_) => role >= Role::Editor,
        }
    }

    /// Whether there is such a thing, deleted or not.
    pub(super) fn is_known(&self, item: ItemId) -> bool {
        match item {
            ItemId::Task(task) => self.tasks.is_known(task),
            ItemId::Note(note) => self.notes.is_known(note),
            ItemId::Message(message) => self.messages.is_known(message),
            ItemId::File(file) => self.files.is_known(file),
        }
    }
}

#[cfg(test)]
mod tests;
