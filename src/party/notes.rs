//! Notes: their titles and texts, from the data ops in any order. No IO.

use super::NoteId;
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// A note without its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Its title: 1 to 1024 bytes.
    pub title: String,
    /// The beginning of its text in one line, at most 120 characters.
    pub excerpt: String,
    /// Who added it.
    pub author: IdentityId,
    /// When it was added, by the author's clock.
    pub created: Timestamp,
    /// Who changed title or text last.
    pub changed_by: IdentityId,
    /// When that was, by their clock.
    pub changed: Timestamp,
}

/// The id: title and text are not for logs.
impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note").field("id", &self.id).finish_non_exhaustive()
    }
}
