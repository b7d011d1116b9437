//! `file`: added from the disk, fetched from members, saved to the disk.

use std::path::Path;
use std::sync::Arc;

use super::args::{File, Kind, One, Sync};
use super::find;
use super::interrupt::Interrupt;
use super::invite::next_trouble;
use super::items::{changed, delete, restore};
use super::json::{Report, TransferReport};
use super::list::list;
use super::problem::Ending;
use super::session::Session;
use crate::client::ClientError;
use crate::failure::Failure;
use crate::party::{self, FileId, PartyId};
use crate::worker::{FileView, SaveTo};

pub(super) async fn file(session: &Session, args: &File) -> Result<(), Ending> {
    match args {
        File::Add { party, path, sync } => add(session, party, path, *sync).await,
        File::List(listing) => list::<FileView>(session, listing, None).await,
        File::Get(one) => get(session, one).await.map(drop),
        File::Save { one, to } => {
            let (party, file) = get(session, one).await?;
            let to = if to.is_dir() {
                SaveTo::Folder(to.clone())
            } else {
                SaveTo::Path(to.clone())
            };
            let path = session.client.save_file(party, file.id, to).await?;
            session.output.report(&Report::FileSaved {
                party: party.to_string(),
                file: file.id.to_string(),
                path: shown(&path),
            })
        }
        File::Rename { change, name } => {
            let party = session.party(&change.one.party)?;
            let file = find::file(&party, &change.one.item)?.id;
            session.client.rename_file(party.id, file, name).await?;
            let report = Report::FileRenamed {
                party: party.id.to_string(),
                file: file.to_string(),
                name: name.clone(),
            };
            changed(session, party.id, &report, change.sync).await
        }
        File::Delete(change) => delete(session, change, Kind::File).await,
        File::Restore(change) => restore(session, change, Kind::File).await,
    }
}

async fn add(session: &Session, party: &str, path: &Path, sync: Sync) -> Result<(), Ending> {
    let party = session.party(party)?.id;
    let adding = session.client.add_file(party, path);
    let file = with_progress(session, party, None, adding).await?;
    let view = session.client.party(party).ok_or(Failure::PartyUnknown)?;
    let name = view.files.iter().find(|view| view.file.id == file);
    let report = Report::FileAdded {
        party: party.to_string(),
        file: file.to_string(),
        name: name.map(|view| view.file.name.clone()).unwrap_or_default(),
    };
    changed(session, party, &report, sync).await
}

/// Gets a file's content, if it is not here.
async fn get(session: &Session, one: &One) -> Result<(PartyId, Arc<party::File>), Ending> {
    let party = session.party(&one.party)?;
    let id = find::file(&party, &one.item)?.id;
    let view = party.files.iter().find(|view| view.file.id == id);
    let file = Arc::clone(&view.ok_or(Failure::ItemUnknown)?.file);
    let fetching = session.client.fetch_file(party.id, id);
    with_progress(session, party.id, Some(id), fetching).await?;
    session.output.report(&Report::FileHere {
        party: party.id.to_string(),
        file: id.to_string(),
        name: file.name.clone(),
    })?;
    Ok((party.id, file))
}

/// Tells how far the content of a file is until the work on it is done. Ctrl-C cancels.
async fn with_progress<T>(
    session: &Session,
    party: PartyId,
    only: Option<FileId>,
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut transfers = session.client.transfers();
    let mut troubles = session.client.troubles();
    // One that is being added has its id from the first that is told of it.
    let mut at_work = only;
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Ok(done?),
            () = interrupt.next() => {
                if let Some(file) = at_work {
                    session.client.cancel_transfer(party, file).await?;
                }
                return Err(Ending::Cancelled);
            }
            transfer = transfers.next() => {
                let transfer = transfer?;
                if transfer.party == party && only.is_none_or(|only| only == transfer.file) {
                    at_work = Some(transfer.file);
                    session.output.report(&Report::Transfer(TransferReport::of(&transfer)))?;
                }
            }
            trouble = next_trouble(&session.output, &mut troubles) => trouble?,
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
