//! Whether the service is there and whether it can work: for whoever watches it and for a proxy that shares out requests.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::database::outbox;
use super::state::Service;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn router() -> Router<Service> {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
}

/// 200 if the database answers. That mail waits is told and is no reason to take the links away from people.
async fn ready(State(service): State<Service>) -> Response {
    let asked = service
        .database
        .read_aside(|connection| Box::pin(async move { outbox::depth(connection).await }));
    let answer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(depth)) => {
            let now = service.clock.now();
            let waited = depth.oldest.map_or(0, |oldest| now.since(oldest).as_secs());
            let body = json!({ "database": "ok", "outbox": depth.rows, "outbox_oldest_seconds": waited });
            (StatusCode::OK, Json(body))
        }
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "database": "does not answer" })),
        ),
    };
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
