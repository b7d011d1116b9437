//! Writes and reads folders of plain files that a person chose. Not part of a profile.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use super::StoreError;

/// Makes a folder, or takes an empty one, and writes these files into it, by their paths inside the folder. They are on the
/// disk when this returns. What was begun stays if it fails.
///
/// # Errors
/// [`StoreError::Exists`] if there is something in it already, [`StoreError::Full`], [`StoreError::Io`].
pub fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(StoreError::Exists);
    }
    for inside in ["notes", "files"] {
        fs::create_dir(folder.join(inside))?;
    }
    for (path, text) in files {
        let mut file = fs::File::create_new(folder.join(path))?;
        file.write_all(text)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Reads a file of a folder, if it is a plain file and no longer than this, in bytes.
///
/// # Errors
/// [`StoreError::Io`].
pub fn read_file(path: &Path, longest: u64) -> Result<Vec<u8>, StoreError> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(StoreError::Io(std::io::ErrorKind::InvalidInput.into()));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(longest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(StoreError::Io(std::io::ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}
