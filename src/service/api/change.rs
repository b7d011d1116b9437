//! Sends an invitation again, or takes it back.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{MAX_BODY, Secret, json, read_or_nothing};
use super::caller::{Asking, Caller, NOTHING, Name, Right};
use super::list::{answer, own, unknown};
use super::object::InvitationObject;
use super::retry::{self, Kept, Request};
use crate::service::config::Limits;
use crate::service::database::events::{Event, Kind};
use crate::service::database::outbox::Parcel;
use crate::service::database::{Connection, DatabaseError, events, invitations, links, outbox, suppressions};
use crate::service::http::{OAuthError, Refusal};
use crate::service::invitation::{Invitation, Sends};
use crate::service::limits::{self, Limit, Shard};
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::service::status::{Change, Status};
use crate::time::Timestamp;

/// How an invitation is sent again.
#[derive(Deserialize, ToSchema)]
pub(super) struct ResendRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    client_secret: Option<Secret>,
    /// Whether the links of earlier mails end. They go on working by default.
    rotate: Option<bool>,
}

/// A request that says nothing but who asks.
#[derive(Deserialize, ToSchema)]
pub(super) struct ProofRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    pub(super) client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    pub(super) client_secret: Option<Secret>,
}

/// `POST /api/invitations/{id}/resend`.
#[utoipa::path(
    post,
    path = "/api/invitations/{id}/resend",
    tag = "invitations",
    params(("id" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The invitation's id."), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "Makes the request safe to repeat for 24 hours.")),
    request_body = Option<ResendRequest>,
    responses((status = 202, description = "It is mailed again.", body = InvitationObject), Refusals),
    security((), ("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn resend(
    State(service): State<Service>,
    Name(id): Name,
    asking: Asking,
    body: Body,
) -> Result<Response, Refusal> {
    let now = asking.now;
    let bytes = read_or_nothing(&asking.headers, body, MAX_BODY).await?;
    let asked: ResendRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Invite).await?;
    let request = Request::read(
        &asking.headers,
        &format!("/api/invitations/{id}/resend"),
        &bytes,
        &caller,
    )?;
    let again = Again {
        caller,
        limits: service.config.limits,
        rotate: asked.rotate.unwrap_or(false),
        now,
    };
    let work = retry::once(&service, request, now, move |connection| {
        Box::pin(async move { again.send(connection, &id).await })
    });
    let answer = work.await?;
    service.outbox.notify_one();
    Ok(answer)
}

/// `POST /api/invitations/{id}/revoke`.
#[utoipa::path(
    post,
    path = "/api/invitations/{id}/revoke",
    tag = "invitations",
    params(("id" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The invitation's id.")),
    request_body = Option<ProofRequest>,
    responses((status = 200, description = "It is taken back, now or before.", body = InvitationObject), Refusals),
    security((), ("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn revoke(
    State(service): State<Service>,
    Name(id): Name,
    asking: Asking,
    body: Body,
) -> Result<Response, Refusal> {
    let bytes = read_or_nothing(&asking.headers, body, MAX_BODY).await?;
    let asked: ProofRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Invite).await?;
    let invitation = take_back(&service, caller, id, asking.now).await?;
    Ok(answer(&InvitationObject::of(&invitation, asking.now)))
}

/// `DELETE /api/invitations/{id}`.
#[utoipa::path(
    delete,
    path = "/api/invitations/{id}",
    tag = "invitations",
    params(("id" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The invitation's id.")),
    responses((status = 200, description = "It is taken back, now or before.", body = InvitationObject), Refusals),
    security(("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn delete(
    State(service): State<Service>,
    Name(id): Name,
    asking: Asking,
) -> Result<Response, Refusal> {
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Invite).await?;
    let invitation = take_back(&service, caller, id, asking.now).await?;
    Ok(answer(&InvitationObject::of(&invitation, asking.now)))
}

/// Takes one back, now or before.
pub(super) async fn take_back(
    service: &Service,
    caller: Caller,
    id: String,
    now: Timestamp,
) -> Result<Invitation, Refusal> {
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let Some(found) = own(connection, &caller, &id).await? else {
                return Ok(Err(unknown()));
            };
            if invitations::change(connection, &id, Change::Revoked, now, now).await? {
                links::end(connection, &id).await?;
                outbox::cancel(connection, Parcel::Invitation, &id).await?;
                let event = event(&caller, &found, Kind::InvitationRevoked);
                events::add(connection, &event, now).await?;
            }
            let Some(left) = invitations::get(connection, &id).await? else {
                return Ok(Err(unknown()));
            };
            Ok(match left.status {
                Status::Revoked => Ok(left),
                _ => Err(conflict(&left, now)),
            })
        })
    });
    written.await?
}

/// Sends one again.
pub(super) struct Again {
    pub(super) caller: Caller,
    pub(super) limits: Limits,
    pub(super) rotate: bool,
    pub(super) now: Timestamp,
}

impl Again {
    pub(super) async fn send(
        &self,
        connection: &mut Connection,
        id: &str,
    ) -> Result<Result<Kept, Refusal>, DatabaseError> {
        let now = self.now;
        let Some(found) = own(connection, &self.caller, id).await? else {
            return Ok(Err(unknown()));
        };
        if found.sends == Sends::Nothing {
            return Ok(Err(Refusal::new(
                OAuthError::Conflict,
                "The client passes on the link of this invitation itself. Make a new one if it is over.",
            )));
        }
        if found.party.is_some() && found.expires_at <= now {
            return Ok(Err(Refusal::new(
                OAuthError::Conflict,
                "This invitation into a party is over, and so it is for the party. Make a new one.",
            )));
        }
        let Some(email) = found.email.as_ref().filter(|_email| found.may_be_sent_again(now)) else {
            return Ok(Err(conflict(&found, now)));
        };
        let mut limits = self.caller.limits(&self.limits);
        limits.extend(Limit::of_address(&self.limits, email));
        if let Err(reached) = limits::take_all(connection, &limits, Shard::next(connection.dialect()), now).await? {
            return Ok(Err(reached.into()));
        }
        // A used link stays used.
        let rotates = self.rotate || found.status == Status::Accepted;
        let is_suppressed = suppressions::holds(connection, &found.client_id, &email.normalised()).await?;
        // Before the invitation itself is touched: the post takes the two in this order as well. A mail under way with a link that ends now
        // must not count as sent.
        let waits = if rotates {
            outbox::cancel(connection, Parcel::Invitation, id).await?;
            false
        } else {
            outbox::hasten(connection, Parcel::Invitation, id, now).await?
        };
        if !invitations::change_from(connection, id, Change::Queued, &[found.status], now, now).await? {
            // It was used, or came to its end in this very moment. The count that was taken is as good as spent.
            return Ok(Err(conflict(&found, now)));
        }
        if rotates {
            invitations::rotate(connection, id).await?;
            links::end(connection, id).await?;
        }
        if is_suppressed {
            invitations::suppress(connection, id).await?;
        } else if !waits {
            outbox::add(connection, Parcel::Invitation, id, None, now).await?;
        }
        events::add(connection, &event(&self.caller, &found, Kind::InvitationResent), now).await?;
        let Some(sent) = invitations::get(connection, id).await? else {
            return Ok(Err(unknown()));
        };
        Ok(Ok(Kept::of(
            202,
            Some(sent.id.clone()),
            &InvitationObject::of(&sent, now),
        )))
    }
}

fn event<'a>(caller: &Caller, invitation: &'a Invitation, kind: Kind) -> Event<'a> {
    Event {
        client_id: &invitation.client_id,
        invitation_id: Some(&invitation.id),
        kind,
        actor: caller.actor(),
        data: "{}".to_owned(),
    }
}

fn conflict(invitation: &Invitation, now: Timestamp) -> Refusal {
    let status = invitation.status_at(now);
    let what = match (invitation.may_be_sent_again(now), &invitation.email) {
        (false, _) => format!("This invitation is {}, which is final.", status.word()),
        (true, None) => "The address of this invitation is wiped, so nothing can be mailed. Make a new one.".to_owned(),
        (true, Some(_)) => "This invitation was changed in the same moment. Look at it again.".to_owned(),
    };
    Refusal::new(OAuthError::Conflict, what)
}
