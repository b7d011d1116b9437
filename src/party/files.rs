//! Files: their names and what they hold by hash, from the data ops in any order. No IO. The contents are elsewhere.

use super::FileId;
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// The BLAKE3 hash of a file's content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

/// Four bytes of it.
impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "ContentHash({a:02x}{b:02x}{c:02x}{d:02x})")
    }
}

/// A file without its content.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Its name, without any folder: 1 to 255 bytes.
    pub name: String,
    /// How long the content is, in bytes.
    pub length: u64,
    /// What the content is.
    pub content: ContentHash,
    /// Who added it.
    pub author: IdentityId,
    /// When it was added, by the author's clock.
    pub added: Timestamp,
}

/// Id and length: a name is not for logs.
impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File")
            .field("id", &self.id)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
