//! The sentences of what is in a party: tasks, notes, messages, files, members, and the dialogs about them.

use super::{DISMISS, both};
use crate::failure::Failure;
use crate::party::{How, ItemId, Standing, What};

// Tabs.
pub(crate) const NOTES: &str = "Notes";
pub(crate) const MESSAGES: &str = "Messages";
pub(crate) const FILES: &str = "Files";

/// What a screen reader calls a party in the list.
pub(crate) fn party_row(name: &str, unread: usize) -> String {
    match unread {
        0 => name.to_owned(),
        more => format!("{name}, {more} unread"),
    }
}

pub(crate) fn said(name: &str, message: &str) -> String {
    format!("{name}: {message}")
}

// Tasks.
pub(crate) const DUE_NONE: &str = "No date";
pub(crate) const DUE_TODAY: &str = "Today";
pub(crate) const DUE_TOMORROW: &str = "Tomorrow";
pub(crate) const DUE_WEEK: &str = "In a week";
pub(crate) const DUE_PICK: &str = "Choose a day";
pub(crate) const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
pub(crate) const NOBODY: &str = "Nobody";
pub(crate) const HISTORY: &str = "History";
pub(crate) const MONTH_BEFORE: &str = "Month before";
pub(crate) const MONTH_AFTER: &str = "Month after";

pub(crate) fn assign(title: &str, name: Option<&str>) -> String {
    name.map_or_else(
        || format!("Assign: {title}"),
        |name| format!("Assigned to {name}: {title}"),
    )
}

pub(crate) fn set_due(title: &str, due: Option<&str>) -> String {
    due.map_or_else(|| format!("Set a day: {title}"), |due| format!("Due {due}: {title}"))
}

// Messages.
pub(crate) const NO_MESSAGES: &str = "No messages yet";
pub(crate) const NO_MESSAGES_MEANS: &str = "Only the members of this party can read what is written here.";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const SEND: &str = "Send";
pub(crate) const NEW_MESSAGES: &str = "New";
pub(crate) const STOP_REPLYING: &str = "Stop replying";
pub(crate) const MESSAGE_GONE: &str = "A message that was deleted or has not come yet";

pub(crate) fn message_hint(party: &str) -> String {
    format!("Message {party}")
}

pub(crate) fn reply_to(name: &str, message: &str) -> String {
    format!("Reply to {name}: {message}")
}

pub(crate) fn replying_to(name: &str) -> String {
    format!("Replying to {name}")
}

pub(crate) fn delete_message(message: &str) -> String {
    format!("Delete: {message}")
}

pub(crate) fn too_long(bytes: usize) -> String {
    format!("Too long by {bytes} characters. Send it in parts, or as a note.")
}

// Files.
pub(crate) const NO_FILES: &str = "No files yet";
pub(crate) const NO_FILES_MEANS: &str = "Every member can get what you add, from you and from those who have it.";
pub(crate) const DROP_FILES: &str = "Drop files here, or click to choose";
pub(crate) const CHOOSE_FILES: &str = "Click to choose files";
pub(crate) const DROP_NOW: &str = "Let go to add them to this party";
pub(crate) const DROP_INTO_FILES: &str = "Let go to add them to this party's files";
pub(crate) const FILE_NAME: &str = "File name";
pub(crate) const SAVE_AS: &str = "Save as";
pub(crate) const RENAME: &str = "Rename";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const ADDING: &str = "Being added";
pub(crate) const WAITING_FOR_MEMBER: &str = "Waits until a member who has it is online";

pub(crate) fn download(name: &str) -> String {
    format!("Download {name}")
}

pub(crate) fn open_file(name: &str) -> String {
    format!("Open {name}")
}

pub(crate) fn cancel_transfer(name: &str) -> String {
    format!("Stop: {name}")
}

/// The button of what has failed already.
pub(crate) fn dismiss_transfer(name: &str) -> String {
    format!("{DISMISS}: {name}")
}

