//! A desktop file and an icon for this user, and a line in the list of default programs.
//!
//! Sources: the Desktop Entry Specification 1.5, the XDG Base Directory Specification 0.8, and the MIME Applications
//! Associations specification 1.0.1 of freedesktop.org.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use directories::BaseDirs;

use super::{Links, LinksError};

/// What the desktop file is called, also in the list of default programs.
const NAME: &str = "partyline.desktop";
/// What opens links that begin with `partyline:`, and those of an invitation service's page.
const HANDLERS: [&str; 2] = ["x-scheme-handler/partyline", "x-scheme-handler/org.partyline.app"];
const DEFAULTS: &str = "[Default Applications]";

/// The file that packages install as it is.
const DESKTOP_FILE: &str = include_str!("../../../assets/partyline.desktop");
/// Its line that is replaced by one with the program's whole path.
const EXEC: &str = "Exec=partyline %u";
const ICON: &[u8] = include_bytes!("../../../assets/icon.svg");

/// The folders that desktops read.
pub(super) struct Places {
    /// The user's own data, such as `~/.local/share`.
    data: PathBuf,
    /// The user's own settings, such as `~/.config`.
    config: PathBuf,
    /// Where packages put theirs.
    system: Vec<PathBuf>,
}

impl Places {
    /// Those of this user; none if there is no home.
    pub(super) fn of_user() -> Option<Self> {
        let dirs = BaseDirs::new()?;
        let system = env::var("XDG_DATA_DIRS").unwrap_or_default();
        let system = if system.is_empty() {
            "/usr/local/share:/usr/share"
        } else {
            &system
        };
        Some(Self {
            data: dirs.data_dir().to_owned(),
            config: dirs.config_dir().to_owned(),
            system: system.split(':').map(PathBuf::from).collect(),
        })
    }

    pub(super) fn set(&self, links: Links, program: &Path) -> Result<(), LinksError> {
        let (file, icon, list) = (self.file(&self.data), self.icon(), self.config.join("mimeapps.list"));
        let before = match fs::read_to_string(&list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let after = match links {
            Links::Register => {
                let text = desktop_file(program).ok_or(LinksError::NoPlace)?;
                replace(&file, text.as_bytes())?;
                replace(&icon, ICON)?;
                HANDLERS
                    .iter()
                    .rev()
                    .fold(before.clone(), |list, handler| with_default(&list, handler))
            }
            Links::Remove => {
                remove(&file)?;
                remove(&icon)?;
                HANDLERS
                    .iter()
                    .fold(before.clone(), |list, handler| without_default(&list, handler))
            }
        };
        if after != before {
            replace(&list, after.as_bytes())?;
        }
        self.tell_the_desktop();
        Ok(())
    }

    /// Whether links have a program: ours by a package or by an earlier start, whose program is still there.
    pub(super) fn are_set(&self) -> bool {
        if self.system.iter().any(|data| self.file(data).exists()) {
            return true;
        }
        let text = fs::read_to_string(self.file(&self.data)).unwrap_or_default();
        text.lines().any(|line| {
            let program = program_of(line).filter(|program| program.exists());
            // As it would be written now: an older version wrote what not everything reads.
            program.and_then(|program| exec(&program)).as_deref() == Some(line)
        })
    }

    #[expect(
        clippy::unused_self,
        reason = "every folder that desktops read has it at the same place"
    )]
    fn file(&self, data: &Path) -> PathBuf {
        data.join("applications").join(NAME)
    }

    fn icon(&self) -> PathBuf {
        self.data.join("icons/hicolor/scalable/apps/partyline.svg")
    }

    /// Some desktops read a cache of all desktop files; those without this tool need no telling.
    fn tell_the_desktop(&self) {
        let told = Command::new("update-desktop-database")
            .arg(self.data.join("applications"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = told {
            tracing::debug!(%error, "the cache of desktop files was not renewed");
        }
    }
}

/// The desktop file with the program's whole path; none if that is no text, or has a line break.
fn desktop_file(program: &Path) -> Option<String> {
    Some(DESKTOP_FILE.replace(EXEC, &exec(program)?))
}

/// The line that starts a program.
fn exec(program: &Path) -> Option<String> {
    let program = program.to_str().filter(|path| !path.contains(char::is_control))?;
    // Some readers of the line (`xdg-open` where it knows no desktop) take quotes for a part of the name.
    if !program.contains(is_reserved) {
        return Some(format!("Exec={} %u", program.replace('%', "%%")));
    }
    let mut exec = "Exec=\"".to_owned();
    for c in program.chars() {
        match c {
            // Once for the quotes of an argument, and once more for the string that the line is.
            '"' | '`' | '$' => exec.extend(['\\', '\\', c]),
            '\\' => exec.push_str(r"\\\\"),
            '%' => exec.push_str("%%"),
            other => exec.push(other),
        }
    }
    exec.push_str("\" %u");
    Some(exec)
}

/// Whether an argument with this character has to be quoted (Desktop Entry Specification 1.5, "The Exec key").
fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "\"'\\><~|&;$*?#()`".contains(c)
}

