//! `party`: found, look at, rename, leave, export and import parties.

use super::args::Party;
use super::interrupt::Interrupt;
use super::items;
use super::json::{PartyReport, Report};
use super::problem::Ending;
use super::requests;
use super::session::Session;
use crate::failure::Failure;
use crate::party::PartyId;

pub(super) async fn party(session: &Session, args: &Party) -> Result<(), Ending> {
    match args {
        Party::Create { name } => {
            let party = session.client.create_party(name).await?;
            session.output.report(&Report::PartyCreated {
                party: party.to_string(),
                name: name.clone(),
            })
        }
        Party::List => {
            let mut parties = session.client.parties();
            parties.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
            parties
                .iter()
                .try_for_each(|party| session.output.report(&Report::Party(PartyReport::of(party))))
        }
        Party::Show { party, follow } => {
            let party = session.party(party)?;
            session.output.report(&Report::Party(PartyReport::of(&party)))?;
            if *follow {
                self::follow(session, party.id).await
            } else {
                Ok(())
            }
        }
        Party::Rename { party, name, sync } => {
            let party = session.party(party)?.id;
            session.client.rename_party(party, name).await?;
            session.output.report(&Report::PartyRenamed {
                party: party.to_string(),
                name: name.clone(),
            })?;
            session.settle_with_others(party, sync.limit()).await;
            Ok(())
        }
        Party::Leave { party, sync } => {
            let party = session.party(party)?.id;
            // First, because who has left no longer sees who is there. What is sent over an open link arrives before it closes.
            session.settle_with_others(party, sync.limit()).await;
            session.client.leave_party(party).await?;
            session.output.report(&Report::PartyLeft {
                party: party.to_string(),
            })
        }
        Party::Requests { party, follow } => requests::list(session, party, *follow).await,
        Party::Approve { one, sync } => requests::approve(session, one, *sync).await,
        Party::Deny { one, sync } => requests::deny(session, one, *sync).await,
        Party::Deleted { party } => items::deleted(session, party),
        Party::History { party, kind, item } => items::history(session, party, *kind, item).await,
        Party::Export { party, folder } => {
            let party = session.party(party)?.id;
            let missing_files = session.client.export_party(party, folder).await?;
            session.output.report(&Report::PartyExported {
                party: party.to_string(),
                folder: folder.display().to_string(),
                missing_files,
            })
        }
        Party::Import { folder } => {
            let party = session.client.import_party(folder).await?;
            let view = session.client.party(party);
            session.output.report(&Report::PartyCreated {
                party: party.to_string(),
                name: view.map(|view| view.name.clone()).unwrap_or_default(),
            })
        }
    }
}

/// Shows a party whenever it changes, until Ctrl-C, which is how this ends well.
async fn follow(session: &Session, party: PartyId) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut changes = session.client.subscribe();
    let mut shown = session.client.party(party);
    loop {
        tokio::select! {
            changed = changes.changed() => drop(changed?),
            () = interrupt.next() => return Ok(()),
        }
        let now = session.client.party(party).ok_or(Failure::NoLongerMember)?;
        if shown.as_ref() != Some(&now) {
            session.output.report(&Report::PartyChanged(PartyReport::of(&now)))?;
            shown = Some(now);
        }
    }
}
