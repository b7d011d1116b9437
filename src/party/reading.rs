//! What is asked of a party's content. No IO.

use std::sync::Arc;

use operational_transform::{Operation, OperationSeq};

use super::name::is_note_text;
use super::{
    Act, ContentHash, Deleted, File, FileId, ItemId, Message, MessageId, Note, NoteId, Party, Place, Task, TaskId,
    Text, TextChanged, WriteError,
};
use crate::identity::IdentityId;
use crate::time::Timestamp;

impl Party {
    /// The tasks in the order that people gave them.
    #[must_use]
    pub fn tasks(&self) -> Arc<[Arc<Task>]> {
        self.content.tasks.list()
    }

    /// The notes, the last changed first.
    #[must_use]
    pub fn notes(&self) -> Arc<[Arc<Note>]> {
        self.content.notes.list()
    }

    /// The messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> Arc<[Arc<Message>]> {
        self.content.messages.list()
    }

    /// The files, the last added first.
    #[must_use]
    pub fn files(&self) -> Arc<[Arc<File>]> {
        self.content.files.list()
    }

    /// What was deleted and can be restored, the last deleted first.
    #[must_use]
    pub fn deleted(&self) -> Arc<[Deleted]> {
        self.content.deleted()
    }

    /// One task that is there.
    #[must_use]
    pub fn task(&self, task: TaskId) -> Option<&Arc<Task>> {
        self.content.tasks.get(task)
    }

    /// One note that is there.
    #[must_use]
    pub fn note(&self, note: NoteId) -> Option<&Arc<Note>> {
        self.content.notes.get(note)
    }

    /// One message that is there.
    #[must_use]
    pub fn message(&self, message: MessageId) -> Option<&Arc<Message>> {
        self.content.messages.get(message)
    }

    /// One file that is there.
    #[must_use]
    pub fn file(&self, file: FileId) -> Option<&Arc<File>> {
        self.content.files.get(file)
    }

    /// Whether there is such a thing, deleted or not.
    #[must_use]
    pub fn knows(&self, item: ItemId) -> bool {
        self.content.is_known(item)
    }

    /// The text of a note, deleted or not.
    #[must_use]
    pub fn text(&self, note: NoteId) -> Option<&Text> {
        self.content.notes.text(note)
    }

    /// The act that changes the text of a note so.
    ///
    /// # Errors
    /// [`WriteError::ItemUnknown`]; [`WriteError::TextInvalid`] if the change is for a text of another length or changes
    /// nothing.
    pub fn edit_note(&self, note: NoteId, change: &OperationSeq) -> Result<Act, WriteError> {
        let text = self.text(note).ok_or(WriteError::ItemUnknown)?;
        let edits = text.edits(change).ok_or(WriteError::TextInvalid)?;
        if edits.0.is_empty() {
            return Err(WriteError::TextInvalid);
        }
        Ok(Act::NoteEdited { note, edits })
    }

    /// A change of the text of a note in parts that fit into an op each, every one on the one before.
    ///
    /// # Errors
    /// As [`Self::edit_note`].
    pub fn parts_of(&self, note: NoteId, change: &OperationSeq) -> Result<Vec<OperationSeq>, WriteError> {
        let text = self.text(note).ok_or(WriteError::ItemUnknown)?;
        let mut written = change.ops().iter();
        let can_be_kept = written.all(|operation| match operation {
            Operation::Insert(text) => is_note_text(text),
            Operation::Retain(_) | Operation::Delete(_) => true,
        });
        if !can_be_kept {
            return Err(WriteError::TextInvalid);
        }
        text.parts(change).ok_or(WriteError::TextInvalid)
    }

    /// Notes every change of the text of a note from now on: see [`Self::take_text_changes`].
    pub fn watch_text(&mut self, note: NoteId) {
        self.content.notes.watch(note);
    }

    /// Notes its changes no more.
    pub fn unwatch_text(&mut self, note: NoteId) {
        self.content.notes.unwatch(note);
    }

    /// The changes of watched texts since the last call, each on the one before.
    pub fn take_text_changes(&mut self) -> Vec<TextChanged> {
        self.content.notes.take_changes()
    }

    /// A place for a task right after another one, or before all.
    #[must_use]
    pub fn place_after(&self, after: Option<TaskId>, moving: Option<TaskId>) -> Place {
        self.content.tasks.place_after(after, moving)
    }

    /// A place for the next task of a list that is put together one by one.
    #[must_use]
    pub fn place_behind(last: Option<&Place>) -> Place {
        Place::between(last, None)
    }

    /// What the files hold, also the deleted ones, which can be restored.
    #[must_use]
    pub fn contents(&self) -> Vec<ContentHash> {
        self.content.files.contents().collect()
    }

    /// A place for a task after all others.
    #[must_use]
    pub fn last_place(&self) -> Place {
        self.content.tasks.last_place()
    }

    /// How many ops there are. They are numbered in the order in which they came, which the store keeps.
    #[must_use]
    pub fn entry_count(&self) -> u64 {
        self.log.entries().len() as u64
    }

    /// How many messages of others, not dated before `since`, have come since there were `read` ops, and which of them stands
    /// first.
    #[must_use]
    pub fn unread(&self, me: IdentityId, since: Timestamp, read: u64) -> (usize, Option<MessageId>) {
        let new = usize::try_from(read).unwrap_or(usize::MAX);
        let mut first = None;
        let mut count = 0;
        for entry in self.log.entries().iter().skip(new) {
            if let Act::MessageSent { message, .. } = entry.op.act()
                && entry.op.author() != me
                && entry.op.time() >= since
                && self.content.messages.get(*message).is_some()
            {
                count += 1;
                let at = (entry.key(), *message);
                first = Some(first.map_or(at, |first| at.min(first)));
            }
        }
        (count, first.map(|(_, message)| message))
    }
}
