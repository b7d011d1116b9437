//! `POST /oauth/token` and `POST /api/token`: what was proven becomes tokens (RFC 6749, section 3.2).

mod answer;
mod exchange;
mod family;
mod refresh;
mod typed;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use super::claims::Grant;
use super::dpop::{self, Proof, Target};
use super::parameters::Parameters;
use crate::service::client::{ClientKind, OAuthClient};
use crate::service::database::{Answer, Connection, DatabaseError};
use crate::service::http::{Credentials, OAuthError, Peer, Refusal, authenticate};
use crate::service::invitation::{Invitation, InvitedParty};
use crate::service::metrics;
use crate::service::state::Service;
use crate::service::token::RefreshToken;
use crate::time::Timestamp;

/// The endpoint of the standard.
pub(super) const TOKEN: &str = "/oauth/token";

/// The endpoint of DID.app, which takes JSON and needs no `grant_type` beside a code.
pub(super) const SEED_TOKEN: &str = "/api/token";

/// The grants there are (RFC 6749, 4.1.3 and 6; the third is ours).
pub(super) const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", TYPED_GRANT];

/// The grant of a code that somebody typed.
pub(super) const TYPED_GRANT: &str = "urn:partyline:oauth:grant-type:invitation-code";

/// How often a request is tried: whoever was quicker mostly leaves nothing to be quicker about.
const ATTEMPTS: usize = 3;

pub(super) async fn standard(
    State(service): State<Service>,
    peer: Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_body(&headers, &body, false)?;
    answer(&service, peer, TOKEN, &headers, parameters).await
}

pub(super) async fn seed(
    State(service): State<Service>,
    peer: Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_body(&headers, &body, true)?;
    answer(&service, peer, SEED_TOKEN, &headers, parameters).await
}

/// A request for tokens by a client that has proven who it is.
struct Request {
    service: Service,
    client: OAuthClient,
    proof: Option<Proof>,
    parameters: Parameters,
    now: Timestamp,
}

/// What a request gets.
struct Granted {
    grant: Grant,
    refresh: RefreshToken,
    nonce: Option<String>,
    /// What was accepted with it.
    invitation: Option<Invitation>,
    /// The party that it opens: also a later refresh of what an invitation began.
    party: Option<InvitedParty>,
}

async fn answer(
    service: &Service,
    peer: Peer,
    path: &str,
    headers: &HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let asked = parameters.get("grant_type");
    let grant = GRANTS.into_iter().find(|known| asked == Some(known)).unwrap_or("none");
    let answered = tokens(service, peer, path, headers, parameters).await;
    let error = answered.as_ref().err().map_or("none", |refusal| refusal.error.code());
    metrics::token(grant, error);
    answered
}

async fn tokens(
    service: &Service,
    Peer(peer): Peer,
    path: &str,
    headers: &HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let now = service.clock.now();
    let grant = match parameters.get("grant_type") {
        None if path == SEED_TOKEN && parameters.get("code").is_some() => "authorization_code",
        None => parameters.need("grant_type")?,
        Some(grant) => grant,
    };
    let grant = GRANTS.into_iter().find(|known| *known == grant).ok_or_else(|| {
        Refusal::new(
            OAuthError::UnsupportedGrantType,
            format!("The grant types are {}.", GRANTS.join(", ")),
        )
    })?;
    let client = identify(service, headers, &parameters)
        .await
        .map_err(|refusal| service.failures.count(peer, refusal, now))?;
    let is_public = client.kind == ClientKind::Public;
    if is_public {
        service.failures.look(peer, now)?;
    }
    let target = Target {
        method: &Method::POST,
        path,
    };
    let proof = dpop::read(service, headers, target, None, now).map_err(|error| error.refusal(service, now))?;
    if is_public && proof.is_none() {
        return Err(Refusal::new(
            OAuthError::InvalidDpopProof,
            "A public client sends a DPoP proof.",
        ));
    }
    let request = Arc::new(Request {
        service: service.clone(),
        client,
        proof,
        parameters,
        now,
    });
    let granted = match grant {
        TYPED_GRANT => typed::grant(&request).await,
        "refresh_token" => refresh::grant(&request).await,
        _ => exchange::grant(&request).await,
    };
    // Who guesses has no secret: of clients with one, every failure is their own.
    let granted = granted.map_err(|refusal| match is_public {
        true => service.failures.count(peer, refusal, now),
        false => refusal,
    })?;
    // Not of one that was accepted before, and mailed again since.
    let accepted = granted
        .invitation
        .as_ref()
        .filter(|accepted| accepted.accepted_at == Some(now));
    if let Some(sent) = accepted.and_then(|accepted| accepted.first_sent_at) {
        metrics::sent_to_accepted(sent.until(now));
    }
    answer::tokens(&request, &granted)
}

/// Does what a request asks for in one write, after its proof: what it uses up stays used up whatever the answer is.
async fn in_one_write<F>(request: &Arc<Request>, act: F) -> Result<Result<Granted, Refusal>, DatabaseError>
where
    F: for<'c> FnOnce(&'c mut Connection, &'c Request) -> Answer<'c, Result<Granted, Refusal>> + Send + 'static,
{
    let request = Arc::clone(request);
    let database = request.service.database.clone();
    let done = database.write(move |connection| {
        Box::pin(async move {
            if let Some(proof) = &request.proof
                && !proof.is_new(&mut *connection).await?
            {
                let what = "This DPoP proof was sent before.";
                return Ok(Err(Refusal::new(OAuthError::InvalidDpopProof, what)));
            }
            act(connection, &request).await
        })
    });
    done.await
}

/// Tries again if somebody else was quicker: what is found then is what they left.
async fn unless_overtaken<'a>(
    attempt: impl Fn() -> Answer<'a, Result<Granted, Refusal>> + Send,
) -> Result<Granted, Refusal> {
    for _earlier in 1..ATTEMPTS {
        match attempt().await {
            Err(DatabaseError::Overtaken) => {}
            done => return done?,
        }
    }
    attempt().await?
}

/// The client that asks, by the header or the body.
pub(super) async fn identify(
    service: &Service,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<OAuthClient, Refusal> {
    let (id, secret) = (parameters.get("client_id"), parameters.get("client_secret"));
    authenticate(service, &Credentials::read(headers, id, secret)?).await
}
