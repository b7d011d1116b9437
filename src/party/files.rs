//! Files: their names and what they hold by hash, from the data ops in any order. No IO. The contents are elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list::List;
use super::lww::{Added, Deletion, Deletions, Last};
use super::resolver::Key;
use super::{Act, Deleted, FileId, ItemId, Op};
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

/// All files, the deleted ones too.
#[derive(Clone, Default)]
pub(super) struct Files {
    entries: BTreeMap<FileId, Entry>,
    list: List<Arc<File>>,
}

/// What is known of one id. Of two files with one id the first counts.
#[derive(Clone, Default)]
struct Entry {
    added: Option<Added>,
    length: u64,
    content: [u8; 32],
    name: Last<String>,
    deletions: Deletions,
    shown: Option<Arc<File>>,
}

impl Files {
    /// Applies an op that takes effect. Other kinds than files' do nothing.
    pub(super) fn apply(&mut self, key: Key, op: &Op) {
        match op.act() {
            Act::FileAdded {
                file,
                name,
                length,
                content,
            } => {
                let entry = self.entries.entry(*file).or_default();
                if Added::by(key, op, file.as_bytes()).replace(&mut entry.added) {
                    (entry.length, entry.content) = (*length, *content);
                }
                entry.name.write(key, name.clone());
                self.refresh(*file);
            }
            Act::FileRenamed { file, name } => {
                self.entries.entry(*file).or_default().name.write(key, name.clone());
                self.refresh(*file);
            }
            _ => {}
        }
    }

    /// Deletes or restores one.
    pub(super) fn delete(&mut self, file: FileId, deletion: Deletion) {
        self.entries.entry(file).or_default().deletions.add(deletion);
        self.refresh(file);
    }

    /// The files that there are, the last added first.
    pub(super) fn list(&self) -> Arc<[Arc<File>]> {
        self.list.get(|| {
            let entries = self.entries.values();
            let mut shown: Vec<(Key, &Arc<File>)> = entries
                .filter_map(|entry| Some((entry.added.as_ref()?.key, entry.shown.as_ref()?)))
                .collect();
            shown.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
            shown.into_iter().map(|(_, file)| Arc::clone(file)).collect()
        })
    }

    /// The file with this id, if it was added and not deleted.
    pub(super) fn get(&self, id: FileId) -> Option<&Arc<File>> {
        self.entries.get(&id)?.shown.as_ref()
    }

    /// What they hold, also the deleted ones.
    pub(super) fn contents(&self) -> impl Iterator<Item = ContentHash> {
        let added = self.entries.values().filter(|entry| entry.added.is_some());
        added.map(|entry| ContentHash(entry.content))
    }

    /// Whether there is such a file, deleted or not.
    pub(super) fn is_known(&self, id: FileId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.added.is_some())
    }

    pub(super) fn deleted(&self) -> impl Iterator<Item = Deleted> {
        self.entries.iter().filter_map(|(id, entry)| {
            let deletion = entry.deletions.standing(|_| true)?;
            entry.added.as_ref()?;
            Some(Deleted {
                item: ItemId::File(*id),
                title: entry.name.get()?.clone(),
                by: deletion.by,
                at: deletion.at,
            })
        })
    }

    fn refresh(&mut self, id: FileId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.shown = entry.file(id).map(Arc::new);
        }
        self.list.forget();
    }
}

impl Entry {
    fn file(&self, id: FileId) -> Option<File> {
        let added = self.added.as_ref()?;
        if self.deletions.standing(|_| true).is_some() {
            return None;
        }
        Some(File {
            id,
            name: self.name.get()?.clone(),
            length: self.length,
            content: ContentHash(self.content),
            author: added.author,
            added: added.time,
        })
    }
}
