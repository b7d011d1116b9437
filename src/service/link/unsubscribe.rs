//! "Send me no more": the link of every mail's `List-Unsubscribe` (RFC 8058). Opening it asks; only the POST does it, which mail providers send
//! by themselves when somebody presses their button.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::found::{self, Opened};
use super::show::{failed, not_found};
use super::visit::Visit;
use crate::identity::EmailAddress;
use crate::service::database::{DatabaseError, suppressions};
use crate::service::page::{Page, render};
use crate::service::state::Service;

/// What is noted of such an address.
const REASON: &str = "the person wants no more";

/// `GET /u/{token}`.
pub(super) async fn show(State(service): State<Service>, visit: Visit) -> Response {
    let answer = asked(&service, &visit).await;
    answer.unwrap_or_else(|error| failed(&service, &visit.reader, &error))
}

/// `POST /u/{token}`, whatever its body says.
pub(super) async fn unsubscribe(State(service): State<Service>, visit: Visit) -> Response {
    if visit.reader.is_elsewhere(&service.config.issuer) {
        return render(&service.config, visit.reader.language(None), &Page::Elsewhere);
    }
    let answer = done(&service, &visit).await;
    answer.unwrap_or_else(|error| failed(&service, &visit.reader, &error))
}

async fn asked(service: &Service, visit: &Visit) -> Result<Response, DatabaseError> {
    let Some((opened, address)) = whose(service, &visit.token).await? else {
        return Ok(not_found(service, &visit.reader));
    };
    let page = Page::Unsubscribe {
        token: visit.token.clone(),
        app: opened.client.name.clone(),
        address: address.to_string(),
    };
    Ok(render(&service.config, visit.reader.language(Some(&opened)), &page))
}

async fn done(service: &Service, visit: &Visit) -> Result<Response, DatabaseError> {
    let now = service.clock.now();
    let Some((opened, address)) = whose(service, &visit.token).await? else {
        return Ok(not_found(service, &visit.reader));
    };
    let (client, unwanted) = (opened.client.id.clone(), address.normalised());
    let written = service.database.write(move |connection| {
        Box::pin(async move { suppressions::add(connection, &client, &unwanted, REASON, now).await })
    });
    written.await?;
    let page = Page::Unsubscribed {
        app: opened.client.name.clone(),
        address: address.to_string(),
    };
    Ok(render(&service.config, visit.reader.language(Some(&opened)), &page))
}

/// Reads the invitation whose mail the link was in, and its address.
async fn whose(service: &Service, token: &str) -> Result<Option<(Box<Opened>, EmailAddress)>, DatabaseError> {
    let (keys, token) = (Arc::clone(&service.keys.links), token.to_owned());
    let read = service
        .database
        .read(move |connection| Box::pin(async move { found::unsubscribing(connection, &keys, &token).await }));
    read.await
}
