//! The last write of a field, and whether a thing is deleted: what decides when people change one thing at once. No IO.

use super::own::is_own;
use super::resolver::Key;
use super::{Op, Role};
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// A field that belongs to the last op that wrote it, in the order (depth, id) that everybody agrees on.
#[derive(Clone)]
pub(super) struct Last<T>(Option<(Key, T)>);

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Last<T> {
    /// Takes in a write.
    pub(super) fn write(&mut self, key: Key, value: T) {
        if self.0.as_ref().is_none_or(|(last, _)| key > *last) {
            self.0 = Some((key, value));
        }
    }

    /// What stands.
    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

/// Who added a thing. Of two additions of one id that of the device that chose it counts, else the first.
#[derive(Clone)]
pub(super) struct Added {
    pub(super) key: Key,
    chosen: Chosen,
    pub(super) author: IdentityId,
    pub(super) time: Timestamp,
}

impl Added {
    pub(super) fn by(key: Key, op: &Op, id: &[u8; 16]) -> Self {
        Self {
            key,
            chosen: Chosen::by(op, id),
            author: op.author(),
            time: op.time(),
        }
    }

    /// Takes the place of a later addition. Whether it did.
    pub(super) fn replace(self, added: &mut Option<Self>) -> bool {
        let place = |added: &Self| (added.chosen, added.key);
        let first = added.as_ref().is_none_or(|other| place(&self) < place(other));
        if first {
            *added = Some(self);
        }
        first
    }
}

/// Whether the id of what an op adds is one that its device has chosen. Who has counts first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chosen {
    ByItsDevice,
    BySomebody,
}

impl Chosen {
    pub(super) fn by(op: &Op, id: &[u8; 16]) -> Self {
        if is_own(id, op.device()) {
            Self::ByItsDevice
        } else {
            Self::BySomebody
        }
    }
}

/// One time that a thing was deleted or restored.
#[derive(Clone)]
pub(super) struct Deletion {
    pub(super) key: Key,
    pub(super) by: IdentityId,
    /// The role of who did it, in the past of what they did.
    pub(super) role: Role,
    pub(super) at: Timestamp,
    pub(super) deleted: bool,
}

/// All of them, the last one last.
#[derive(Clone, Default)]
pub(super) struct Deletions(Vec<Deletion>);

impl Deletions {
    pub(super) fn add(&mut self, deletion: Deletion) {
        let at = self.0.partition_point(|other| other.key < deletion.key);
        self.0.insert(at, deletion);
    }

    /// The last one that counts, if it deleted.
    pub(super) fn standing(&self, counts: impl Fn(&Deletion) -> bool) -> Option<&Deletion> {
        let mut newest = self.0.iter().rev();
        newest
            .find(|deletion| counts(deletion))
            .filter(|deletion| deletion.deleted)
    }
}
