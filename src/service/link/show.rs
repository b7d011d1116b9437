//! Opening a link. Nothing happens by that, whoever opens it: mail scanners do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::dead;
use super::found::{self, Found, Opened};
use super::reader::Reader;
use super::visit::Visit;
use crate::service::database::DatabaseError;
use crate::service::page::{Ended, Page, render};
use crate::service::state::Service;

/// `GET /i/{token}`.
pub(super) async fn show(State(service): State<Service>, visit: Visit) -> Response {
    let token = visit.token.as_str();
    let shown = shown(&service, token, &visit.reader, |opened| invitation(token, opened)).await;
    shown.unwrap_or_else(|error| failed(&service, &visit.reader, &error))
}

/// A page of an invitation that waits for its answer; else why it does not.
pub(super) async fn shown(
    service: &Service,
    token: &str,
    reader: &Reader,
    page: impl FnOnce(&Opened) -> Page,
) -> Result<Response, DatabaseError> {
    match look(service, token).await? {
        Found::Nothing => Ok(not_found(service, reader)),
        Found::Replaced(opened) => Ok(replaced(service, reader, token, &opened)),
        Found::Invitation(opened) => {
            let language = reader.language(Some(&opened));
            match dead::why(&opened, service.clock.now()) {
                Some(why) => dead::answer(service, language, token, opened, why).await,
                None => Ok(render(&service.config, language, &page(&opened))),
            }
        }
    }
}

/// Reads what a token leads to.
pub(super) async fn look(service: &Service, token: &str) -> Result<Found, DatabaseError> {
    let (keys, token) = (Arc::clone(&service.keys.links), token.to_owned());
    let read = service
        .database
        .read(move |connection| Box::pin(async move { found::invitation(connection, &keys, &token).await }));
    read.await
}

fn invitation(token: &str, opened: &Opened) -> Page {
    Page::Invitation {
        token: token.to_owned(),
        inviter: opened.inviter(),
        app: opened.client.name.clone(),
        address: opened.address(),
        leads_to: opened.destination(),
        ends: opened.invitation.expires_at,
    }
}

/// The page of a link that leads nowhere.
pub(super) fn not_found(service: &Service, reader: &Reader) -> Response {
    render(&service.config, reader.language(None), &Page::NotFound)
}

/// The page of a link that a newer one has replaced.
pub(super) fn replaced(service: &Service, reader: &Reader, token: &str, opened: &Opened) -> Response {
    dead::page(service, reader.language(Some(opened)), token, opened, Ended::Replaced)
}

/// The page for a database that does not answer.
pub(super) fn failed(service: &Service, reader: &Reader, error: &DatabaseError) -> Response {
    tracing::error!(%error, "a page was not shown");
    render(&service.config, reader.language(None), &Page::Unavailable)
}