/// The program that a line of [`desktop_file`] names.
fn program_of(line: &str) -> Option<PathBuf> {
    let argument = line.strip_prefix("Exec=")?.strip_suffix(" %u")?;
    let Some(quoted) = argument.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')) else {
        return Some(argument.replace("%%", "%").into());
    };
    let mut program = String::new();
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => program.extend(rest.next()),
            '\\' => {
                rest.next();
                match rest.next() {
                    Some('\\') => program.extend(rest.next()),
                    Some(other) => program.push(other),
                    None => {}
                }
            }
            other => program.push(other),
        }
    }
    Some(program.into())
}

/// The list with our line, unless the person has chosen another program.
fn with_default(list: &str, handler: &str) -> String {
    if defaults(list).any(|line| line.split('=').next() == Some(handler)) {
        return list.to_owned();
    }
    let ours = format!("{handler}={NAME}\n");
    match list.split_once(DEFAULTS) {
        Some((before, after)) => {
            let after = after.strip_prefix('\n').unwrap_or(after);
            format!("{before}{DEFAULTS}\n{ours}{after}")
        }
        None if list.is_empty() || list.ends_with('\n') => format!("{list}{DEFAULTS}\n{ours}"),
        None => format!("{list}\n{DEFAULTS}\n{ours}"),
    }
}

/// The list without our line.
fn without_default(list: &str, handler: &str) -> String {
    let ours = format!("{handler}={NAME}");
    let kept = list
        .split_inclusive('\n')
        .filter(|line| line.trim_end().trim_end_matches(';') != ours);
    kept.collect()
}

