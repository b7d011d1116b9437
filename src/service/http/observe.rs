//! Counts and logs every request, by the pattern of its route: the path itself may hold a token, a query may hold a code.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::service::metrics;

pub(super) async fn observe(request: Request, next: Next) -> Response {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it took, for the operator: nothing is decided by it"
    )]
    let began = Instant::now();
    let method = word(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    metrics::request(method, route, status, took);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(method, route, status, millis, "request");
    } else {
        tracing::debug!(method, route, status, millis, "request");
    }
    response
}

/// The method, out of a closed list: whoever asks may write any word.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
