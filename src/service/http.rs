//! The routes, all in one place, and what every answer carries.

mod answer;
mod authentication;
mod network;
mod observe;
mod peer;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
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

/// A body beyond the limit is refused as everything else is; the layer that looks at its length has words of its own.
async fn too_large_in_our_words(response: Response) -> Response {
    let is_ours = |kind: &HeaderValue| kind.as_bytes().starts_with(b"application/json");
    let kind = response.headers().get(header::CONTENT_TYPE);
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !kind.is_some_and(is_ours) {
        let what = format!("No body is longer than {MAX_BODY} bytes.");
        return Refusal::new(OAuthError::TooLarge, what).into_response();
    }
    response
}

/// Every route of the service.
pub fn router(service: Service) -> Router {
    Router::new()
        .merge(health::router())
        .merge(api::router())
        .merge(openapi::router())
        .merge(link::router(&service))
        .merge(oauth::router())
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(middleware::map_response(too_large_in_our_words))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(observe::observe))
        .with_state(service)
}
