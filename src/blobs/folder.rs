//! The folder on the disk: private, swept when it is opened, and what is in it made to last.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BlobError, stored};
use crate::party::ContentHash;

/// Where the contents lie.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Contents that the disk could not take whole. It says so once, and would not again when the rest has come.
    spoilt: Arc<Mutex<BTreeSet<ContentHash>>>,
}

impl Folder {
    /// Makes the folder if it is not there and checks who may get at it.
    pub(super) fn open(path: &Path) -> Result<Self, BlobError> {
        let path = std::path::absolute(path)?;
        make_private(&path)?;
        Ok(Self {
            path,
            spoilt: Arc::default(),
        })
    }

    /// The database: what is here, and the small contents themselves.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("blobs.db")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where a content is until it is whole.
    pub(super) fn drafts(&self) -> PathBuf {
        self.path.join("temp")
    }

    /// Throws away what was being added when the program was killed, or when adding failed. Nothing is being added now.
    pub(super) fn sweep(&self) -> Result<(), BlobError> {
        let entries = match fs::read_dir(self.drafts()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Makes a whole content survive a power cut. A small one lies in the database, which sees to it itself.
    ///
    /// [`BlobError::Damaged`] if an earlier part of it did not get to the disk.
    pub(super) fn make_durable(&self, hash: ContentHash) -> Result<(), BlobError> {
        self.flush(hash)?;
        sync_folder(&self.data())?;
        if self.is_spoilt(hash) {
            return Err(BlobError::Damaged);
        }
        Ok(())
    }

    /// Whether a part of a content did not get to the disk: it has to be got anew.
    pub(super) fn is_spoilt(&self, hash: ContentHash) -> bool {
        self.spoilt().contains(&hash)
    }

    /// Brings what has arrived of a content to the disk.
    pub(super) fn flush(&self, hash: ContentHash) -> Result<(), BlobError> {
        let flushed = self.sync(hash);
        if flushed.is_err() {
            self.spoilt().insert(hash);
        }
        flushed
    }

    /// A content is not here any more.
    pub(super) fn forgotten(&self, hash: ContentHash) {
        self.spoilt().remove(&hash);
    }

    fn spoilt(&self) -> MutexGuard<'_, BTreeSet<ContentHash>> {
        self.spoilt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sync(&self, hash: ContentHash) -> Result<(), BlobError> {
        let name = stored(hash).to_hex();
        for extension in ["data", "obao4"] {
            // Windows flushes only what may be written.
            match OpenOptions::new()
                .write(true)
                .open(self.data().join(format!("{name}.{extension}")))
            {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What all its files take on the disk, in bytes.
    pub(super) fn size(&self) -> Result<u64, BlobError> {
        let mut total = 0;
        for folder in [self.path.clone(), self.data(), self.drafts()] {
            for entry in fs::read_dir(folder)? {
                total += match entry?.metadata() {
                    Ok(metadata) if metadata.is_file() => allocated(&metadata),
                    Ok(_) => 0,
                    // It has just got its final name.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                    Err(error) => return Err(error.into()),
                };
            }
        }
        Ok(total)
    }
}

/// Makes a folder for this user alone, or refuses one that is there and is not. What is made inside it later is out of the
/// reach of others, whatever its own permissions.
#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), BlobError> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(BlobError::Exposed(path.to_owned()))
    }
}

/// On Windows the folder lies in the user's own `AppData`, whose access list already keeps other users out.
#[cfg(not(unix))]
fn make_private(path: &Path) -> Result<(), BlobError> {
    fs::create_dir_all(path)?;
    Ok(())
}

/// A file that is not whole has holes, which take no space.
#[cfg(unix)]
fn allocated(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;

    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn allocated(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

/// Makes names that were added or changed in a folder survive a power cut.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

/// Windows cannot open a folder as a file; its journal orders the change of names itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