/// The lines of the section of default programs.
fn defaults(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .skip_while(|line| line.trim() != DEFAULTS)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

/// Writes a file so that it is there whole or as it was before.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // The list may be a link to a file that the person keeps elsewhere.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let draft = path.with_extension("partyline-draft");
    let written = fs::File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    });
    if written.is_err() {
        remove(&draft)?;
    }
    written
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(home: &Path) -> Places {
        Places {
            data: home.join("share"),
            config: home.join("config"),
            system: vec![home.join("system")],
        }
    }

    #[test]
    fn links_are_registered_once_and_removed_without_a_trace() {
        let home = tempfile::tempdir().unwrap();
        let places = places(home.path());
        let program = env::current_exe().unwrap();
        assert!(!places.are_set());
        places.set(Links::Register, &program).unwrap();
        places.set(Links::Register, &program).unwrap();
        assert!(places.are_set());
        let list = fs::read_to_string(home.path().join("config/mimeapps.list")).unwrap();
        assert_eq!(
            list,
            "[Default Applications]\nx-scheme-handler/partyline=partyline.desktop\n\
             x-scheme-handler/org.partyline.app=partyline.desktop\n"
        );
        let file = fs::read_to_string(places.file(&places.data)).unwrap();
        assert!(
            file.contains("MimeType=x-scheme-handler/partyline;x-scheme-handler/org.partyline.app;")
                && file.contains(program.to_str().unwrap())
        );
        assert!(places.icon().exists());
        places.set(Links::Remove, &program).unwrap();
        assert!(!places.are_set() && !places.icon().exists());
        assert!(
            !fs::read_to_string(home.path().join("config/mimeapps.list"))
                .unwrap()
                .contains("partyline")
        );
    }

    #[test]
    fn what_a_package_has_installed_is_enough_and_a_program_that_has_moved_is_not() {
        let home = tempfile::tempdir().unwrap();
        let places = places(home.path());
        places.set(Links::Register, &home.path().join("gone")).unwrap();
        assert!(!places.are_set(), "the program is not there any more");
        replace(&places.file(&home.path().join("system")), DESKTOP_FILE.as_bytes()).unwrap();
        assert!(places.are_set());
    }

    #[test]
    fn a_file_of_an_earlier_version_is_written_anew() {
        let home = tempfile::tempdir().unwrap();
        let places = places(home.path());
        let program = home.path().join("partyline");
        fs::write(&program, "").unwrap();
        places.set(Links::Register, &program).unwrap();
        assert!(places.are_set());
        let file = places.file(&places.data);
        let path = program.to_str().unwrap();
        let quoted = fs::read_to_string(&file).unwrap().replace(path, &format!("\"{path}\""));
        fs::write(&file, quoted).unwrap();
        assert!(!places.are_set());
    }

    #[test]
    fn every_path_is_written_as_desktops_read_it() {
        assert!(DESKTOP_FILE.lines().any(|line| line == EXEC));
        let line = |path: &str| {
            let file = desktop_file(Path::new(path)).unwrap();
            file.lines().find(|line| line.starts_with("Exec=")).unwrap().to_owned()
        };
        assert_eq!(line("/opt/a%b/partyline-1.0"), "Exec=/opt/a%%b/partyline-1.0 %u");
        assert_eq!(line("/opt/my apps/partyline"), "Exec=\"/opt/my apps/partyline\" %u");
        assert_eq!(line("/a$b%c"), r#"Exec="/a\\$b%%c" %u"#);
        assert_eq!(line(r"/a\b"), r#"Exec="/a\\\\b" %u"#);
        for path in [
            "/opt/a%b/partyline-1.0",
            "/opt/my apps/partyline",
            "/a$b%c",
            r"/a\b",
            "/ä\"`x",
        ] {
            assert_eq!(program_of(&line(path)).unwrap(), Path::new(path));
        }
        assert_eq!(desktop_file(Path::new("/a\nExec=evil")), None);
    }

    #[test]
    fn the_rest_of_the_list_and_another_choice_stay() {
        const HANDLER: &str = HANDLERS[0];
        let others = "[Added Associations]\ntext/plain=a.desktop;\n";
        let with = with_default(others, HANDLER);
        assert!(with.starts_with(others) && with.ends_with(&format!("{DEFAULTS}\n{HANDLER}={NAME}\n")));
        assert_eq!(without_default(&with, HANDLER), format!("{others}{DEFAULTS}\n"));
        let some = format!("{DEFAULTS}\ntext/plain=a.desktop\n\n{others}");
        let with = with_default(&some, HANDLER);
        assert!(with.contains(&format!("{HANDLER}={NAME}\ntext/plain=a.desktop")));
        assert_eq!(with_default(&with, HANDLER), with);
        assert_eq!(without_default(&with, HANDLER), some);
        let chosen = format!("{DEFAULTS}\n{HANDLER}=other.desktop\n");
        assert_eq!(with_default(&chosen, HANDLER), chosen);
        assert_eq!(without_default(&chosen, HANDLER), chosen);
    }
}