pub(crate) fn not_added(name: &str, failure: &Failure) -> String {
    format!("{name} was not added. {}", both(failure))
}

pub(crate) fn file_menu(name: &str) -> String {
    format!("Change file: {name}")
}

// Notes.
pub(crate) const NO_NOTES: &str = "No notes yet";
pub(crate) const NO_NOTES_MEANS: &str = "A note is a page that all of you can write on at the same time.";
pub(crate) const NEW_NOTE: &str = "New note";
pub(crate) const UNTITLED: &str = "Untitled note";
pub(crate) const NOTE_TITLE: &str = "Note title";
pub(crate) const NOTE_TEXT: &str = "Note text";
pub(crate) const NOTE_HINT: &str = "Write here. # makes a heading, - a list, **bold**, *italic*.";
pub(crate) const NOTE_MENU: &str = "More about this note";
pub(crate) const BACK_TO_NOTES: &str = "Back to the notes";
pub(crate) const CHOOSE_NOTE: &str = "Choose a note on the left";
pub(crate) const CHOOSE_NOTE_MEANS: &str = "Or write a new one.";
pub(crate) const OPENING_NOTE: &str = "Opening the note";
pub(crate) const BOLD: &str = "Bold (Ctrl+B)";
pub(crate) const ITALIC: &str = "Italic (Ctrl+I)";
pub(crate) const HEADING: &str = "Heading";
pub(crate) const LIST: &str = "List";
pub(crate) const QUOTE: &str = "Quote";
pub(crate) const COPY: &str = "Copy";
pub(crate) const WORDS_NOT_TAKEN: &str = "These words could not be added to the note. Copy them before you go on.";

pub(crate) fn changed_by(name: &str, when: &str) -> String {
    format!("{name}, {when}")
}

// Members.
pub(crate) const PRESENT: &str = "Online";
pub(crate) const YOU_HERE: &str = "You, this device";
pub(crate) const NEVER_SEEN: &str = "Not seen yet";
pub(crate) const ROLE: &str = "Role";
pub(crate) const DEVICES: &str = "Devices";
pub(crate) const CAME_IN: &str = "Came in";
pub(crate) const FOUNDED: &str = "Founded this party";
pub(crate) const SOMEBODY: &str = "somebody who has left";

pub(crate) fn about_member(name: &str) -> String {
    format!("About {name}")
}

pub(crate) fn let_in(by: &str, when: &str, how: Option<How>) -> String {
    let way = match how {
        None | Some(How::Direct) => "directly",
        Some(How::Pin) => "with an invite code and a PIN",
        Some(How::Link) => "with a link",
        Some(How::KnownKey) => "by a key that was known",
        Some(How::Email) => "by an e-mail address",
        Some(How::Approved) => "with a link and an approval",
    };
    format!("Let in by {by}, {when}, {way}")
}

pub(crate) fn invitation(id: &str) -> String {
    format!("Invitation {id}")
}

pub(crate) fn devices(count: usize) -> String {
    match count {
        1 => "1 device".to_owned(),
        more => format!("{more} devices"),
    }
}

// Search.
pub(crate) const SEARCH: &str = "Search";
pub(crate) const SEARCH_HINT: &str = "Search in all parties";
pub(crate) const SEARCH_HELP: &str = "Tasks, notes, messages and files. Enter opens the first one.";
pub(crate) const NOTHING_FOUND: &str = "Nothing was found. All words must occur.";

// Deleted things and history.
pub(crate) const DELETED: &str = "Deleted";
pub(crate) const DELETED_MEANS: &str = "What was deleted here can be restored, for everybody.";
pub(crate) const NOTHING_DELETED: &str = "Nothing has been deleted in this party.";
pub(crate) const RESTORE: &str = "Restore";
pub(crate) const READING_HISTORY: &str = "Reading";

pub(crate) fn restore(title: &str) -> String {
    format!("Restore {title}")
}

