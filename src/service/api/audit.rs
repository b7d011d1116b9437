//! What happened to a client's invitations and settings.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{query, wrong};
use super::caller::{Asking, Caller, NOTHING, Right};
use super::list::{EventObject, answer, page_size};
use crate::service::database::audit;
use crate::service::http::Refusal;
use crate::service::openapi::Refusals;
use crate::service::state::Service;

/// Characters of an event's id.
const ID: usize = 32;

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// `next_cursor` of the page before.
    #[param(min_length = 32, max_length = 32)]
    cursor: Option<String>,
    /// So many at most: 1 to 200, 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of events, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditPage {
    events: Vec<EventObject>,
    /// Where the next page begins; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /api/audit`.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "settings",
    params(AuditQuery),
    responses((status = 200, description = "A page, newest first.", body = AuditPage), Refusals),
    security(("client" = []))
)]
pub(super) async fn audit(State(service): State<Service>, asking: Asking) -> Result<Response, Refusal> {
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Manage).await?;
    let asked: AuditQuery = query(&asking.uri)?;
    let limit = page_size(asked.limit)?;
    let is_id = |text: &str| text.len() == ID && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if asked.cursor.as_deref().is_some_and(|cursor| !is_id(cursor)) {
        return Err(wrong("cursor is not the next_cursor of a page."));
    }
    let client = caller.client.id;
    let read = service.database.read_aside(move |connection| {
        Box::pin(async move { audit::page(connection, &client, asked.cursor.as_deref(), limit + 1).await })
    });
    let mut found = read.await?;
    let is_more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if is_more {
        found.pop();
    }
    let next_cursor = found.last().filter(|_last| is_more).map(|last| last.id.clone());
    Ok(answer(&AuditPage {
        events: found.into_iter().map(EventObject::from).collect(),
        next_cursor,
    }))
}
