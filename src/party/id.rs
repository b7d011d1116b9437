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

impl PartyId {
    /// The part of the id that travels in an invite code.
    #[must_use]
    pub fn tag(&self) -> PartyTag {
        let mut tag = [0; 16];
        tag.iter_mut().zip(self.as_bytes()).for_each(|(to, from)| *to = *from);
        PartyTag::from_bytes(tag)
    }
}
