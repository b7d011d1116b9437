//! The mailed link: what opening it shows, and what its buttons do (SERVICE.md, chapter 5).
//!
//! - **Invariant:** a GET or HEAD writes nothing.
//! - **Invariant:** nothing is sent on to an address before the link's code is proven, and then only to one that is registered for the client.

mod accept;
mod dead;
mod decline;
mod explained;
mod found;
mod inviter;
mod reader;
mod renew;
mod show;
mod unsubscribe;
mod visit;

use axum::Router;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::http::page_of_network;
use super::state::Service;

/// The routes of links.
pub(super) fn router(service: &Service) -> Router<Service> {
    Router::new()
        .route("/i/{token}", get(show::show).post(accept::accept))
        .route("/i/{token}/renew", post(renew::renew))
        .route("/i/{token}/decline", get(decline::show).post(decline::decline))
        .route("/u/{token}", get(unsubscribe::show).post(unsubscribe::unsubscribe))
        .route_layer(from_fn_with_state(service.clone(), page_of_network))
        .route("/errors/{code}", get(explained::explained))
        .route("/icon.svg", get(icon))
}

async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    (headers, include_str!("../../assets/icon.svg")).into_response()
}
