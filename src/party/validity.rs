//! What a data act may say. One that breaks a rule here is kept and passed on, without effect. No IO.

use super::name::{is_file_name, is_message, is_note_text, is_title};
use super::{Act, Edit, Edits};

/// The last day that a task can be due: 9999-12-31.
const LAST_DAY: u32 = 2_932_896;
/// A file is shorter than this, in bytes: what JavaScript and JSON can count exactly.
const MAX_FILE: u64 = 1 << 53;

/// Whether a data act says something that can have effect. Acts of newer versions do not.
pub(super) fn is_valid(act: &Act) -> bool {
    match act {
        Act::TaskAdded { title, place, .. } => is_title(title) && place.is_valid(),
        Act::TaskMoved { place, .. } => place.is_valid(),
        Act::TaskRetitled { title, .. } | Act::NoteAdded { title, .. } | Act::NoteRetitled { title, .. } => {
            is_title(title)
        }
        Act::TaskDue { day, .. } => *day <= LAST_DAY,
        Act::NoteEdited { edits, .. } => are_edits(edits),
        Act::MessageSent { text, .. } => is_message(text),
        Act::FileAdded { name, length, .. } => is_file_name(name) && *length < MAX_FILE,
        Act::FileRenamed { name, .. } => is_file_name(name),
        Act::Unknown { .. } => false,
        _ => true,
    }
}

/// Whether each of them writes or deletes something.
fn are_edits(edits: &Edits) -> bool {
    !edits.0.is_empty()
        && edits.0.iter().all(|edit| match edit {
            Edit::Insert { text, .. } => is_note_text(text) && !text.is_empty(),
            Edit::Delete { count, .. } => *count > 0,
        })
}
