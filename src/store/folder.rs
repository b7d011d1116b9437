//! The profile's folder: made for one user, used by one process, files that are either whole or not there.
//!
//! On Unix the folder is 0700 and its files 0600, and the store refuses to work with anything wider. On Windows the folder
//! lies in the user's own `AppData`, whose access list already keeps other users out; nothing is checked there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::StoreError;

/// The database.
const DATABASE: &str = "partyline.db";
/// The former database, if it was damaged.
const DAMAGED: &str = "partyline.db.damaged";
/// What is saved of it, while it is being written, and what `SQLite` puts beside that.
const DRAFT: &str = "partyline.db.tmp";
const DRAFT_SIDE_FILES: [&str; 2] = ["partyline.db.tmp-wal", "partyline.db.tmp-shm"];
/// What `SQLite` puts beside it while it is open; they take over its permissions.
const DATABASE_SIDE_FILES: [&str; 2] = ["partyline.db-wal", "partyline.db-shm"];
/// Locked while a process uses the profile. Never deleted: another process might be about to lock it.
const LOCK: &str = "lock";
/// The master key, if the person chose to keep it without protection.
const MASTER_KEY: &str = "dmk";
/// The master key while it is being written.
const MASTER_KEY_DRAFT: &str = "dmk.tmp";

/// A folder that this process alone uses, until it is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    // Held, not read: the operating system releases it when the file closes, also when the process is killed.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, checks who may get at it, and takes its lock.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path)?;
        refuse_exposed(path)?;
        let lock_path = path.join(LOCK);
        let lock = match create_private(&lock_path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(&lock_path)
            }
            other => other,
        }?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        for name in [LOCK, DATABASE, DAMAGED, MASTER_KEY, MASTER_KEY_DRAFT]
            .into_iter()
            .chain(DATABASE_SIDE_FILES)
        {
            let file = path.join(name);
            if file.symlink_metadata().is_ok() {
                refuse_exposed(&file)?;
            }
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where the database is. The file is made here, empty and private, because `SQLite` would make it with the process's
    /// default permissions; its side files then take over those of the database.
    pub(super) fn database(&self) -> Result<PathBuf, StoreError> {
        let path = self.path.join(DATABASE);
        match create_private(&path) {
            Ok(file) => {
                file.sync_all()?;
                self.sync()?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        Ok(path)
    }

    /// Where a new database may be written that is to replace a damaged one: an empty file.
    pub(super) fn new_draft(&self) -> Result<PathBuf, StoreError> {
        for name in [DRAFT].into_iter().chain(DRAFT_SIDE_FILES) {
            remove_if_there(&self.path.join(name))?;
        }
        let path = self.path.join(DRAFT);
        create_private(&path)?;
        Ok(path)
    }

    /// Puts the draft in the place of the damaged database, which is kept under another name. A crash leaves either of them.
    pub(super) fn replace_damaged(&self) -> Result<(), StoreError> {
        let (database, damaged) = (self.path.join(DATABASE), self.path.join(DAMAGED));
        // Its log is empty. A new database must not find that of another one beside itself.
        for name in DATABASE_SIDE_FILES {
            remove_if_there(&self.path.join(name))?;
        }
        remove_if_there(&damaged)?;
        if fs::hard_link(&database, &damaged).is_err() {
            io::copy(&mut File::open(&database)?, &mut create_private(&damaged)?)?;
        }
        fs::rename(self.path.join(DRAFT), database)?;
        self.sync()
    }

    /// How many bytes the database takes, with what lies beside it.
    pub(super) fn database_length(&self) -> Result<u64, StoreError> {
        let mut length = 0_u64;
        for name in [DATABASE].into_iter().chain(DATABASE_SIDE_FILES) {
            match fs::metadata(self.path.join(name)) {
                Ok(file) => length = length.saturating_add(file.len()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(length)
    }

    /// Stores the master key without protection. When this returns, it is on the disk, whole; a crash before leaves what
    /// was there.
    pub(super) fn write_master_key(&self, key: &[u8; 32]) -> Result<(), StoreError> {
        let draft = self.path.join(MASTER_KEY_DRAFT);
        remove_if_there(&draft)?;
        let mut file = create_private(&draft)?;
        file.write_all(key)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&draft, self.path.join(MASTER_KEY))?;
        self.sync()
    }

    /// The master key that [`Self::write_master_key`] stored, if there is one.
    pub(super) fn read_master_key(&self) -> Result<Option<Zeroizing<[u8; 32]>>, StoreError> {
        let mut file = match File::open(self.path.join(MASTER_KEY)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if file.metadata()?.len() != 32 {
            return Err(StoreError::Damaged("the file of the master key"));
        }
        let mut key = Zeroizing::new([0; 32]);
        file.read_exact(&mut *key)?;
        Ok(Some(key))
    }

    /// Makes names that were added or changed in the folder survive a power cut.
    fn sync(&self) -> Result<(), StoreError> {
        sync_folder(&self.path).map_err(StoreError::from)
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a folder, and those above it, for this user alone. Does not touch one that is there.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Creates a file that only this user can read. Fails if there is one.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;

    let others = fs::metadata(path)?.permissions().mode() & 0o077;
    if others == 0 {
        Ok(())
    } else {
        Err(StoreError::Exposed(path.to_owned()))
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Windows cannot open a folder as a file; its journal orders the change of names itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_lock_of_one_folder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        let first = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(StoreError::InUse)));
        drop(first);
        Folder::open(&path).unwrap();
    }

    #[test]
    fn master_key_survives_and_replaces_a_draft_that_a_crash_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("profile");
        let folder = Folder::open(&path).unwrap();
        assert!(folder.read_master_key().unwrap().is_none());
        create_private(&path.join(MASTER_KEY_DRAFT))
            .unwrap()
            .write_all(b"half")
            .unwrap();
        folder.write_master_key(&[7; 32]).unwrap();
        assert_eq!(*folder.read_master_key().unwrap().unwrap(), [7; 32]);
        assert!(!path.join(MASTER_KEY_DRAFT).exists());
        fs::write(path.join(MASTER_KEY), [7; 31]).unwrap();
        assert!(matches!(folder.read_master_key(), Err(StoreError::Damaged(_))));
    }

    #[cfg(unix)]
    #[test]
    fn folder_and_files_are_private_and_anything_wider_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("profile");
        let folder = Folder::open(&path).unwrap();
        folder.database().unwrap();
        folder.write_master_key(&[7; 32]).unwrap();
        drop(folder);
        assert_eq!(mode(&path), 0o700);
        for name in [LOCK, DATABASE, MASTER_KEY] {
            let file = path.join(name);
            assert_eq!(mode(&file), 0o600, "{name}");
            for wide in [0o640, 0o620, 0o604, 0o602] {
                fs::set_permissions(&file, fs::Permissions::from_mode(wide)).unwrap();
                assert!(
                    matches!(Folder::open(&path), Err(StoreError::Exposed(at)) if at == file),
                    "{name} {wide:o}"
                );
            }
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        for wide in [0o750, 0o720, 0o705, 0o702] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wide)).unwrap();
            assert!(
                matches!(Folder::open(&path), Err(StoreError::Exposed(at)) if at == path),
                "{wide:o}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Folder::open(&path).unwrap();
    }
}
