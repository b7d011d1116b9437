//! The API of clients: invitations made, looked through, sent again and taken back; templates, webhooks and what happened. SERVICE.md, chapter 4.

mod audit;
mod body;
mod bulk;
mod caller;
mod change;
mod create;
mod list;
mod object;
pub mod operator;
mod request;
mod retry;
mod templates;
mod values;
mod webhooks;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;
use utoipa::OpenApi;

use self::caller::Asking;
use super::http::Refusal;
use super::state::Service;

/// Its routes.
pub(super) fn router() -> Router<Service> {
    Router::new()
        .route("/api/invite", post(create::invite))
        .route("/api/invitations", get(list::list).post(create::invitation))
        .route("/api/invitations/bulk", post(bulk::bulk))
        .route("/api/invitations/{id}", get(list::show).delete(change::delete))
        .route("/api/invitations/{id}/resend", post(change::resend))
        .route("/api/invitations/{id}/revoke", post(change::revoke))
        .route(
            "/api/templates/{alias}",
            get(templates::show).put(templates::put).delete(templates::delete),
        )
        .route("/api/templates/{alias}/preview", post(templates::try_out))
        .route("/api/webhooks", get(webhooks::show).put(webhooks::put))
        .route("/api/audit", get(audit::audit))
}

/// Does what `POST /api/invite` does, for another route that was asked the same in another form.
pub(super) async fn invite(service: &Service, headers: &HeaderMap, request: &Value) -> Result<Response, Refusal> {
    let mut headers = headers.clone();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let asking = Asking {
        method: Method::POST,
        uri: Uri::from_static("/api/invite"),
        headers,
        now: service.clock.now(),
    };
    create::invite(State(service.clone()), asking, Body::from(request.to_string())).await
}

/// Its description.
#[derive(OpenApi)]
#[openapi(paths(
    create::invite,
    create::invitation,
    bulk::bulk,
    list::list,
    list::show,
    change::resend,
    change::revoke,
    change::delete,
    templates::show,
    templates::put,
    templates::delete,
    templates::try_out,
    webhooks::show,
    webhooks::put,
    audit::audit,
))]
pub(super) struct Described;
