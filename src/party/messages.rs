//! Messages: what the data ops add up to, in any order. No IO.
//!
//! They stand in the order (depth, id) of their ops: an answer comes after what it answers, whatever the clocks say. A
//! message is deleted, and restored, by its author or by an Admin.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list::List;
use super::lww::{Chosen, Deletion, Deletions};
use super::resolver::Key;
use super::{Act, Deleted, ItemId, MessageId, Op, Role};
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// A message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it says: 1 to 3000 bytes.
    pub text: String,
    /// Who sent it.
    pub author: IdentityId,
    /// When it was sent, by the author's clock.
    pub sent: Timestamp,
    /// The message that it answers. That one may be deleted or not have come yet.
    pub reply_to: Option<MessageId>,
}

/// The id: a text is not for logs.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

/// All messages, the deleted ones too.
#[derive(Clone, Default)]
pub(super) struct Messages {
    entries: BTreeMap<MessageId, Entry>,
    /// Those that are shown.
    order: BTreeMap<Key, Arc<Message>>,
    list: List<Arc<Message>>,
}

/// What is known of one id. Of two messages with one id that of the device that chose it counts, else the first.
#[derive(Clone, Default)]
struct Entry {
    sent: Option<(Key, Arc<Message>)>,
    chosen: Option<Chosen>,
    deletions: Deletions,
}

impl Messages {
    /// Applies an op that takes effect. Other kinds than messages' do nothing.
    pub(super) fn apply(&mut self, key: Key, op: &Op) {
        let Act::MessageSent {
            message,
            text,
            reply_to,
        } = op.act()
        else {
            return;
        };
        let entry = self.entries.entry(*message).or_default();
        let chosen = Chosen::by(op, message.as_bytes());
        let known = entry.chosen.zip(entry.sent.as_ref());
        if known.is_some_and(|(by, (first, _))| (by, *first) < (chosen, key)) {
            return;
        }
        entry.chosen = Some(chosen);
        let sent = Message {
            id: *message,
            text: text.clone(),
            author: op.author(),
            sent: op.time(),
            reply_to: (reply_to.as_bytes() != &[0; 16]).then_some(*reply_to),
        };
        if let Some((later, _)) = entry.sent.replace((key, Arc::new(sent))) {
            self.order.remove(&later);
        }
        self.refresh(*message);
    }

    /// Deletes or restores one.
    pub(super) fn delete(&mut self, message: MessageId, deletion: Deletion) {
        self.entries.entry(message).or_default().deletions.add(deletion);
        self.refresh(message);
    }

    pub(super) fn list(&self) -> Arc<[Arc<Message>]> {
        self.list.get(|| self.order.values().map(Arc::clone).collect())
    }

    /// The message with this id, if it was sent and is not deleted.
    pub(super) fn get(&self, id: MessageId) -> Option<&Arc<Message>> {
        self.order.get(&self.entries.get(&id)?.sent.as_ref()?.0)
    }

    /// Whether there is such a message, deleted or not.
    pub(super) fn is_known(&self, id: MessageId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.sent.is_some())
    }

    /// Who sent it, deleted or not.
    pub(super) fn author(&self, id: MessageId) -> Option<IdentityId> {
        let (_, message) = self.entries.get(&id)?.sent.as_ref()?;
        Some(message.author)
    }

    pub(super) fn deleted(&self) -> impl Iterator<Item = Deleted> {
        self.entries.iter().filter_map(|(id, entry)| {
            let deletion = entry.deletion()?;
            let (_, message) = entry.sent.as_ref()?;
            Some(Deleted {
                item: ItemId::Message(*id),
                title: message.text.clone(),
                by: deletion.by,
                at: deletion.at,
            })
        })
    }

    fn refresh(&mut self, id: MessageId) {
        let Some(entry) = self.entries.get(&id) else { return };
        let Some((key, message)) = &entry.sent else { return };
        if entry.deletion().is_some() {
            self.order.remove(key);
        } else {
            self.order.insert(*key, Arc::clone(message));
        }
        self.list.forget();
    }
}

impl Entry {
    fn deletion(&self) -> Option<&Deletion> {
        let (_, message) = self.sent.as_ref()?;
        self.deletions
            .standing(|deletion| deletion.by == message.author || deletion.role >= Role::Admin)
    }
}
