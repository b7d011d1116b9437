//! Names of things in a party. No IO.

use crate::identity::id_type;

id_type! {
    /// A party: the hash of its first op.
    PartyId, 32
}
id_type! {
    /// The first half of a [`PartyId`]: what an invite code has room for.
    PartyTag, 16
}
id_type! {
    /// An op: the hash of its body.
    OpId, 32
}
id_type! {
    /// A task: 16 random bytes, chosen by who adds it.
    TaskId, 16
}

id_type! {
    /// A note: 16 random bytes, chosen by who adds it.
    NoteId, 16
}
id_type! {
    /// A message: 16 random bytes, chosen by who sends it.
    MessageId, 16
}
id_type! {
    /// A file: 16 random bytes, chosen by who adds it.
    FileId, 16
}

id_type! {
    /// Somebody's wish to come in by an invitation that needs approval: a hash of the invitation and the person.
    JoinRequestId, 16
}

/// One thing in a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// A task.
    Task(TaskId),
    /// A note.
    Note(NoteId),
    /// A message.
    Message(MessageId),
    /// A file.
    File(FileId),
}

impl PartyTag {
    /// In a code that pairs a device: it leads to a person, not to a party.
    pub const NONE: Self = Self::from_bytes([0; 16]);
}

impl PartyId {
    /// The part of the id that travels in an invite code.
    #[must_use]
    pub fn tag(&self) -> PartyTag {
        let mut tag = [0; 16];
        tag.iter_mut().zip(self.as_bytes()).for_each(|(to, from)| *to = *from);
        PartyTag::from_bytes(tag)
    }
}
