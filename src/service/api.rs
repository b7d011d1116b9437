//! The API of clients: invitations made, looked through, sent again and taken back; templates, webhooks and what happened. SERVICE.md, chapter 4.

mod audit;
mod body;
mod bulk;
mod caller;
mod change;
mod create;
mod list;
mod object;
mod request;
mod retry;
mod templates;
mod webhooks;

use axum::Router;
use axum::routing::{get, post};
use utoipa::OpenApi;

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
