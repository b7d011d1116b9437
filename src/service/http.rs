//! The routes, all in one place, and what every answer carries.

mod answer;
mod authentication;
mod network;
mod peer;

use axum::Router;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::oauth;
use super::state::Service;

pub use self::answer::{OAuthError, Refusal};
pub use self::authentication::{Credentials, authenticate};
pub use self::network::{Network, PerNetwork};
pub use self::peer::Peer;

/// The longest body of any request, in bytes; a bulk of a thousand invitations fits.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Every route of the service.
pub fn router(service: Service) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .merge(oauth::router())
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(CatchPanicLayer::new())
        .with_state(service)
}
