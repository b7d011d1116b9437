//! What is in a party, as sentences for a person. No IO.
//!
//! A row of a list begins with what is always as long, so that lists have columns although each row is told for itself.

use super::short;
use crate::cli::json::{
    ChangeReport, DeletedReport, FileReport, FoundReport, MemberReport, MessageReport, NoteReport, Report, TaskReport,
    TransferReport,
};
use crate::cli::times::Wall;

/// What a person reads; none if the report is about something else.
pub(super) fn text(report: &Report, wall: &Wall) -> Option<String> {
    Some(match report {
        Report::Task(report) => task(report, wall),
        Report::TaskAdded { title, .. } | Report::NoteAdded { title, .. } => format!("Added: {title}"),
        Report::TaskChanged { done: true, .. } => "Done.".to_owned(),
        Report::TaskChanged { done: false, .. } => "To be done again.".to_owned(),
        Report::TaskRetitled { title, .. } | Report::NoteRetitled { title, .. } => format!("Called now: {title}"),
        Report::TaskAssigned { assignee: None, .. } => "Nobody has it now.".to_owned(),
        Report::TaskAssigned {
            assignee: Some(assignee),
            assignee_name,
            ..
        } => format!("{} has it now.", named(assignee_name.as_deref(), assignee)),
        Report::TaskDue { due: Some(due), .. } => format!("Due {}.", wall.day(due)),
        Report::TaskDue { due: None, .. } => "Due on no day.".to_owned(),
        Report::TaskMoved { .. } => "Moved.".to_owned(),
        Report::Note(report) => note(report, wall),
        Report::NoteText { text, .. } | Report::NoteChanged { text, .. } => text.clone(),
        Report::NoteEdited { characters, .. } => format!("Saved; the text has {characters} characters."),
        Report::Message(report) => message(report, wall),
        Report::MessageSent { .. } => "Sent.".to_owned(),
        Report::MessagesRead { .. } => "Everything counts as read.".to_owned(),
        Report::File(report) => file(report),
        Report::FileAdded { name, .. } => format!("Added: {name}"),
        Report::FileRenamed { name, .. } => format!("Called now: {name}"),
        Report::FileHere { name, .. } => format!("{name} is here."),
        Report::FileSaved { path, .. } => format!("Saved: {path}"),
        Report::Transfer(report) => transfer(report),
        Report::TaskDeleted { .. }
        | Report::NoteDeleted { .. }
        | Report::MessageDeleted { .. }
        | Report::FileDeleted { .. } => "Deleted. It can be restored.".to_owned(),
        Report::TaskRestored { .. }
        | Report::NoteRestored { .. }
        | Report::MessageRestored { .. }
        | Report::FileRestored { .. } => "Restored.".to_owned(),
        Report::Gone { kind, item } => format!("The {kind} {} is gone.", short(item)),
        Report::Member(report) => member(report, wall),
        Report::MemberRole { role, .. } => format!("The role is {role} now."),
        Report::MemberRemoved { .. } => "Removed.".to_owned(),
        Report::Deleted(report) => deleted(report, wall),
        Report::Change(report) => change(report, wall),
        Report::Found(report) => found(report),
        Report::PartyExported {
            folder,
            missing_files: 0,
            ..
        } => format!("Everything is in {folder}."),
        Report::PartyExported {
            folder, missing_files, ..
        } => format!("It is in {folder}, without the content of files that is not here: {missing_files} of them."),
        Report::StorageCompacted {
            before_bytes,
            after_bytes,
        } => format!(
            "The profile took {} and takes {} now.",
            size(*before_bytes),
            size(*after_bytes)
        ),
        Report::LinksRegistered => "Links that begin with partyline: open with this program now.".to_owned(),
        Report::LinksRemoved => "Links no longer open with this program.".to_owned(),
        _ => return None,
    })
}

pub(super) fn task(task: &TaskReport, wall: &Wall) -> String {
    let who = task.assignee.as_ref();
    let who = who.map(|assignee| named(task.assignee_name.as_deref(), assignee).to_owned());
    let due = task.due.as_ref().map(|due| format!("due {}", wall.day(due)));
    let details: Vec<_> = who.into_iter().chain(due).collect();
    let details = if details.is_empty() {
        String::new()
    } else {
        format!("  ({})", details.join(", "))
    };
    let done = if task.done { "x" } else { " " };
    format!("{:>3}. [{done}] {}{details}", task.number, task.title)
}

