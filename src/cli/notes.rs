//! `note`: texts that people write together.

use std::path::Path;
use std::sync::Arc;

use super::args::{Change, Kind, Note, NoteShow, Sync};
use super::editor;
use super::find;
use super::input::Input;
use super::interrupt::Interrupt;
use super::items::{changed, delete, restore};
use super::json::Report;
use super::list::list;
use super::problem::Ending;
use super::session::Session;
use crate::client::OpenNote;
use crate::failure::Failure;
use crate::party::{self, NoteId, PartyId};

pub(super) async fn note(session: &Session, args: &Note) -> Result<(), Ending> {
    match args {
        Note::Add {
            party,
            title,
            from,
            sync,
        } => {
            let party = session.party(party)?.id;
            let text = match from {
                Some(from) => Some(read(&session.input, from).await?),
                None => None,
            };
            let note = session.client.add_note(party, title).await?;
            if let Some(text) = text {
                session.client.open_note(party, note).await?.replace_all(&text).await?;
            }
            let report = Report::NoteAdded {
                party: party.to_string(),
                note: note.to_string(),
                title: title.clone(),
            };
            changed(session, party, &report, *sync).await
        }
        Note::List(listing) => list::<Arc<party::Note>>(session, listing, None).await,
        Note::Show(args) => show(session, args).await,
        Note::Edit { change, from } => edit(session, change, from.as_deref()).await,
        Note::Append { change, text } => append(session, change, text).await,
        Note::Rename { change, title } => {
            let party = session.party(&change.one.party)?;
            let note = find::note(&party, &change.one.item)?.id;
            session.client.retitle_note(party.id, note, title).await?;
            let report = Report::NoteRetitled {
                party: party.id.to_string(),
                note: note.to_string(),
                title: title.clone(),
            };
            changed(session, party.id, &report, change.sync).await
        }
        Note::Delete(change) => delete(session, change, Kind::Note).await,
        Note::Restore(change) => restore(session, change, Kind::Note).await,
    }
}

async fn show(session: &Session, args: &NoteShow) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let party = session.party(&args.one.party)?;
    let note = find::note(&party, &args.one.item)?;
    let mut open = session.client.open_note(party.id, note.id).await?;
    let (party_id, note_id) = (party.id.to_string(), note.id.to_string());
    session.output.report(&Report::NoteText {
        party: party_id.clone(),
        note: note_id.clone(),
        title: note.title.clone(),
        text: open.text().to_owned(),
    })?;
    if !args.follow {
        return Ok(());
    }
    loop {
        tokio::select! {
            changed = open.changed() => drop(changed?),
            () = interrupt.next() => return Ok(()),
        }
        session.output.report(&Report::NoteChanged {
            party: party_id.clone(),
            note: note_id.clone(),
            text: open.text().to_owned(),
        })?;
    }
}

async fn edit(session: &Session, change: &Change, from: Option<&Path>) -> Result<(), Ending> {
    let party = session.party(&change.one.party)?;
    let note = find::note(&party, &change.one.item)?.id;
    let mut open = session.client.open_note(party.id, note).await?;
    let text = match from {
        Some(from) => read(&session.input, from).await?,
        None => editor::edit(open.text()).await?,
    };
    // What others have written since the text was read is not in it, and stays all the same.
    open.replace_all(&text).await?;
    edited(session, (party.id, note), &open, change.sync).await
}

async fn append(session: &Session, change: &Change, text: &str) -> Result<(), Ending> {
    let text = match text {
        "-" => session.input.text().await?,
        text => text.to_owned(),
    };
    let party = session.party(&change.one.party)?;
    let note = find::note(&party, &change.one.item)?.id;
    let mut open = session.client.open_note(party.id, note).await?;
    let written = appended(open.text(), &text);
    open.replace_all(&written).await?;
    edited(session, (party.id, note), &open, change.sync).await
}

/// A text with another line at its end.
fn appended(text: &str, line: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let end = if line.ends_with('\n') { "" } else { "\n" };
    [text, gap, line, end].concat()
}

async fn edited(
    session: &Session,
    (party, note): (PartyId, NoteId),
    open: &OpenNote,
    sync: Sync,
) -> Result<(), Ending> {
    let report = Report::NoteEdited {
        party: party.to_string(),
        note: note.to_string(),
        characters: open.text().chars().count(),
    };
    changed(session, party, &report, sync).await
}

async fn read(input: &Input, from: &Path) -> Result<String, Ending> {
    if from == Path::new("-") {
        input.text().await
    } else {
        editor::read(from).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_a_line_of_its_own() {
        for text in ["Milk", "Milk\n"] {
            assert_eq!(appended(text, "Bread"), "Milk\nBread\n");
        }
        assert_eq!(appended("", "Bread\n"), "Bread\n");
    }
}
