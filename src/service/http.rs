//! The routes, all in one place, and what every answer carries.

mod answer;
mod authentication;
mod network;
mod observe;
mod peer;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::state::Service;
use super::{api, health, link, oauth, openapi};

pub use self::answer::{OAuthError, Refusal};
pub use self::authentication::{Credentials, authenticate};
pub use self::network::{Network, PerNetwork};
pub use self::peer::Peer;

/// The longest body of any request, in bytes; a bulk of a thousand invitations fits.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Every route of the service.
pub fn router(service: Service) -> Router {
    Router::new()
        .merge(health::router())
        .merge(api::router())
        .merge(openapi::router())
        .merge(link::router(&service))
        .merge(oauth::router())
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(observe::observe))
        .with_state(service)
}
