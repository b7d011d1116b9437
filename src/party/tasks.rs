//! Tasks: what the data ops add up to, in any order. No IO.
//!
//! Each field of a task belongs to the last op that wrote it, in the order (depth, id). Deleting wins over every edit,
//! earlier or later: a task that somebody deleted does not come back because somebody else, who had not heard of it yet,
//! corrected its title. Two additions of one id are one task; its author is that of the first.

use std::collections::BTreeMap;

use super::resolver::Key;
use super::{Act, ItemId, Op, Place, TaskId};
use crate::identity::IdentityId;
use crate::time::{Day, Timestamp};

/// A task.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub title: String,
    /// Whether it is done.
    pub done: bool,
    /// Whose it is, if anybody's. They may have left meanwhile.
    pub assignee: Option<IdentityId>,
    /// The day it is due, if there is one.
    pub due: Option<Day>,
    /// Where it stands among the others.
    pub place: Place,
    /// Who added it.
    pub author: IdentityId,
    /// When it was added, by the author's clock.
    pub created: Timestamp,
}

/// The id and whether it is done: a title is not for logs.
impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

/// All tasks, the deleted ones too.
#[derive(Clone, Default)]
pub(super) struct Tasks {
    entries: BTreeMap<TaskId, Entry>,
    /// In the order in which they were added.
    order: BTreeMap<Key, TaskId>,
}

/// What is known of one id. An edit may come before the addition that it was made to.
#[derive(Clone, Default)]
struct Entry {
    task: Option<Task>,
    added: Option<Key>,
    title: Option<(Key, String)>,
    done: Option<(Key, bool)>,
    deleted: bool,
}

impl Tasks {
    /// Applies an op that takes effect. Other kinds than tasks' do nothing.
    pub(super) fn apply(&mut self, key: Key, op: &Op) {
        match op.act() {
            Act::TaskAdded { task, title, place } => {
                let entry = self.entries.entry(*task).or_default();
                if entry.added.is_none_or(|added| key < added) {
                    if let Some(later) = entry.added.replace(key) {
                        self.order.remove(&later);
                    }
                    self.order.insert(key, *task);
                    let (author, created) = (op.author(), op.time());
                    entry.task = Some(Task {
                        id: *task,
                        title: String::new(),
                        done: false,
                        assignee: None,
                        due: None,
                        place: place.clone(),
                        author,
                        created,
                    });
                }
                entry.retitle(key, title);
            }
            Act::TaskRetitled { task, title } => self.entries.entry(*task).or_default().retitle(key, title),
            Act::TaskDone { task, done } => self.entries.entry(*task).or_default().set_done((key, *done)),
            Act::ItemDeleted {
                item: ItemId::Task(task),
                deleted,
            } => self.entries.entry(*task).or_default().deleted = *deleted,
            _ => {}
        }
    }

    /// The tasks that there are, in the order in which they were added.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Task> {
        self.order.values().filter_map(|id| self.get(*id))
    }

    /// The task with this id, if it was added and not deleted.
    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.entries.get(&id).filter(|entry| !entry.deleted)?.task.as_ref()
    }
}

impl Entry {
    fn retitle(&mut self, key: Key, title: &str) {
        if self.title.as_ref().is_none_or(|(last, _)| key > *last) {
            self.title = Some((key, title.to_owned()));
        }
        self.refresh();
    }

    fn set_done(&mut self, written: (Key, bool)) {
        if self.done.is_none_or(|(last, _)| written.0 > last) {
            self.done = Some(written);
        }
        self.refresh();
    }

    fn refresh(&mut self) {
        if let Some(task) = &mut self.task {
            if let Some((_, title)) = &self.title {
                task.title.clone_from(title);
            }
            task.done = self.done.is_some_and(|(_, done)| done);
        }
    }
}

#[cfg(test)]
mod tests;
