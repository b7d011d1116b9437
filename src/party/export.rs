//! A party as plain files that need no Partyline to be read: JSON for everything, Markdown for notes. No IO.
//!
//! `party.json` holds members, tasks, notes and messages with who did what and when; `notes/` a Markdown file for each note;
//! `files/` the files. Signatures and the history of changes are not in it: an import founds a new party.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ContentHash, Party, check_file_name, check_title};
use crate::identity::IdentityId;
use crate::time::{Day, Timestamp};

/// What `party.json` says it is.
const FORMAT: &str = "partyline-party/1";
/// The longest `party.json` that is read, in bytes.
pub const MAX_EXPORT: u64 = 256 * 1024 * 1024;
/// The name of the file that holds everything but texts and files.
pub const EXPORT_INDEX: &str = "party.json";

/// A party that is to be written into a folder.
pub struct Export {
    /// Paths inside the folder, with what is to stand there.
    pub texts: Vec<(String, Vec<u8>)>,
    /// Paths inside the folder, with the content that belongs there.
    pub files: Vec<(String, ContentHash)>,
}

/// A party as `party.json` has it.
#[derive(Serialize, Deserialize)]
pub struct Exported {
    format: String,
    /// Its name.
    pub name: String,
    /// When it was exported, in milliseconds since 1970.
    pub exported_ms: u64,
    /// Who was in it.
    pub members: Vec<ExportedMember>,
    /// Its tasks in their order.
    pub tasks: Vec<ExportedTask>,
    /// Its notes; their texts are in files.
    pub notes: Vec<ExportedNote>,
    /// Its messages, oldest first.
    pub messages: Vec<ExportedMessage>,
    /// Its files.
    pub files: Vec<ExportedFile>,
}

/// A member, as exported.
#[derive(Serialize, Deserialize)]
pub struct ExportedMember {
    /// Their key, in hex.
    pub identity: String,
    /// Their name.
    pub name: String,
    /// `reader`, `editor`, `admin` or `owner`.
    pub role: String,
    /// When they came in, in milliseconds since 1970.
    pub since_ms: u64,
}

/// A task, as exported.
#[derive(Serialize, Deserialize)]
pub struct ExportedTask {
    /// What is to be done.
    pub title: String,
    /// Whether it is done.
    pub done: bool,
    /// The name of whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The day it is due, in days since 1970-01-01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_day: Option<u32>,
    /// Who added it.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub created_ms: u64,
}

/// A note, as exported.
#[derive(Serialize, Deserialize)]
pub struct ExportedNote {
    /// Its title.
    pub title: String,
    /// The file with its text.
    pub path: String,
    /// Who added it.
    pub author: String,
    /// When it was changed last, in milliseconds since 1970.
    pub changed_ms: u64,
}

/// A message, as exported.
#[derive(Serialize, Deserialize)]
pub struct ExportedMessage {
    /// What it says.
    pub text: String,
    /// Who sent it.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub sent_ms: u64,
    /// Which of the messages in this list it answers, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<usize>,
}

/// A file, as exported.
#[derive(Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its name.
    pub name: String,
    /// Where its content is in the folder, if it was there.
    pub path: String,
    /// Its length, in bytes.
    pub length: u64,
    /// Who added it.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub added_ms: u64,
}

impl Exported {
    /// Reads `party.json`; none if it is not one of this version.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        let exported: Self = serde_json::from_slice(json).ok()?;
        (exported.format == FORMAT && exported.paths().all(is_inside)).then_some(exported)
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        let notes = self.notes.iter().map(|note| note.path.as_str());
        notes.chain(self.files.iter().map(|file| file.path.as_str()))
    }
}

impl Party {
    /// Everything that the party shows, as files.
    #[must_use]
    pub fn export(&self, now: Timestamp) -> Export {
        let name_of = |identity: IdentityId| {
            let member = self.membership().member(identity);
            let name = member.and_then(|member| member.name.clone());
            name.unwrap_or_else(|| identity.short())
        };
        let (mut texts, mut files, mut taken) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut notes = Vec::new();
        for note in self.notes().iter() {
            let path = fresh(&mut taken, "notes", &note.title, ".md");
            let text = self.text(note.id).map(super::Text::as_string).unwrap_or_default();
            texts.push((path.clone(), text.into_bytes()));
            notes.push(ExportedNote {
                title: note.title.clone(),
                path,
                author: name_of(note.author),
                changed_ms: note.changed.as_millis(),
            });
        }
        let mut exported_files = Vec::new();
        for file in self.files().iter() {
            let path = fresh(&mut taken, "files", &file.name, "");
            files.push((path.clone(), file.content));
            exported_files.push(ExportedFile {
                name: file.name.clone(),
                path,
                length: file.length,
                author: name_of(file.author),
                added_ms: file.added.as_millis(),
            });
        }
        let members = self.membership().members().iter().map(|member| ExportedMember {
            identity: member.identity.to_string(),
            name: name_of(member.identity),
            role: format!("{:?}", member.role).to_lowercase(),
            since_ms: member.since.as_millis(),
        });
        let tasks = self.tasks();
        let tasks = tasks.iter().map(|task| ExportedTask {
            title: task.title.clone(),
            done: task.done,
            assignee: task.assignee.map(name_of),
            due_day: task.due.map(|Day(day)| day),
            author: name_of(task.author),
            created_ms: task.created.as_millis(),
        });
        let sent = self.messages();
        let place = sent
            .iter()
            .enumerate()
            .map(|(at, message)| (message.id, at))
            .collect::<std::collections::BTreeMap<_, _>>();
        let messages = sent.iter().map(|message| ExportedMessage {
            text: message.text.clone(),
            author: name_of(message.author),
            sent_ms: message.sent.as_millis(),
            reply_to: message.reply_to.and_then(|reply| place.get(&reply).copied()),
        });
        let index = Exported {
            format: FORMAT.to_owned(),
            name: self.name().to_owned(),
            exported_ms: now.as_millis(),
            members: members.collect(),
            tasks: tasks.collect(),
            notes,
            messages: messages.collect(),
            files: exported_files,
        };
        // Plain strings and numbers can always be written.
        let json = serde_json::to_vec_pretty(&index).unwrap_or_default();
        texts.push((EXPORT_INDEX.to_owned(), json));
        Export { texts, files }
    }
}

