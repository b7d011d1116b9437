//! Where a content is saved to, and under what name. Names of files come from other people.

use std::io;
use std::path::{Path, PathBuf};

use crate::blobs::Existing;
use crate::engine::SaveTo;
use crate::failure::Failure;
use crate::party::{File, is_refused_in_file_name};

/// The longest name of a file, in bytes.
const MAX_NAME: usize = 255;

/// How many names are tried before a folder counts as one that cannot be written to.
const MAX_NUMBER: u32 = 1000;

/// Names that mean a device on Windows, whatever their extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Where a content shall go.
#[derive(Debug)]
pub(super) enum Place {
    /// Exactly here.
    Path(PathBuf),
    /// Into a folder, under a name that is not taken.
    Folder { folder: PathBuf, name: String },
    /// Into a folder of ours that may have to be made.
    Own { folder: PathBuf, name: String },
}

impl Place {
    pub(super) fn new(to: SaveTo, profile: &Path, file: &File) -> Self {
        let name = safe(&file.name);
        match to {
            SaveTo::Path(path) => Self::Path(path),
            SaveTo::Folder(folder) => Self::Folder { folder, name },
            // Each file has a folder of its own, so that it can keep its name.
            SaveTo::Open => Self::Own {
                folder: profile.join("opened").join(file.id.to_string()),
                name,
            },
        }
    }

    /// Makes the folder if it is ours.
    pub(super) async fn prepare(&self) -> io::Result<()> {
        let Self::Own { folder, .. } = self else { return Ok(()) };
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || std::fs::create_dir_all(folder)).await?
    }

    /// Paths to try one after the other while they are taken.
    pub(super) fn candidates(&self) -> Box<dyn Iterator<Item = (PathBuf, Existing)> + Send> {
        match self {
            Self::Path(path) => Box::new(std::iter::once((path.clone(), Existing::Replace))),
            Self::Own { folder, name } => Box::new(std::iter::once((folder.join(name), Existing::Replace))),
            Self::Folder { folder, name } => {
                let (folder, name) = (folder.clone(), name.clone());
                Box::new((1..=MAX_NUMBER).map(move |number| (folder.join(numbered(&name, number)), Existing::Keep)))
            }
        }
    }
}

/// The name under which a file of the person's comes into a party: with `_` for every character that not all members' systems
/// take, and for bytes that are no text.
pub(super) fn name_of(path: &Path) -> Result<String, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.replace(|c| is_refused_in_file_name(c) || c == char::REPLACEMENT_CHARACTER, "_");
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(Failure::FileNameInvalid);
    }
    Ok(name)
}

/// The name without anything that leads elsewhere or that some system does not take.
fn safe(name: &str) -> String {
    let mut safe = name.replace(is_refused_in_file_name, "_");
    while safe.ends_with(['.', ' ']) || safe.len() > MAX_NAME {
        safe.pop();
    }
    let stem = safe.split('.').next().unwrap_or_default().trim().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port = port.is_some_and(|number| number.chars().count() == 1);
    if stem.is_empty() || is_port || DEVICES.contains(&stem.as_str()) {
        safe.insert(0, '_');
        while safe.len() > MAX_NAME {
            safe.pop();
        }
    }
    safe
}

/// `picture.png`, `picture (2).png`, …
fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_its_folder_and_is_one_on_every_system() {
        for (name, expected) in [
            ("holiday.jpg", "holiday.jpg"),
            ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
            ("../../.ssh/authorized_keys", "_.._.._.ssh_authorized_keys"),
            ("..", "_"),
            (".", "_"),
            ("", "_"),
            (".profile", "_.profile"),
            ("C:\\windows\\x", "C__windows_x"),
            ("a\0b\nc", "a_b_c"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("compass.txt", "compass.txt"),
            ("dots... ", "dots"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
            let joined = Path::new("/folder").join(safe(name));
            assert_eq!(joined.parent(), Some(Path::new("/folder")), "{name:?}");
        }
        assert!(safe(&"ü".repeat(400)).len() <= MAX_NAME);
    }

    #[test]
    fn a_taken_name_gets_a_number_before_its_extension() {
        assert_eq!(numbered("a.tar.gz", 1), "a.tar.gz");
        assert_eq!(numbered("a.tar.gz", 2), "a.tar (2).gz");
        assert_eq!(numbered("_.profile", 3), "_ (3).profile");
        assert_eq!(numbered("README", 2), "README (2)");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(name_of(Path::new("/")), Err(Failure::FileNameInvalid));
        assert_eq!(name_of(Path::new("/tmp/x.txt")), Ok("x.txt".to_owned()));
        assert_eq!(name_of(Path::new(&"x".repeat(256))), Err(Failure::FileNameInvalid));
    }

    #[test]
    #[cfg(unix)]
    fn every_name_of_this_system_becomes_one_of_every_system() {
        use crate::party::check_file_name;
        use std::os::unix::ffi::OsStrExt as _;

        for (name, expected) in [
            (&b"why? (2).txt"[..], "why_ (2).txt"),
            (b"12:30 <a|b> \"c\" * \\", "12_30 _a_b_ _c_ _ _"),
            ("txt\u{202e}gpj.exe\n".as_bytes(), "txt_gpj.exe_"),
            (b"caf\xe9.txt", "caf_.txt"),
        ] {
            let named = name_of(Path::new(std::ffi::OsStr::from_bytes(name))).unwrap_or_default();
            assert_eq!(named, expected);
            assert_eq!(check_file_name(&named), Ok(expected));
        }
    }
}
