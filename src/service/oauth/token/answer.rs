//! The answer with the tokens (RFC 6749, 5.1; OpenID Connect Core, 3.1.3.3), with the members that DID.app had.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::{Granted, Request};
use crate::service::client::SigningAlgorithm;
use crate::service::http::{OAuthError, Refusal};
use crate::service::keys::CannotSign;
use crate::service::oauth::claims::{EmailClaims, TOKEN_LIFE};

#[derive(Serialize)]
struct Answer<'a> {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    scope: &'a str,
    userinfo: UserInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<Redeemed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admission_token: Option<String>,
}

#[derive(Serialize)]
struct UserInfo<'a> {
    sub: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    email: Option<EmailClaims>,
}

/// The invitation whose code this was.
#[derive(Serialize)]
struct Redeemed<'a> {
    id: &'a str,
    email: &'a str,
    template_alias: &'a str,
}

pub(super) fn tokens(request: &Request, granted: &Granted) -> Result<Response, Refusal> {
    let Request {
        service, client, now, ..
    } = request;
    let grant = &granted.grant;
    let refresh = granted.refresh.text();
    let answer = Answer {
        access_token: grant.access_token(service, client.algorithm, *now).map_err(no_key)?,
        token_type: if grant.jkt.is_some() { "DPoP" } else { "Bearer" },
        expires_in: TOKEN_LIFE.as_secs(),
        refresh_token: &refresh,
        id_token: grant
            .id_token(service, client, granted.nonce.clone(), *now)
            .map_err(no_key)?,
        scope: &grant.scope,
        userinfo: UserInfo {
            sub: &grant.sub,
            email: grant.email_claims(),
        },
        invitation: granted.invitation.as_ref().map(|invitation| Redeemed {
            id: &invitation.id,
            email: &grant.email,
            template_alias: &invitation.template_alias,
        }),
        app_data: granted
            .invitation
            .as_ref()
            .and_then(|invitation| invitation.app_data.as_deref()),
        admission_token: admission(request, granted)?,
    };
    Ok(Json(answer).into_response())
}

/// The word for the members of a party: only for a key that can be somebody's device, and who read our mail.
fn admission(request: &Request, granted: &Granted) -> Result<Option<String>, Refusal> {
    let device = request
        .proof
        .as_ref()
        .filter(|proof| proof.algorithm == SigningAlgorithm::EdDsa && granted.grant.email_verified);
    let (Some(party), Some(device)) = (&granted.party, device) else {
        return Ok(None);
    };
    let token = granted
        .grant
        .admission_token(&request.service, party, &device.jkt, request.now);
    token.map(Some).map_err(no_key)
}

fn no_key(error: CannotSign) -> Refusal {
    tracing::error!(%error, "tokens were not made");
    Refusal::new(
        OAuthError::TemporarilyUnavailable,
        "The service cannot sign tokens. Its operator finds the reason in its log.",
    )
}