/// Whether a path stays inside the folder that it is for.
fn is_inside(path: &str) -> bool {
    let mut parts = path.split('/');
    let folder = parts.next();
    matches!(folder, Some("notes" | "files"))
        && parts.next().is_some_and(|name| check_file_name(name) == Ok(name))
        && parts.next().is_none()
}

/// The longest ending of a file's name, in bytes, and the longest name before it, in characters: with a number between them
/// they fit into the 255 bytes that a system allows.
const LONGEST_ENDING: usize = 16;
const LONGEST_STEM: usize = 56;

/// A path in a folder that no other thing has, on systems too where `A` and `a` are one.
fn fresh(taken: &mut BTreeSet<String>, folder: &str, title: &str, ending: &str) -> String {
    let (stem, own_ending) = match title.rsplit_once('.') {
        Some((stem, own)) if ending.is_empty() && !stem.is_empty() && own.len() <= LONGEST_ENDING => {
            (stem, format!(".{own}"))
        }
        _ => (title, ending.to_owned()),
    };
    let fit = |c: char| if "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let stem: String = stem.chars().map(fit).take(LONGEST_STEM).collect();
    let stem = stem.trim().trim_matches('.');
    let stem = if check_title(stem).is_ok() { stem } else { "untitled" };
    let mut number = 1_u32;
    loop {
        let name = match number {
            1 => format!("{stem}{own_ending}"),
            number => format!("{stem} ({number}){own_ending}"),
        };
        if taken.insert(format!("{folder}/{}", name.to_lowercase())) {
            return format!("{folder}/{name}");
        }
        number += 1;
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Export({} texts, {} files)", self.texts.len(), self.files.len())
    }
}

/// How much there is: what it says is not for logs.
macro_rules! redacted {
    ($($type:ident)+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(<redacted>)"))
            }
        }
    )+};
}
redacted! { Exported ExportedMember ExportedTask ExportedNote ExportedMessage ExportedFile }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::fixture::*;
    use crate::party::{Act, FileId, NoteId};

    /// A party with two notes, or two files, of one name, and names that are hard for a folder.
    fn exported() -> Export {
        let alice = person(1);
        let mut party = founded(&alice);
        party.write(&alice, adds(1, "Read"), at(1)).unwrap();
        for (title, n) in ["Plan", "plan", "../a/b: c?", "...", "Ü"].into_iter().zip(0..) {
            let (note, title) = (NoteId::from_bytes([n; 16]), title.to_owned());
            party
                .write(&alice, Act::NoteAdded { note, title }, at(n.into()))
                .unwrap();
        }
        let long = "é".repeat(127);
        for (name, n) in ["a.tar.gz", "a.tar.gz", &long, &long].into_iter().zip(0..) {
            let (file, name) = (FileId::from_bytes([n; 16]), name.to_owned());
            let (length, content) = (1, [n; 32]);
            let act = Act::FileAdded {
                file,
                name,
                length,
                content,
            };
            party.write(&alice, act, at(9)).unwrap();
        }
        party.export(at(10))
    }

    #[test]
    fn every_thing_has_a_path_of_its_own_inside_the_folder() {
        let export = exported();
        let texts = export.texts.iter().map(|(path, _)| path.as_str());
        let paths: BTreeSet<&str> = texts
            .chain(export.files.iter().map(|(path, _)| path.as_str()))
            .collect();
        let long = format!("files/{}", "é".repeat(LONGEST_STEM));
        let other = format!("{long} (2)");
        let expected = [
            "files/a.tar (2).gz",
            "files/a.tar.gz",
            &long,
            &other,
            "notes/-a-b- c-.md",
            "notes/Plan (2).md",
            "notes/plan.md",
            "notes/untitled.md",
            "notes/Ü.md",
            EXPORT_INDEX,
        ];
        assert_eq!(paths, expected.into_iter().collect());
    }

    #[test]
    fn the_index_is_read_again_and_nothing_that_leads_out_of_the_folder() {
        let export = exported();
        let (_, json) = export.texts.last().unwrap();
        let read = Exported::read(json).unwrap();
        assert_eq!(
            (read.name.as_str(), read.exported_ms),
            ("Book club", at(10).as_millis())
        );
        assert_eq!((read.tasks.len(), read.notes.len(), read.files.len()), (1, 5, 4));
        let json = str::from_utf8(json).unwrap();
        for path in [
            "notes/../x",
            "/etc/passwd",
            "notes/a/b",
            "other/plan.md",
            "notes/",
            "notes\\\\x",
        ] {
            assert!(
                Exported::read(json.replace("notes/plan.md", path).as_bytes()).is_none(),
                "{path}"
            );
        }
        assert!(Exported::read(json.replace(FORMAT, "another/1").as_bytes()).is_none());
        assert!(Exported::read(b"{}").is_none());
        assert!(!format!("{read:?} {export:?}").contains("lan"));
    }
}
