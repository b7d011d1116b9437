//! Makes an invitation: as DID.app's API had it, or with the object as answer.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;

use super::body::{MAX_BODY, json, read};
use super::caller::{Asking, Caller, Right};
use super::object::{InvitationObject, seen};
use super::request::{DEFAULT_TEMPLATE, InvitationRequest, unknown_template};
use super::retry::{self, Kept, Request};
use crate::service::client::SigningAlgorithm;
use crate::service::config::Limits;
use crate::service::database::events::{Event, Kind};
use crate::service::database::outbox::Parcel;
use crate::service::database::{
    Connection, DatabaseError, events, invitations, listing, outbox, suppressions, templates,
};
use crate::service::http::Refusal;
use crate::service::invitation::{Invitation, Sends};
use crate::service::limits::{self, Limit, RetryAfter, Shard, Whose};
use crate::service::metrics;
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::service::status::Status;
use crate::time::Timestamp;

/// How the answer to a request for one invitation looks.
#[derive(Clone, Copy)]
enum Shape {
    /// `200` and `{}`.
    Empty,
    /// `201` and the invitation.
    Object,
}

/// `POST /api/invite`.
#[utoipa::path(
    post,
    path = "/api/invite",
    tag = "invitations",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "Makes the request safe to repeat for 24 hours.")),
    request_body = InvitationRequest,
    responses((status = 200, description = "It is on its way. The body says nothing.", body = Object, headers(("Partyline-Invitation-Id" = String, description = "The invitation that was made."))), Refusals),
    security((), ("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn invite(State(service): State<Service>, asking: Asking, body: Body) -> Result<Response, Refusal> {
    one(service, asking, body, "/api/invite", Shape::Empty).await
}

/// `POST /api/invitations`.
#[utoipa::path(
    post,
    path = "/api/invitations",
    tag = "invitations",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "Makes the request safe to repeat for 24 hours.")),
    request_body = InvitationRequest,
    responses((status = 201, description = "The invitation.", body = InvitationObject, headers(("Partyline-Invitation-Id" = String, description = "The invitation that was made."))), Refusals),
    security((), ("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn invitation(
    State(service): State<Service>,
    asking: Asking,
    body: Body,
) -> Result<Response, Refusal> {
    one(service, asking, body, "/api/invitations", Shape::Object).await
}

async fn one(
    service: Service,
    asking: Asking,
    body: Body,
    path: &'static str,
    shape: Shape,
) -> Result<Response, Refusal> {
    let now = asking.now;
    let bytes = read(&asking.headers, body, MAX_BODY).await?;
    let asked: InvitationRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Invite).await?;
    let named = caller.client.id.clone();
    let request = Request::read(&asking.headers, path, &bytes, &caller)?;
    let own = Own::of(&service, &caller, asked.template_alias.iter().map(String::as_str)).await?;
    let invitation = own.check(asked, &caller, now)?;
    let mut maker = Maker::new(&service, caller, now);
    let work = retry::once(&service, request, now, move |connection| {
        Box::pin(async move {
            let made = maker.make(connection, invitation).await?;
            Ok(made.map(|made| match shape {
                Shape::Empty => Kept {
                    status: 200,
                    invitation: Some(made.id),
                    body: "{}".to_owned(),
                },
                Shape::Object => Kept::of(201, Some(made.id.clone()), &InvitationObject::of(&made, now)),
            }))
        })
    });
    let answer = work.await;
    metrics::invited(
        &named,
        answer.as_ref().err().map_or("accepted", |refusal| refusal.error.code()),
    );
    let answer = answer?;
    service.outbox.notify_one();
    Ok(answer)
}

/// What a client has registered here, as far as a request needs it.
pub(super) struct Own {
    aliases: BTreeSet<String>,
    /// The names of the keys that open parties, the newest as the last.
    admission_keys: Vec<String>,
}

