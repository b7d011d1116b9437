//! What can be done with a thing in a party, whatever it is: delete, restore, read its history.

use super::args::{Change, Kind, Sync};
use super::find;
use super::json::{ChangeReport, DeletedReport, Report};
use super::problem::Ending;
use super::session::Session;
use crate::party::{ItemId, PartyId};

/// Tells what was changed, and stays online for the others to hear of it.
pub(super) async fn changed(session: &Session, party: PartyId, report: &Report, sync: Sync) -> Result<(), Ending> {
    session.output.report(report)?;
    session.settle_with_others(party, sync.limit()).await;
    Ok(())
}

pub(super) async fn delete(session: &Session, args: &Change, kind: Kind) -> Result<(), Ending> {
    let party = session.party(&args.one.party)?;
    let item = find::item(&party, kind, &args.one.item)?;
    session.client.delete_item(party.id, item).await?;
    changed(session, party.id, &deleted_report(party.id, item), args.sync).await
}

pub(super) async fn restore(session: &Session, args: &Change, kind: Kind) -> Result<(), Ending> {
    let party = session.party(&args.one.party)?;
    let item = find::deleted(&party, kind, &args.one.item)?;
    session.client.restore_item(party.id, item).await?;
    changed(session, party.id, &restored_report(party.id, item), args.sync).await
}

fn deleted_report(party: PartyId, item: ItemId) -> Report {
    let party = party.to_string();
    match item {
        ItemId::Task(task) => Report::TaskDeleted {
            party,
            task: task.to_string(),
        },
        ItemId::Note(note) => Report::NoteDeleted {
            party,
            note: note.to_string(),
        },
        ItemId::Message(message) => Report::MessageDeleted {
            party,
            message: message.to_string(),
        },
        ItemId::File(file) => Report::FileDeleted {
            party,
            file: file.to_string(),
        },
    }
}

fn restored_report(party: PartyId, item: ItemId) -> Report {
    let party = party.to_string();
    match item {
        ItemId::Task(task) => Report::TaskRestored {
            party,
            task: task.to_string(),
        },
        ItemId::Note(note) => Report::NoteRestored {
            party,
            note: note.to_string(),
        },
        ItemId::Message(message) => Report::MessageRestored {
            party,
            message: message.to_string(),
        },
        ItemId::File(file) => Report::FileRestored {
            party,
            file: file.to_string(),
        },
    }
}

/// What lies deleted.
pub(super) fn deleted(session: &Session, party: &str) -> Result<(), Ending> {
    let party = session.party(party)?;
    let rows = party.deleted.iter().zip(1..);
    rows.map(|(deleted, number)| Report::Deleted(DeletedReport::of(deleted, &party, number)))
        .try_for_each(|report| session.output.report(&report))
}

/// What has become of one thing, also of one that is deleted.
pub(super) async fn history(session: &Session, party: &str, kind: Kind, typed: &str) -> Result<(), Ending> {
    let party = session.party(party)?;
    let item = match find::item(&party, kind, typed) {
        Err(Ending::Failure(_)) => find::deleted(&party, kind, typed)?,
        found => found?,
    };
    let changes = session.client.history(party.id, item).await?;
    let mut reports = changes
        .iter()
        .map(|change| Report::Change(ChangeReport::of(change, &party)));
    reports.try_for_each(|report| session.output.report(&report))
}
