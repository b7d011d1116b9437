//! A request that an invitation answers: `invitation=` a ticket of the pressed button, or the token of the mailed link itself.

use axum::response::Response;

use super::request::{Asked, Prompt};
use crate::service::database::tickets::Leads;
use crate::service::database::{Connection, DatabaseError, invitations, tickets};
use crate::service::http::Refusal;
use crate::service::invitation::Invitation;
use crate::service::keys::MacKeys;
use crate::service::oauth::codes;
use crate::service::oauth::cookies::Cookie;
use crate::service::oauth::reader::Reader;
use crate::service::oauth::respond::Denied;
use crate::service::token::{Purpose, digest, read_link};
use crate::time::Timestamp;

/// At once in the browser that pressed the button; elsewhere after one more button, as a GET never uses anything up.
pub(super) async fn answer(reader: Reader<'_>, asked: &Asked, now: Timestamp) -> Result<Response, Refusal> {
    let token = asked.parameters.get("invitation").unwrap_or_default();
    let pressed = Cookie::Pressed.of(reader.service, reader.headers) == Some(digest(token).as_str());
    if pressed {
        return redeem(reader, asked, now).await;
    }
    let invitation = match look(reader, asked, now).await? {
        Ok(invitation) => invitation,
        Err(denied) => return Ok(reader.denied(&asked.client.name, &asked.place, &denied)),
    };
    if asked.wants.prompt == Prompt::Never {
        let denied = Denied::new("interaction_required", "The person has to press a button.");
        return Ok(reader.denied(&asked.client.name, &asked.place, &denied));
    }
    let address = invitation.email.map(|email| email.to_string()).unwrap_or_default();
    Ok(reader.confirm(asked, &address))
}

/// The invitation that a request names; nothing is used up.
async fn look(reader: Reader<'_>, asked: &Asked, now: Timestamp) -> Result<Result<Invitation, Denied>, Refusal> {
    let token = asked.parameters.get("invitation").unwrap_or_default().to_owned();
    let keys = reader.service.keys.clone();
    let found = reader
        .service
        .database
        .read(move |connection| Box::pin(async move { find(connection, &keys.links, &token, Use::Look, now).await }));
    Ok(meant(asked, found.await?, now))
}

/// The code, after a button was pressed.
pub(super) async fn redeem(reader: Reader<'_>, asked: &Asked, now: Timestamp) -> Result<Response, Refusal> {
    // What leads nowhere does not reach the one writer.
    if let Err(denied) = look(reader, asked, now).await? {
        return Ok(reader.denied(&asked.client.name, &asked.place, &denied));
    }
    let (service, request) = (reader.service.clone(), asked.clone());
    let done = reader.service.database.write(move |connection| {
        Box::pin(async move {
            let token = request.parameters.get("invitation").unwrap_or_default();
            let found = find(&mut *connection, &service.keys.links, token, Use::Take, now).await?;
            let invitation = match meant(&request, found, now) {
                Ok(invitation) => invitation,
                Err(denied) => return Ok(Err(denied)),
            };
            if !codes::press(&mut *connection, &invitation, now).await? {
                return Ok(Err(Denied::of_ended(invitation.status_at(now))));
            }
            let code = codes::issue(connection, &invitation, request.terms(&service), now).await?;
            Ok(code.ok_or(Denied::new(
                "temporarily_unavailable",
                "This invitation got too many codes. Try again tomorrow.",
            )))
        })
    });
    Ok(match done.await? {
        Ok(code) => reader.code(asked, &code),
        Err(denied) => reader.denied(&asked.client.name, &asked.place, &denied),
    })
}

/// Whether a ticket is used up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Look,
    Take,
}

/// The invitation that a ticket or a link names, if it proves it.
async fn find(
    connection: &mut Connection,
    keys: &MacKeys,
    token: &str,
    how: Use,
    now: Timestamp,
) -> Result<Option<Invitation>, DatabaseError> {
    if let Some(link) = read_link(token) {
        let found = invitations::get(connection, link.id()).await?;
        return Ok(found.filter(|invitation| link.proves(keys, Purpose::Invitation(invitation.generation))));
    }
    let hash = digest(token);
    let ticket = match how {
        Use::Look => tickets::get(&mut *connection, &hash, Leads::ToInvitation, now).await?,
        Use::Take => tickets::take(&mut *connection, &hash, Leads::ToInvitation, now).await?,
    };
    match ticket {
        Some(ticket) => invitations::get(connection, &ticket.reference).await,
        None => Ok(None),
    }
}

/// The invitation, if it is the client's and still open.
fn meant(asked: &Asked, found: Option<Invitation>, now: Timestamp) -> Result<Invitation, Denied> {
    let invitation = found
        .filter(|invitation| invitation.is_for(&asked.client.id))
        .ok_or(Denied {
            page: Some("invitation_unknown"),
            ..Denied::new(
                "access_denied",
                "The invitation is unknown, or its ticket was used or is over.",
            )
        })?;
    let status = invitation.status_at(now);
    if status.is_open() {
        Ok(invitation)
    } else {
        Err(Denied::of_ended(status))
    }
}
