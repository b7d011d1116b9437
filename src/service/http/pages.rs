//! How many pages one network may look at.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{Network, Peer};
use crate::service::locales::Language;
use crate::service::page::{Page, render};
use crate::service::state::Service;

/// Lets a request of a browser through, or answers with a page that says to wait.
pub async fn page_of_network(State(service): State<Service>, peer: Peer, request: Request, next: Next) -> Response {
    match too_many_pages(&service, peer, request.headers()) {
        Some(page) => page,
        None => next.run(request).await,
    }
}

/// Counts a page; the one that says to wait, if there were too many.
pub fn too_many_pages(service: &Service, Peer(address): Peer, headers: &HeaderMap) -> Option<Response> {
    let wait = service.paces.pages.take(&Network::of(address)).err()?;
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let language = Language::negotiate(None, accepted);
    Some(render(&service.config, language, &Page::TooMany { wait }))
}
