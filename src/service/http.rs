//! The routes, all in one place, and what every answer carries.

mod answer;
mod authentication;
mod network;
mod observe;
mod pace;
mod pages;
mod peer;
mod serve;

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::state::Service;
use super::{api, health, link, oauth, openapi};

pub use self::answer::{OAuthError, Refusal};
pub use self::authentication::{Credentials, authenticate};
pub use self::network::Network;
pub use self::pace::{Pace, Paces};
pub use self::pages::{page_of_network, too_many_pages};
pub use self::peer::Peer;
pub(super) use self::serve::{room, serve};

/// The longest body of any request, in bytes; a bulk of a thousand invitations fits.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// How long a request may take, its body included: whoever sends half of one is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let routes = Router::new()
        .merge(health::router())
        .merge(api::router())
        .merge(openapi::router())
        .merge(link::router(&service))
        .merge(oauth::router(&service));
    bounded(routes)
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(observe::observe))
        .with_state(service)
}

/// The same routes for requests that end.
fn bounded<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(middleware::map_response(too_large_in_our_words))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn half_a_request_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = bounded(Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() })));
        let answered = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf";
            stream.write_all(half).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        tokio::select! {
            () = serve(listener, routes, 64, std::future::pending()) => panic!("it ended"),
            answer = answered => assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}"),
        }
    }
}
