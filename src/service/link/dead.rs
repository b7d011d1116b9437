//! Links that no longer do anything: a page that says so, or a word to the client.

use axum::response::Response;

use super::found::Opened;
use crate::service::client::DeadLink;
use crate::service::database::DatabaseError;
use crate::service::locales::Language;
use crate::service::oauth::Denied;
use crate::service::page::{Destination, Ended, Page, carry, render};
use crate::service::state::Service;
use crate::service::status::Status;
use crate::time::Timestamp;

/// Why an invitation can no longer be accepted, or none if it can.
pub(super) fn why(opened: &Opened, now: Timestamp) -> Option<Ended> {
    let invitation = &opened.invitation;
    match invitation.status_at(now) {
        Status::Accepted => Some(Ended::Used),
        Status::Declined => Some(Ended::Declined),
        Status::Revoked => Some(Ended::Revoked),
        Status::Expired => Some(Ended::Expired(invitation.expires_at)),
        Status::Created
        | Status::Queued
        | Status::Sent
        | Status::Opened
        | Status::Bounced
        | Status::Failed
        | Status::Suppressed => opened.client.is_disabled.then_some(Ended::Closed),
    }
}

/// What such a link leads to, as the client wants it.
pub(super) async fn answer(
    service: &Service,
    language: Language,
    token: &str,
    opened: Box<Opened>,
    why: Ended,
) -> Result<Response, DatabaseError> {
    let to_client = opened.client.dead_link == DeadLink::Redirect && opened.destination() != Destination::App;
    if let Some(denied) = denied(why).filter(|_| to_client) {
        let (opened, answered) = service
            .database
            .read(|connection| {
                Box::pin(async move {
                    let answered = opened.is_answered(connection).await?;
                    Ok((opened, answered))
                })
            })
            .await?;
        if answered {
            let place = opened.place();
            let members = place.with_error(&service.config.issuer, &denied);
            return Ok(carry(&service.config, language, &opened.client.name, &place, &members));
        }
        return Ok(page(service, language, token, &opened, why));
    }
    Ok(page(service, language, token, &opened, why))
}

/// The page of such a link, with a way to a new one if there is one.
pub(super) fn page(service: &Service, language: Language, token: &str, opened: &Opened, why: Ended) -> Response {
    let can_renew = opened.can_be_renewed(why, service.clock.now());
    let address = opened.invitation.email.as_ref().filter(|_| can_renew);
    let page = Page::Ended {
        app: opened.client.name.clone(),
        why,
        renewal: address.map(|address| (token.to_owned(), address.to_string())),
    };
    render(&service.config, language, &page)
}

/// What a client is told (RFC 6749, 4.1.2.1). Of a client that is turned off and of a link that was replaced only the person is told.
const fn denied(why: Ended) -> Option<Denied> {
    let (page, description) = match why {
        Ended::Expired(_) => ("invitation_expired", "The invitation has expired."),
        Ended::Used => ("invitation_used", "The invitation was already used."),
        Ended::Revoked => ("invitation_revoked", "The invitation was taken back."),
        Ended::Declined => ("invitation_declined", "The invited person declined."),
        Ended::Replaced | Ended::Closed => return None,
    };
    Some(Denied {
        error: "access_denied",
        description,
        page: Some(page),
    })
}
