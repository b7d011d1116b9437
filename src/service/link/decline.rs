//! "No, thanks." It is final, so it takes a page of its own: a scanner that presses every button of an invitation declines nothing.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::dead;
use super::found::{self, Found};
use super::reader::Reader;
use super::show::{failed, look, not_found, replaced, shown};
use super::visit::Visit;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::{DatabaseError, invitations, links};
use crate::service::page::{Ended, Page, render};
use crate::service::state::Service;
use crate::service::status::Change;

/// `GET /i/{token}/decline`: the page that asks whether they mean it.
pub(super) async fn show(State(service): State<Service>, visit: Visit) -> Response {
    let Visit { token, reader } = visit;
    let asked = shown(&service, &token, &reader, |opened| Page::Decline {
        token: token.clone(),
        app: opened.client.name.clone(),
    });
    asked.await.unwrap_or_else(|error| failed(&service, &reader, &error))
}

/// `POST /i/{token}/decline`.
pub(super) async fn decline(State(service): State<Service>, visit: Visit) -> Response {
    let Visit { token, reader } = visit;
    if reader.is_elsewhere(&service.config.issuer) {
        return render(&service.config, reader.language(None), &Page::Elsewhere);
    }
    let answer = declined(&service, &token, &reader).await;
    answer.unwrap_or_else(|error| failed(&service, &reader, &error))
}

async fn declined(service: &Service, token: &str, reader: &Reader) -> Result<Response, DatabaseError> {
    let now = service.clock.now();
    let opened = match look(service, token).await? {
        Found::Nothing => return Ok(not_found(service, reader)),
        Found::Replaced(opened) => return Ok(replaced(service, reader, token, &opened)),
        Found::Invitation(opened) => opened,
    };
    let language = reader.language(Some(&opened));
    // Saying no twice is saying no.
    match dead::why(&opened, now) {
        None | Some(Ended::Declined | Ended::Closed) => {}
        Some(why) => return dead::answer(service, language, token, opened, why).await,
    }
    let (keys, again) = (Arc::clone(&service.keys.links), token.to_owned());
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let Found::Invitation(opened) = found::invitation(connection, &keys, &again).await? else {
                return Ok(());
            };
            let id = &opened.invitation.id;
            if invitations::change(connection, id, Change::Declined, now, now).await? {
                links::end(connection, id).await?;
                let event = Event {
                    client_id: &opened.client.id,
                    invitation_id: Some(id),
                    kind: Kind::InvitationDeclined,
                    actor: "invitee",
                    data: "{}".to_owned(),
                };
                events::add(connection, &event, now).await?;
            }
            Ok(())
        })
    });
    written.await?;
    let page = Page::Declined {
        app: opened.client.name,
    };
    Ok(render(&service.config, language, &page))
}
