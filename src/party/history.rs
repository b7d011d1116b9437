//! What has become of one thing in a party, and what lies deleted: read from the log. No IO.

use super::ItemId;
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
    /// Its author was removed or made a Reader meanwhile: it has no effect.
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
