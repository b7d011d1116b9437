//! A small disk in memory, which takes root on Linux.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command as Program;

use tempfile::TempDir;

/// How the disk counts.
const BLOCK: usize = 4096;

/// A small disk.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// None, and the reason is told, where there may be none.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mount = Program::new("mount")
            .args(["-t", "tmpfs", "-o", size, "tmpfs"])
            .arg(folder.path())
            .output();
        let why = match mount {
            Ok(output) if output.status.success() => return Some(Self { folder }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        // Past the test harness, which would keep the words of a passing test.
        let mut err = std::io::stderr();
        writeln!(err, "SKIPPED: there is no small disk to be had here: {why}").unwrap();
        None
    }

    /// A new folder on it.
    pub(crate) fn folder(&self) -> TempDir {
        TempDir::new_in(self.folder.path()).unwrap()
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    /// Leaves so many blocks free.
    pub(crate) fn fill(&self, free: usize) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let mut blocks = 0_usize;
        while ballast.write_all(&[1; BLOCK]).is_ok() {
            blocks += 1;
        }
        let length = BLOCK * blocks.saturating_sub(free);
        ballast.set_len(length.try_into().unwrap()).unwrap();
    }

    pub(crate) fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever fails a test may still have files open.
        Program::new("umount")
            .arg("-l")
            .arg(self.folder.path())
            .status()
            .unwrap();
    }
}
