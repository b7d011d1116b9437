//! Looks through invitations: pages, newest first, and one with what happened to it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{is_name, query, wrong};
use super::caller::{Asking, Caller, NOTHING, Name, Right};
use super::object::{InvitationObject, shown};
use crate::identity::EmailAddress;
use crate::service::clock::millis;
use crate::service::database::audit::{self, Happened};
use crate::service::database::listing::{self, Wanted};
use crate::service::database::{Connection, DatabaseError, invitations};
use crate::service::http::{OAuthError, Refusal};
use crate::service::invitation::Invitation;
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::service::status::Status;
use crate::service::token::{base64url, from_base64url};

/// Invitations on a page if nobody says how many, and at most.
const PAGE: i64 = 50;
const MOST: i64 = 200;

/// Events that one invitation shows.
const EVENTS: i64 = 200;

/// Which invitations.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only those in this state.
    #[param(pattern = "^(created|queued|sent|opened|accepted|declined|bounced|failed|revoked|expired)$")]
    status: Option<String>,
    /// Only those to this address.
    #[param(min_length = 5, max_length = 254)]
    email: Option<String>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 128)]
    cursor: Option<String>,
    /// So many at most: 1 to 200, 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of invitations, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationPage {
    invitations: Vec<InvitationObject>,
    /// Where the next page begins; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An invitation and what happened to it.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationWithEvents {
    #[serde(flatten)]
    invitation: InvitationObject,
    /// What happened, oldest first.
    events: Vec<EventObject>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(super) struct EventObject {
    id: String,
    /// Its place in the chain of all events, once it is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    /// The hash that chains it to the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<String>,
    at: String,
    /// What, like `invitation.sent`.
    kind: String,
    /// Who did it: `client`, `invitee`, `inviter`, `operator`, `service`, `mail`.
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_id: Option<String>,
    /// More about it.
    #[schema(value_type = Object)]
    data: serde_json::Map<String, serde_json::Value>,
}

impl From<Happened> for EventObject {
    fn from(event: Happened) -> Self {
        Self {
            id: event.id,
            seq: event.seq,
            chain: event.chain,
            at: shown(event.at),
            kind: event.kind,
            actor: event.actor,
            invitation_id: event.invitation_id,
            data: serde_json::from_str(&event.data).unwrap_or_default(),
        }
    }
}

/// `GET /api/invitations`.
#[utoipa::path(
    get,
    path = "/api/invitations",
    tag = "invitations",
    params(ListQuery),
    responses((status = 200, description = "A page, newest first.", body = InvitationPage), Refusals),
    security(("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn list(State(service): State<Service>, asking: Asking) -> Result<Response, Refusal> {
    let now = asking.now;
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Invite).await?;
    let asked: ListQuery = query(&asking.uri)?;
    let limit = page_size(asked.limit)?;
    let wanted = Wanted {
        client: caller.client.id,
        inviter: caller.inviter,
        email_norm: asked.email.as_deref().map(address).transpose()?,
        status: asked.status.as_deref().map(states).transpose()?.unwrap_or_default(),
        behind: asked.cursor.as_deref().map(behind).transpose()?,
        // One more tells whether there is a next page.
        limit: limit + 1,
    };
    let read = service
        .database
        .read_aside(move |connection| Box::pin(async move { listing::page(connection, &wanted, now).await }));
    let mut found = read.await?;
    let is_more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if is_more {
        found.pop();
    }
    let next_cursor = found.last().filter(|_last| is_more).map(cursor);
    let invitations = found.iter().map(|one| InvitationObject::of(one, now)).collect();
    Ok(answer(&InvitationPage {
        invitations,
        next_cursor,
    }))
}

/// `GET /api/invitations/{id}`.
#[utoipa::path(
    get,
    path = "/api/invitations/{id}",
    tag = "invitations",
    params(("id" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The invitation's id.")),
    responses((status = 200, description = "The invitation and what happened to it.", body = InvitationWithEvents), Refusals),
    security(("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn show(State(service): State<Service>, Name(id): Name, asking: Asking) -> Result<Response, Refusal> {
    let now = asking.now;
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Invite).await?;
    let read = service.database.read(move |connection| {
        Box::pin(async move {
            let Some(invitation) = own(connection, &caller, &id).await? else {
                return Ok(None);
            };
            let events = audit::of_invitation(connection, &id, EVENTS).await?;
            Ok(Some((invitation, events)))
        })
    });
    let (invitation, events) = read.await?.ok_or_else(unknown)?;
    Ok(answer(&InvitationWithEvents {
        invitation: InvitationObject::of(&invitation, now).with_link(&service, &invitation),
        events: events.into_iter().map(EventObject::from).collect(),
    }))
}

/// The invitation with this id, if it is the caller's.
pub(super) async fn own(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
) -> Result<Option<Invitation>, DatabaseError> {
    if !is_name(id, 64) {
        return Ok(None);
    }
    let found = invitations::get(connection, id).await?;
    Ok(found.filter(|one| {
        let theirs = caller.inviter.is_none() || one.inviter_sub == caller.inviter;
        one.client_id == caller.client.id && theirs
    }))
}

/// The same whether there is none or it is somebody else's.
pub(super) fn unknown() -> Refusal {
    Refusal::new(OAuthError::NotFound, "This client has no invitation with this id.")
}

/// A JSON answer that nobody keeps.
pub(super) fn answer(body: &impl Serialize) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, Json(body)).into_response()
}

/// How many are wanted on a page.
pub(super) fn page_size(asked: Option<i64>) -> Result<i64, Refusal> {
    let limit = asked.unwrap_or(PAGE);
    if (1..=MOST).contains(&limit) {
        Ok(limit)
    } else {
        Err(wrong(format!("limit is between 1 and {MOST}.")))
    }
}

fn address(text: &str) -> Result<String, Refusal> {
    EmailAddress::parse(text)
        .map(|email| email.normalised())
        .map_err(|_refused| wrong("email is not an address that mail can be sent to."))
}

/// The states behind a word. That an address wants no mail is not told, so those count as waiting.
fn states(word: &str) -> Result<Vec<Status>, Refusal> {
    match Status::of_word(word) {
        Some(Status::Queued) => Ok(vec![Status::Queued, Status::Suppressed]),
        Some(Status::Suppressed) | None => Err(wrong("status is one of the states of an invitation.")),
        Some(status) => Ok(vec![status]),
    }
}

fn cursor(last: &Invitation) -> String {
    base64url(format!("{}.{}", millis(last.created_at), last.id))
}

fn behind(cursor: &str) -> Result<(i64, String), Refusal> {
    let read = || {
        let text = String::from_utf8(from_base64url(cursor)?).ok()?;
        let (created_at, id) = text.split_once('.')?;
        let created_at = created_at.parse::<i64>().ok()?;
        is_name(id, 64).then(|| (created_at, id.to_owned()))
    };
    read().ok_or_else(|| wrong("cursor is not the next_cursor of a page."))
}
