//! The lines of what is in a party.

use std::sync::Arc;

use super::{MEMBER, TASK, member, party_of, task, wall};
use crate::cli::human::{self, Reader};
use crate::cli::json::{
    ChangeReport, DeletedReport, FileReport, FoundReport, MessageReport, NoteReport, Report, TaskReport, TransferReport,
};
use crate::identity::IdentityId;
use crate::party::{Change, Deleted, ItemId, Message, MessageId, NoteId, Standing, What};
use crate::time::Timestamp;
use crate::worker::PartyView;

/// A report of two or three fields, all texts, beside its line.
macro_rules! texts {
    ($event:literal $name:ident { $($field:ident: $value:literal),+ }) => {
        (
            Report::$name { $($field: $value.into()),+ },
            format!(r#""event":"{}""#, $event) + $(concat!(r#",""#, stringify!($field), r#"":""#, $value, r#"""#) +)+ "",
        )
    };
}

fn note() -> NoteReport {
    NoteReport {
        number: 1,
        note: "55".into(),
        title: "Menu".into(),
        excerpt: "Soup".into(),
        author: "aa".into(),
        created_ms: 2,
        changed_by: "bb".into(),
        changed_by_name: None,
        changed_ms: 3,
    }
}

fn message() -> MessageReport {
    MessageReport {
        number: 1,
        message: "66".into(),
        text: "Hello".into(),
        author: "aa".into(),
        author_name: Some("Alice".into()),
        sent_ms: 2,
        reply_to: Some("65".into()),
    }
}

fn file() -> FileReport {
    FileReport {
        number: 1,
        file: "88".into(),
        name: "a.png".into(),
        bytes: 1500,
        here: true,
        author: "aa".into(),
        author_name: Some("Alice".into()),
        added_ms: 2,
    }
}

fn transfer() -> TransferReport {
    TransferReport {
        party: "cc".into(),
        file: "88".into(),
        name: "a.png".into(),
        stage: "coming",
        done_bytes: 500,
        bytes: 1500,
        bytes_per_second: Some(100),
        seconds_left: Some(10),
    }
}

fn deleted() -> DeletedReport {
    DeletedReport {
        number: 1,
        kind: "task",
        item: "77".into(),
        title: "Water".into(),
        deleted_by: "aa".into(),
        deleted_by_name: None,
        deleted_ms: 3,
    }
}

fn change() -> ChangeReport {
    ChangeReport {
        what: "edited",
        value: None,
        inserted: Some(3),
        removed: Some(1),
        by: "aa".into(),
        by_name: Some("Alice".into()),
        at_ms: 3,
        standing: "current",
    }
}

fn found() -> FoundReport {
    FoundReport {
        party: "cc".into(),
        party_name: "Home".into(),
        kind: "note",
        item: "55".into(),
        title: "Menu".into(),
        excerpt: "the soup".into(),
    }
}

/// Each report beside its line without the braces.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn golden() -> Vec<(Report, String)> {
    let (cc, line) = (|| "cc".to_owned(), |text: &str| text.to_owned());
    vec![
        (Report::Task(task()), format!(r#""event":"task",{TASK}"#)),
        texts!("task_added" TaskAdded { party: "cc", task: "77", title: "Water" }),
        texts!("task_retitled" TaskRetitled { party: "cc", task: "77", title: "Water" }),
        (
            Report::TaskChanged {
                party: cc(),
                task: "77".into(),
                done: true,
            },
            line(r#""event":"task_changed","party":"cc","task":"77","done":true"#),
        ),
        (
            Report::TaskAssigned {
                party: cc(),
                task: "77".into(),
                assignee: Some("aa".into()),
                assignee_name: None,
            },
            line(r#""event":"task_assigned","party":"cc","task":"77","assignee":"aa","assignee_name":null"#),
        ),
        (
            Report::TaskDue {
                party: cc(),
                task: "77".into(),
                due: None,
            },
            line(r#""event":"task_due","party":"cc","task":"77","due":null"#),
        ),
        (
            Report::TaskMoved {
                party: cc(),
                task: "77".into(),
                after: Some("76".into()),
            },
            line(r#""event":"task_moved","party":"cc","task":"77","after":"76""#),
        ),
        texts!("task_deleted" TaskDeleted { party: "cc", task: "77" }),
        texts!("task_restored" TaskRestored { party: "cc", task: "77" }),
        (
            Report::Note(note()),
            line(
                r#""event":"note","number":1,"note":"55","title":"Menu","excerpt":"Soup","author":"aa","created_ms":2,"changed_by":"bb","changed_by_name":null,"changed_ms":3"#,
            ),
        ),
        texts!("note_added" NoteAdded { party: "cc", note: "55", title: "Menu" }),
        texts!("note_text" NoteText { party: "cc", note: "55", title: "Menu", text: "Soup" }),
        texts!("note_changed" NoteChanged { party: "cc", note: "55", text: "Soup" }),
        (
            Report::NoteEdited {
                party: cc(),
                note: "55".into(),
                characters: 4,
            },
            line(r#""event":"note_edited","party":"cc","note":"55","characters":4"#),
        ),
        texts!("note_retitled" NoteRetitled { party: "cc", note: "55", title: "Menu" }),
        texts!("note_deleted" NoteDeleted { party: "cc", note: "55" }),
        texts!("note_restored" NoteRestored { party: "cc", note: "55" }),
        (
            Report::Message(message()),
            line(
                r#""event":"message","number":1,"message":"66","text":"Hello","author":"aa","author_name":"Alice","sent_ms":2,"reply_to":"65""#,
            ),
        ),
        texts!("message_sent" MessageSent { party: "cc", message: "66" }),
        texts!("messages_read" MessagesRead { party: "cc" }),
        texts!("message_deleted" MessageDeleted { party: "cc", message: "66" }),
        texts!("message_restored" MessageRestored { party: "cc", message: "66" }),
        (
            Report::File(file()),
            line(
                r#""event":"file","number":1,"file":"88","name":"a.png","bytes":1500,"here":true,"author":"aa","author_name":"Alice","added_ms":2"#,
            ),
        ),
        texts!("file_added" FileAdded { party: "cc", file: "88", name: "a.png" }),
        texts!("file_renamed" FileRenamed { party: "cc", file: "88", name: "a.png" }),
        (
            Report::Transfer(transfer()),
            line(
                r#""event":"transfer","party":"cc","file":"88","name":"a.png","stage":"coming","done_bytes":500,"bytes":1500,"bytes_per_second":100,"seconds_left":10"#,
            ),
        ),
        texts!("file_here" FileHere { party: "cc", file: "88", name: "a.png" }),
        texts!("file_saved" FileSaved { party: "cc", file: "88", path: "/tmp/a.png" }),
        texts!("file_deleted" FileDeleted { party: "cc", file: "88" }),
        texts!("file_restored" FileRestored { party: "cc", file: "88" }),
        texts!("gone" Gone { kind: "task", item: "77" }),
        (Report::Member(member()), format!(r#""event":"member",{MEMBER}"#)),
        texts!("member_role" MemberRole { party: "cc", member: "bb", role: "reader" }),
        texts!("member_removed" MemberRemoved { party: "cc", member: "bb" }),
        (
            Report::Deleted(deleted()),
            line(
                r#""event":"deleted","number":1,"kind":"task","item":"77","title":"Water","deleted_by":"aa","deleted_by_name":null,"deleted_ms":3"#,
            ),
        ),
        (
            Report::Change(change()),
            line(
                r#""event":"change","what":"edited","value":null,"inserted":3,"removed":1,"by":"aa","by_name":"Alice","at_ms":3,"standing":"current""#,
            ),
        ),
        (
            Report::Found(found()),
            line(
                r#""event":"found","party":"cc","party_name":"Home","kind":"note","item":"55","title":"Menu","excerpt":"the soup""#,
            ),
        ),
        (
            Report::PartyExported {
                party: cc(),
                folder: "out".into(),
                missing_files: 1,
            },
            line(r#""event":"party_exported","party":"cc","folder":"out","missing_files":1"#),
        ),
        (
            Report::StorageCompacted {
                before_bytes: 2000,
                after_bytes: 1000,
            },
            line(r#""event":"storage_compacted","before_bytes":2000,"after_bytes":1000"#),
        ),
        (Report::LinksRegistered, line(r#""event":"links_registered""#)),
        (Report::LinksRemoved, line(r#""event":"links_removed""#)),
    ]
}

pub(super) fn told(report: &Report) -> String {
    let reader = Reader {
        wall: wall(),
        called: "partyline",
    };
    human::text(report, &reader).unwrap()
}

fn home() -> PartyView {
    party_of(0xcc, "Home", &["Water"])
}

#[test]
fn a_row_says_who_and_when_in_local_time() {
    let home = home();
    let report = Report::Task(TaskReport::of(&home.tasks[0], &home, 1));
    assert_eq!(told(&report), "  1. [ ] Water  (01010101, due Thu 24 Dec 2026)");
    assert_eq!(
        told(&Report::Message(message())),
        "  1. 1970-01-01 00:00  Alice (to 65): Hello"
    );
    assert_eq!(told(&Report::Note(note())), "  1. 1970-01-01 00:00  Menu  (bb)");
    assert_eq!(
        told(&Report::File(file())),
        "  1.    1.5 kB  here          a.png  (Alice)"
    );
    assert_eq!(
        told(&Report::Deleted(deleted())),
        "  1. 1970-01-01 00:00  task     Water  (aa)"
    );
    assert_eq!(
        told(&Report::Change(change())),
        "1970-01-01 00:00  Alice  edited: +3 -1 characters"
    );
}

#[test]
fn a_history_names_what_was_replaced() {
    let replaced = Change {
        by: IdentityId::from_bytes([2; 32]),
        at: Timestamp::default(),
        what: What::Named("Old".into()),
        standing: Standing::Replaced,
    };
    let told = told(&Report::Change(ChangeReport::of(&replaced, &home())));
    assert_eq!(told, "1970-01-01 00:00  02020202  named: Old  (replaced)");
}

#[test]
fn what_was_deleted_is_found_by_kind_and_by_its_number_in_the_whole_list() {
    use crate::cli::args::Kind;
    use crate::cli::find;

    let gone = |item, title: &str| Deleted {
        item,
        title: title.to_owned(),
        by: IdentityId::from_bytes([1; 32]),
        at: Timestamp::default(),
    };
    let note = ItemId::Note(NoteId::from_bytes([5; 16]));
    let message = ItemId::Message(MessageId::from_bytes([6; 16]));
    let mut home = home();
    home.deleted = Arc::new([gone(message, "Menu?"), gone(note, "Menu")]);
    assert_eq!(find::deleted(&home, Kind::Note, "2").unwrap(), note);
    assert_eq!(find::deleted(&home, Kind::Note, "menu").unwrap(), note);
    assert_eq!(find::deleted(&home, Kind::Message, "menu").unwrap(), message);
    assert!(find::deleted(&home, Kind::Note, "1").is_err(), "that is a message");
    assert!(find::deleted(&home, Kind::Task, "menu").is_err());
}

#[test]
fn a_message_keeps_the_id_of_what_it_answers() {
    let answer = Message {
        id: MessageId::from_bytes([7; 16]),
        text: "Yes".into(),
        author: IdentityId::from_bytes([1; 32]),
        sent: Timestamp::default(),
        reply_to: Some(MessageId::from_bytes([6; 16])),
    };
    let report = MessageReport::of(&answer, &home(), 1);
    assert_eq!(report.reply_to.unwrap(), "06".repeat(16));
}