pub(super) fn member(member: &MemberReport, wall: &Wall) -> String {
    let name = member.name.as_deref().unwrap_or("(no name yet)");
    let seen = member
        .last_seen_ms
        .map_or_else(String::new, |seen| format!("  (since {})", wall.time(seen)));
    let id = short(&member.identity);
    format!("{id}  {:<6}  {:<7}  {name}{seen}", member.role, member.presence)
}

fn note(note: &NoteReport, wall: &Wall) -> String {
    let who = named(note.changed_by_name.as_deref(), &note.changed_by);
    let when = wall.time(note.changed_ms);
    format!("{:>3}. {when}  {}  ({who})", note.number, note.title)
}

fn message(message: &MessageReport, wall: &Wall) -> String {
    let who = named(message.author_name.as_deref(), &message.author);
    let answers = message.reply_to.as_ref();
    let answers = answers.map_or_else(String::new, |to| format!(" (to {})", short(to)));
    let when = wall.time(message.sent_ms);
    format!("{:>3}. {when}  {who}{answers}: {}", message.number, message.text)
}

fn file(file: &FileReport) -> String {
    let place = if file.here { "here" } else { "not here yet" };
    let who = named(file.author_name.as_deref(), &file.author);
    let size = size(file.bytes);
    format!("{:>3}. {size:>9}  {place:<12}  {}  ({who})", file.number, file.name)
}

/// How far the content of a file is.
pub(in crate::cli) fn transfer(transfer: &TransferReport) -> String {
    let TransferReport { name, stage, .. } = transfer;
    let far = format!("{} of {}", size(transfer.done_bytes), size(transfer.bytes));
    match (*stage, transfer.bytes_per_second, transfer.seconds_left) {
        ("waiting", ..) => format!("{name}: waits for a member who has it ({far})"),
        (_, Some(rate), Some(left)) => format!("{name}: {far}, {} a second, {left} s left", size(rate)),
        (_, Some(rate), None) => format!("{name}: {far}, {} a second", size(rate)),
        (stage, None, _) => format!("{name}: {stage}, {far}"),
    }
}

fn deleted(deleted: &DeletedReport, wall: &Wall) -> String {
    let who = named(deleted.deleted_by_name.as_deref(), &deleted.deleted_by);
    let when = wall.time(deleted.deleted_ms);
    format!(
        "{:>3}. {when}  {:<7}  {}  ({who})",
        deleted.number, deleted.kind, deleted.title
    )
}

fn change(change: &ChangeReport, wall: &Wall) -> String {
    let who = named(change.by_name.as_deref(), &change.by);
    let what = match (change.value.as_deref(), change.inserted, change.removed) {
        (Some(value), ..) => format!("{}: {value}", change.what),
        (None, Some(inserted), Some(removed)) => format!("{}: +{inserted} -{removed} characters", change.what),
        (None, ..) => change.what.to_owned(),
    };
    let standing = match change.standing {
        "current" => "",
        "replaced" => "  (replaced)",
        _ => "  (without effect: its author was removed or made a reader)",
    };
    format!("{}  {who}  {what}{standing}", wall.time(change.at_ms))
}

fn found(found: &FoundReport) -> String {
    let FoundReport {
        party_name,
        kind,
        item,
        title,
        excerpt,
        ..
    } = found;
    let excerpt = if excerpt.is_empty() {
        String::new()
    } else {
        format!("\n    {excerpt}")
    };
    format!("{party_name}, {kind} {}: {title}{excerpt}", short(item))
}

/// The name, or enough of the id.
fn named<'a>(name: Option<&'a str>, id: &'a str) -> &'a str {
    name.unwrap_or_else(|| short(id))
}

/// `1.5 MB`: thousands, with one decimal.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut tenths = bytes / 100;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_000
        && let Some(larger) = units.next()
    {
        tenths /= 1000;
        unit = Some(larger);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_says_enough() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1_550_000, "1.5 MB"),
            (999_999, "999.9 kB"),
            (1 << 30, "1.0 GB"),
            (u64::MAX, "18446744.0 TB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
