//! Lists of what is in a party, and with `--follow` what is new or different in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::Listing;
use super::interrupt::Interrupt;
use super::json::{FileReport, MemberReport, MessageReport, NoteReport, Report, TaskReport};
use super::problem::Ending;
use super::session::Session;
use crate::failure::Failure;
use crate::party::{Message, Note, Task};
use crate::worker::{FileView, MemberView, PartyView};

/// What a list is made of.
pub(super) trait Row: Clone + PartialEq {
    /// The word for it.
    const KIND: &'static str;

    /// All of a party, in the order of the list.
    fn all(party: &PartyView) -> Vec<Self>;
    fn id(&self) -> String;
    fn report(&self, party: &PartyView, number: usize) -> Report;
}

/// Shows a list, or only so many of its last rows; then, if that is asked for, what changes in it until Ctrl-C, which is how
/// this ends well.
pub(super) async fn list<R: Row>(session: &Session, args: &Listing, last: Option<usize>) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut changes = session.client.subscribe();
    let party = session.party(&args.party)?;
    let rows = R::all(&party);
    let skipped = rows.len().saturating_sub(last.unwrap_or(rows.len()));
    for (row, number) in rows.iter().zip(1..).skip(skipped) {
        session.output.report(&row.report(&party, number))?;
    }
    if !args.follow {
        return Ok(());
    }
    let mut shown = by_id(rows);
    loop {
        tokio::select! {
            changed = changes.changed() => drop(changed?),
            () = interrupt.next() => return Ok(()),
        }
        let party = session.client.party(party.id).ok_or(Failure::NoLongerMember)?;
        let rows = R::all(&party);
        for (row, number) in rows.iter().zip(1..) {
            if shown.remove(&row.id()).as_ref() != Some(row) {
                session.output.report(&row.report(&party, number))?;
            }
        }
        for item in shown.into_keys() {
            session.output.report(&Report::Gone { kind: R::KIND, item })?;
        }
        shown = by_id(rows);
    }
}

fn by_id<R: Row>(rows: Vec<R>) -> BTreeMap<String, R> {
    rows.into_iter().map(|row| (row.id(), row)).collect()
}

impl Row for Arc<Task> {
    const KIND: &'static str = "task";

    fn all(party: &PartyView) -> Vec<Self> {
        party.tasks.to_vec()
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn report(&self, party: &PartyView, number: usize) -> Report {
        Report::Task(TaskReport::of(self, party, number))
    }
}

impl Row for Arc<Note> {
    const KIND: &'static str = "note";

    fn all(party: &PartyView) -> Vec<Self> {
        party.notes.to_vec()
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn report(&self, party: &PartyView, number: usize) -> Report {
        Report::Note(NoteReport::of(self, party, number))
    }
}

impl Row for Arc<Message> {
    const KIND: &'static str = "message";

    fn all(party: &PartyView) -> Vec<Self> {
        party.messages.to_vec()
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn report(&self, party: &PartyView, number: usize) -> Report {
        Report::Message(MessageReport::of(self, party, number))
    }
}

impl Row for FileView {
    const KIND: &'static str = "file";

    fn all(party: &PartyView) -> Vec<Self> {
        party.files.to_vec()
    }

    fn id(&self) -> String {
        self.file.id.to_string()
    }

    fn report(&self, party: &PartyView, number: usize) -> Report {
        Report::File(FileReport::of(self, party, number))
    }
}

impl Row for MemberView {
    const KIND: &'static str = "member";

    fn all(party: &PartyView) -> Vec<Self> {
        party.members.clone()
    }

    fn id(&self) -> String {
        self.identity.to_string()
    }

    fn report(&self, _party: &PartyView, _number: usize) -> Report {
        Report::Member(MemberReport::of(self))
    }
}
