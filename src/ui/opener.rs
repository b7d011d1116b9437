//! Opens a file that came from another member with the program that the system has for it, without running it.
//!
//! What the system would execute instead of show is never opened: its folder is, so that the person sees what it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Endings of what systems run, or of what makes them run something else.
const RUNNABLE: [&str; 44] = [
    "action",
    "app",
    "appimage",
    "appref-ms",
    "apk",
    "bash",
    "bat",
    "bin",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dmg",
    "exe",
    "flatpakref",
    "gadget",
    "hta",
    "inf",
    "jar",
    "js",
    "jse",
    "ksh",
    "lnk",
    "msc",
    "msi",
    "pif",
    "pkg",
    "pl",
    "ps1",
    "py",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "sh",
    "url",
    "vbs",
    "workflow",
    "wsf",
];

/// Opens a file, or the folder of one that could be run. On a thread of its own.
pub(crate) fn open(path: PathBuf) {
    let thread = std::thread::Builder::new().name("open".to_owned()).spawn(move || {
        let shown = if is_runnable(&path) {
            path.parent().unwrap_or(&path)
        } else {
            &path
        };
        let opened = Command::new(PROGRAM)
            .arg(shown)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = opened {
            tracing::warn!(%error, "the system could not open a file");
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "no thread to open a file");
    }
}

/// What shows a file with the program that its kind belongs to.
const PROGRAM: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// Whether a system might run the file: by its ending, or because it is marked as a program.
fn is_runnable(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_none_or(|ending| RUNNABLE.contains(&ending.as_str())) || is_marked(path)
}

#[cfg(unix)]
fn is_marked(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_marked(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_run_is_not_opened() {
        for name in ["setup.EXE", "x.sh", "photo.jpg.desktop", "README"] {
            assert!(is_runnable(Path::new(name)), "{name}");
        }
        for name in ["photo.jpg", "minutes.pdf", "route.gpx"] {
            assert!(!is_runnable(Path::new(name)), "{name}");
        }
    }
}