pub(crate) fn deleted_by(kind: &str, name: &str, when: &str) -> String {
    format!("{kind}, deleted by {name}, {when}")
}

pub(crate) const fn kind(item: ItemId) -> &'static str {
    match item {
        ItemId::Task(_) => "Task",
        ItemId::Note(_) => "Note",
        ItemId::Message(_) => "Message",
        ItemId::File(_) => "File",
    }
}

pub(crate) const fn kinds(item: ItemId) -> &'static str {
    match item {
        ItemId::Task(_) => super::TASKS,
        ItemId::Note(_) => NOTES,
        ItemId::Message(_) => MESSAGES,
        ItemId::File(_) => FILES,
    }
}

/// A change, after the name of who made it. `name_of` gives the name of an assignee, `day` that of a day.
pub(crate) fn change(what: &What, assignee: Option<&str>, day: Option<&str>) -> String {
    match what {
        What::Added(title) => format!("added “{title}”"),
        What::Named(title) => format!("renamed it to “{title}”"),
        What::Done(true) => "checked it".to_owned(),
        What::Done(false) => "unchecked it".to_owned(),
        What::Assigned(_) => {
            assignee.map_or_else(|| "gave it to nobody".to_owned(), |name| format!("gave it to {name}"))
        }
        What::Due(_) => day.map_or_else(|| "took its day away".to_owned(), |day| format!("made it due {day}")),
        What::Moved => "moved it".to_owned(),
        What::Edited { inserted, deleted } => format!("wrote {inserted} and deleted {deleted} characters"),
        What::Deleted => "deleted it".to_owned(),
        What::Restored => "restored it".to_owned(),
    }
}

pub(crate) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "",
        Standing::Replaced => "replaced since",
        Standing::Cancelled => "without effect: its author was removed",
    }
}

// The party's menu.
pub(crate) const EXPORT_PARTY: &str = "Export party";
pub(crate) const IMPORT_PARTY: &str = "Import a party";
pub(crate) const INCOMPLETE: &str = "Part of this party could not be read. You can look at it; it can be changed again once a member who has the rest was online.";

pub(crate) fn exported(missing: usize) -> String {
    match missing {
        0 => "The party was exported with all its files.".to_owned(),
        1 => "The party was exported. One file is missing because it is not on this computer.".to_owned(),
        more => format!("The party was exported. {more} files are missing because they are not on this computer."),
    }
}

// Settings.
pub(crate) const STORAGE: &str = "Storage";
pub(crate) const COMPACT: &str = "Compact";
pub(crate) const COMPACT_MEANS: &str = "Gives back the room on the disk that nothing needs any more.";

pub(crate) fn compacted(before: &str, after: &str) -> String {
    format!("From {before} to {after}.")
}

// Shortcuts.
/// Back to the end of the messages, where so many are new.
pub(crate) fn to_newest(unread: usize) -> String {
    match unread {
        0 => "To the newest message".to_owned(),
        1 => "1 new message".to_owned(),
        more => format!("{more} new messages"),
    }
}

pub(crate) const SHORTCUTS: &str = "Keyboard shortcuts";

pub(crate) const SHORTCUT_LIST: [(&str, &str); 12] = [
    ("Ctrl+F", "Search"),
    ("Ctrl+1 … Ctrl+5", "Tasks, notes, messages, files, invitations"),
    ("Alt+Up, Alt+Down", "Move the task that has the keyboard"),
    ("Ctrl+Z", "Undo a change of tasks or of a note"),
    ("Ctrl+Shift+Z", "Redo it"),
    ("Ctrl+B, Ctrl+I", "Bold, italic in a note"),
    ("Enter", "Send a message, save a title"),
    ("Shift+Enter", "A new line in a message"),
    ("Esc", "Close, cancel"),
    ("Ctrl+plus, Ctrl+minus", "Larger, smaller"),
    ("Ctrl+Q", "Quit"),
    ("?", "This overview"),
];
