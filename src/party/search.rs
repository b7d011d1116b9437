//! Finding things in a party by their words. No IO.

use super::ItemId;

/// Most things that one search finds.
pub const MAX_FOUND: usize = 200;

/// A thing that a search found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub item: ItemId,
    /// Its title, or a message's text, or a file's name.
    pub title: String,
    /// Where the words stand in a note's text, in one line; empty if they stand in the title.
    pub excerpt: String,
}

/// Which thing: what was found is not for logs.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found")
            .field("item", &self.item)
            .finish_non_exhaustive()
    }
}
