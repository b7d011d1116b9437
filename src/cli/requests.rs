//! `party requests`, `party approve`, `party deny`: who asks to come in by an invitation that needs approval.

use super::args::{OneRequest, Sync};
use super::find;
use super::interrupt::Interrupt;
use super::items::changed;
use super::json::{Report, RequestReport};
use super::problem::Ending;
use super::session::Session;
use crate::failure::Failure;
use crate::party::{JoinRequestId, PartyId};

/// Shows who waits; with `follow` also who comes, until Ctrl-C, which is how this ends well.
#[expect(clippy::fn_params_excessive_bools, reason = "the argument's own field, by its name")]
pub(super) async fn list(session: &Session, party: &str, follow: bool) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let id = session.party(party)?.id;
    let mut changes = session.client.subscribe();
    let mut shown: Vec<JoinRequestId> = Vec::new();
    loop {
        let party = session.client.party(id).ok_or(Failure::NoLongerMember)?;
        for (request, number) in party.requests.iter().zip(1..) {
            if !shown.contains(&request.id) {
                session
                    .output
                    .report(&Report::Request(RequestReport::of(request, &party, number)))?;
            }
        }
        shown = party.requests.iter().map(|request| request.id).collect();
        if !follow {
            return Ok(());
        }
        tokio::select! {
            changed = changes.changed() => drop(changed?),
            () = interrupt.next() => return Ok(()),
        }
    }
}

pub(super) async fn approve(session: &Session, one: &OneRequest, sync: Sync) -> Result<(), Ending> {
    let (party, request, name) = find_one(session, one)?;
    session.client.approve_request(party, request).await?;
    let report = Report::RequestApproved {
        party: party.to_string(),
        request: request.to_string(),
        name,
    };
    changed(session, party, &report, sync).await
}

pub(super) async fn deny(session: &Session, one: &OneRequest, sync: Sync) -> Result<(), Ending> {
    let (party, request, name) = find_one(session, one)?;
    session.client.deny_request(party, request).await?;
    let report = Report::RequestDenied {
        party: party.to_string(),
        request: request.to_string(),
        name,
    };
    changed(session, party, &report, sync).await
}

fn find_one(session: &Session, one: &OneRequest) -> Result<(PartyId, JoinRequestId, String), Ending> {
    let party = session.party(&one.party)?;
    let request = find::request(&party, &one.who)?;
    Ok((party.id, request.id, request.name.clone()))
}
