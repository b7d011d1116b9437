//! How a node is, as a small file in its profile's folder: counts, no names.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file's name.
pub(super) const FILE: &str = "node.json";
/// The longest file that is read, in bytes.
const LONGEST: u64 = 4096;

/// How a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Status {
    /// Since when it runs.
    pub(in crate::cli) started_ms: u64,
    /// When it last said so.
    pub(in crate::cli) updated_ms: u64,
    /// How many parties it keeps.
    pub(in crate::cli) parties: usize,
    /// How many members' devices are connected.
    pub(in crate::cli) peers: usize,
    /// How many offline invitations are open in these parties.
    pub(in crate::cli) invitations: usize,
    /// How many people wait for approval.
    pub(in crate::cli) requests: usize,
    /// How many connected devices do not have everything yet, or this one not of them.
    pub(in crate::cli) behind: usize,
}

impl Status {
    /// Whether there is something new in it besides the time.
    pub(super) fn differs_from(&self, other: &Self) -> bool {
        let updated_ms = other.updated_ms;
        Self {
            updated_ms,
            ..self.clone()
        } != *other
    }

    /// Replaces the file. Whoever reads it sees the old one or the new one.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let next = path.with_extension("json.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&next)?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        std::fs::rename(&next, path)
    }

    /// Reads the file; none if there is none, or it is not a status.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let mut text = String::new();
        let file = File::open(path).ok()?;
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(Status::read(&path), None);
        let status = Status {
            started_ms: 1,
            updated_ms: 2,
            parties: 3,
            peers: 4,
            invitations: 5,
            requests: 6,
            behind: 7,
        };
        status.write(&path).unwrap();
        assert_eq!(Status::read(&path), Some(status.clone()));
        let later = Status {
            updated_ms: 9,
            ..status.clone()
        };
        assert!(!later.differs_from(&status) && Status { peers: 0, ..later }.differs_from(&status));
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(Status::read(&path), None);
    }
}