impl Own {
    /// Reads it. The client's templates are read only if a request names one.
    pub(super) async fn of(
        service: &Service,
        caller: &Caller,
        named: impl Iterator<Item = &str>,
    ) -> Result<Self, Refusal> {
        let client = caller.client.id.clone();
        let admission_keys = service.keys.signing.names(SigningAlgorithm::EdDsa);
        let admission_keys: Vec<String> = admission_keys.map(str::to_owned).collect();
        let names_own = named.into_iter().any(|alias| alias != DEFAULT_TEMPLATE);
        let aliases = if names_own {
            let read = service
                .database
                .read(move |connection| Box::pin(async move { templates::aliases(connection, &client).await }));
            read.await?
        } else {
            BTreeSet::new()
        };
        Ok(Self {
            aliases,
            admission_keys,
        })
    }

    /// The invitation that is asked for, if every rule is kept.
    pub(super) fn check(
        &self,
        asked: InvitationRequest,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Invitation, Refusal> {
        let invitation = asked.check(caller, &self.admission_keys, now)?;
        let alias = &invitation.template_alias;
        if alias == DEFAULT_TEMPLATE || self.aliases.contains(alias) {
            Ok(invitation)
        } else {
            Err(unknown_template())
        }
    }
}

/// Makes invitations of one caller within one write.
pub(super) struct Maker {
    caller: Caller,
    limits: Limits,
    shard: Shard,
    now: Timestamp,
    /// What the caller has used up: nothing more is looked at then.
    spent: Option<RetryAfter>,
}

impl Maker {
    pub(super) fn new(service: &Service, caller: Caller, now: Timestamp) -> Self {
        Self {
            caller,
            limits: service.config.limits,
            shard: Shard::next(service.database.dialect()),
            now,
            spent: None,
        }
    }

    /// Writes an invitation down and leaves its mail to be sent, if the limits let it. To an address that wants no mail none is sent, and nothing
    /// tells the client.
    pub(super) async fn make(
        &mut self,
        connection: &mut Connection,
        mut invitation: Invitation,
    ) -> Result<Result<Invitation, Refusal>, DatabaseError> {
        if let Some(spent) = self.spent {
            return Ok(Err(spent.into()));
        }
        let counted = self.limits_of(&invitation);
        if let Err(reached) = limits::take_all(&mut *connection, &counted, self.shard, self.now).await? {
            self.spent = Some(reached).filter(|reached| reached.whose == Whose::Caller);
            return Ok(Err(reached.into()));
        }
        // Behind the person's own counter, which lets one request in at a time.
        if let Some(sub) = &self.caller.inviter
            && listing::open_of_inviter(&mut *connection, sub, self.now).await? >= self.limits.inviter_open
        {
            limits::give_back(connection, &counted, self.shard, self.now).await?;
            let reached = RetryAfter {
                seconds: 3600,
                who: "This person has as many open invitations as they may: revoke some, or wait until some are accepted",
                whose: Whose::Caller,
            };
            self.spent = Some(reached);
            return Ok(Err(reached.into()));
        }
        if invitation.sends == Sends::Email
            && let Some(email) = &invitation.email
            && suppressions::holds(connection, &invitation.client_id, &email.normalised()).await?
        {
            invitation.status = Status::Suppressed;
        }
        invitations::add(connection, &invitation).await?;
        if invitation.status == Status::Queued {
            outbox::add(connection, Parcel::Invitation, &invitation.id, None, self.now).await?;
        }
        let created = Event {
            client_id: &invitation.client_id,
            invitation_id: Some(&invitation.id),
            kind: Kind::InvitationCreated,
            actor: self.caller.actor(),
            data: format!(r#"{{"status":"{}"}}"#, seen(invitation.status).word()),
        };
        events::add(connection, &created, self.now).await?;
        Ok(Ok(invitation))
    }

    /// In the order in which every transaction takes them: what is of the client or the person, of the domain, of the address.
    fn limits_of(&self, invitation: &Invitation) -> Vec<Limit> {
        let mut limits = self.caller.limits(&self.limits);
        if let (Some(sub), Some(email)) = (&self.caller.inviter, &invitation.email) {
            limits.push(Limit::of_pair(sub, email));
        }
        if let Some(email) = &invitation.email
            && invitation.sends == Sends::Email
        {
            limits.extend(Limit::of_address(&self.limits, email));
        }
        limits
    }
}
