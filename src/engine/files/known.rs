//! The files of a party, from its ops.

use std::collections::BTreeMap;

use crate::party::{Act, ContentHash, File, FileId, ItemId, Party};

/// The files of a party that are not deleted, by id.
pub(super) fn files(party: &Party) -> Vec<File> {
    let mut files: BTreeMap<FileId, (File, bool)> = BTreeMap::new();
    for op in party.ops() {
        match op.act() {
            Act::FileAdded {
                file,
                name,
                length,
                content,
            } => {
                files.entry(*file).or_insert_with(|| {
                    let added = File {
                        id: *file,
                        name: name.clone(),
                        length: *length,
                        content: ContentHash(*content),
                        author: op.author(),
                        added: op.time(),
                    };
                    (added, false)
                });
            }
            Act::FileRenamed { file, name } => {
                if let Some((file, _)) = files.get_mut(file) {
                    file.name.clone_from(name);
                }
            }
            Act::ItemDeleted {
                item: ItemId::File(file),
                deleted: now,
            } => {
                if let Some((_, deleted)) = files.get_mut(file) {
                    *deleted = *now;
                }
            }
            _ => {}
        }
    }
    files
        .into_values()
        .filter(|(_, deleted)| !deleted)
        .map(|(file, _)| file)
        .collect()
}
