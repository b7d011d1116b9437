//! Tasks: what the data ops add up to, in any order. No IO.
//!
//! Each field of a task belongs to the last op that wrote it, in the order (depth, id). Deleting is a field as well, so a
//! task that somebody deleted stays deleted when somebody else, who had not heard of it yet, corrects its title; and it
//! comes back, with that title, when it is restored. Two additions of one id are one task; its author is that of the first.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list::List;
use super::lww::{Added, Deletion, Deletions, Last};
use super::resolver::Key;
use super::{Act, Deleted, ItemId, Op, Place, TaskId};
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
    /// Those that are shown, in the order that people gave them.
    order: BTreeMap<(Place, Key), Arc<Task>>,
    list: List<Arc<Task>>,
}

/// What is known of one id. An edit may come before the addition that it was made to.
#[derive(Clone, Default)]
struct Entry {
    added: Option<Added>,
    title: Last<String>,
    done: Last<bool>,
    assignee: Last<Option<IdentityId>>,
    due: Last<Option<Day>>,
    place: Last<Place>,
    deletions: Deletions,
    /// Where it stands in the order, if it is shown.
    shown: Option<(Place, Key)>,
}

impl Tasks {
    /// Applies an op that takes effect. Other kinds than tasks' do nothing.
    pub(super) fn apply(&mut self, key: Key, op: &Op) {
        let Some(task) = task_of(op.act()) else { return };
        let entry = self.entries.entry(task).or_default();
        match op.act() {
            Act::TaskAdded { title, place, .. } => {
                Added::by(key, op, task.as_bytes()).replace(&mut entry.added);
                entry.title.write(key, title.clone());
                entry.place.write(key, place.clone());
            }
            Act::TaskRetitled { title, .. } => entry.title.write(key, title.clone()),
            Act::TaskDone { done, .. } => entry.done.write(key, *done),
            Act::TaskAssigned { member, .. } => entry.assignee.write(key, somebody(*member)),
            Act::TaskDue { day, .. } => entry.due.write(key, some_day(*day)),
            Act::TaskMoved { place, .. } => entry.place.write(key, place.clone()),
            _ => {}
        }
        self.refresh(task);
    }

    /// Deletes or restores one.
    pub(super) fn delete(&mut self, task: TaskId, deletion: Deletion) {
        self.entries.entry(task).or_default().deletions.add(deletion);
        self.refresh(task);
    }

    /// The tasks that there are, in the order that people gave them.
    pub(super) fn list(&self) -> Arc<[Arc<Task>]> {
        self.list.get(|| self.order.values().map(Arc::clone).collect())
    }

    /// The task with this id, if it was added and not deleted.
    pub(super) fn get(&self, id: TaskId) -> Option<&Arc<Task>> {
        self.order.get(self.entries.get(&id)?.shown.as_ref()?)
    }

    /// Whether there is such a task, deleted or not.
    pub(super) fn is_known(&self, id: TaskId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.added.is_some())
    }

    /// A place after this task, or before all; `moving` is not counted as standing anywhere.
    pub(super) fn place_after(&self, after: Option<TaskId>, moving: Option<TaskId>) -> Place {
        let moving = moving.and_then(|id| self.entries.get(&id)?.shown.clone());
        let left = after.and_then(|id| self.entries.get(&id)?.shown.clone());
        let mut right = match &left {
            Some(left) => self
                .order
                .range((std::ops::Bound::Excluded(left), std::ops::Bound::Unbounded)),
            None => self.order.range(..),
        };
        let right = right
            .find(|(at, _)| Some(*at) != moving.as_ref())
            .map(|((place, _), _)| place);
        Place::between(left.as_ref().map(|(place, _)| place), right)
    }

    /// A place after all.
    pub(super) fn last_place(&self) -> Place {
        Place::between(self.order.last_key_value().map(|((place, _), _)| place), None)
    }

    pub(super) fn deleted(&self) -> impl Iterator<Item = Deleted> {
        self.entries.iter().filter_map(|(id, entry)| {
            let deletion = entry.deletions.standing(|_| true)?;
            entry.added.as_ref()?;
            Some(Deleted {
                item: ItemId::Task(*id),
                title: entry.title.get()?.clone(),
                by: deletion.by,
                at: deletion.at,
            })
        })
    }

    fn refresh(&mut self, id: TaskId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(shown) = entry.shown.take() {
            self.order.remove(&shown);
            self.list.forget();
        }
        if let Some(task) = entry.task(id)
            && let Some(added) = &entry.added
        {
            let at = (task.place.clone(), added.key);
            entry.shown = Some(at.clone());
            self.order.insert(at, Arc::new(task));
            self.list.forget();
        }
    }
}

impl Entry {
    fn task(&self, id: TaskId) -> Option<Task> {
        let added = self.added.as_ref()?;
        if self.deletions.standing(|_| true).is_some() {
            return None;
        }
        Some(Task {
            id,
            title: self.title.get()?.clone(),
            done: self.done.get().copied().unwrap_or_default(),
            assignee: self.assignee.get().copied().flatten(),
            due: self.due.get().copied().flatten(),
            place: self.place.get()?.clone(),
            author: added.author,
            created: added.time,
        })
    }
}

/// Which task an act changes.
fn task_of(act: &Act) -> Option<TaskId> {
    match act {
        Act::TaskAdded { task, .. }
        | Act::TaskRetitled { task, .. }
        | Act::TaskDone { task, .. }
        | Act::TaskAssigned { task, .. }
        | Act::TaskDue { task, .. }
        | Act::TaskMoved { task, .. } => Some(*task),
        _ => None,
    }
}

/// Whom an op names: zeros are nobody.
pub(super) fn somebody(member: IdentityId) -> Option<IdentityId> {
    (member.as_bytes() != &[0; 32]).then_some(member)
}

/// The day that an op names: 0 is none.
pub(super) fn some_day(day: u32) -> Option<Day> {
    (day != 0).then_some(Day(day))
}

#[cfg(test)]
mod tests;
