//! `POST /oauth/revoke` (RFC 7009) and `POST /oauth/introspect` (RFC 7662): a client ends or examines its own tokens.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::bearer;
use super::parameters::Parameters;
use super::token::identify;
use crate::service::client::{ClientKind, OAuthClient};
use crate::service::database::refresh;
use crate::service::database::refresh::Refresh;
use crate::service::http::{OAuthError, Peer, Refusal};
use crate::service::state::Service;
use crate::service::token::RefreshToken;
use crate::time::Timestamp;

/// Where tokens end.
pub(super) const REVOKE: &str = "/oauth/revoke";

/// Where tokens are examined.
pub(super) const INTROSPECT: &str = "/oauth/introspect";

/// Ends the family of a token, whichever of its tokens that is. Says nothing about tokens that are unknown or somebody else's.
pub(super) async fn revoke(
    State(service): State<Service>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let now = service.clock.now();
    let parameters = Parameters::of_body(&headers, &body, false)?;
    let identified = identify(&service, &headers, &parameters).await;
    let client = identified.map_err(|refusal| service.failures.count(peer, refusal, now))?;
    let family = match read(&service, &client, parameters.need("token")?, now).await? {
        Some(Known::Refresh(held)) => held.family,
        Some(Known::Access { family, .. }) => family,
        None => return Ok(StatusCode::OK),
    };
    let ended = service
        .database
        .write(move |connection| Box::pin(async move { refresh::revoke(connection, &family, now).await }));
    ended.await?;
    Ok(StatusCode::OK)
}

/// Says what a token is good for, to the client that holds it; of all others only that it is not active.
pub(super) async fn introspect(
    State(service): State<Service>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let now = service.clock.now();
    let parameters = Parameters::of_body(&headers, &body, false)?;
    let identified = identify(&service, &headers, &parameters).await;
    let client = identified.map_err(|refusal| service.failures.count(peer, refusal, now))?;
    if client.kind == ClientKind::Public {
        let what = "A public client cannot prove who it is, so it examines no tokens.";
        return Err(Refusal::new(OAuthError::InvalidClient, what));
    }
    let known = read(&service, &client, parameters.need("token")?, now).await?;
    Ok(Json(match known {
        None => json!({ "active": false }),
        Some(Known::Refresh(held)) if held.used_at.is_some() => json!({ "active": false }),
        Some(Known::Access { claims, .. }) => claims,
        Some(Known::Refresh(held)) => json!({
            "active": true,
            "client_id": held.client_id,
            "exp": held.expires_at.as_secs(),
            "iss": service.config.issuer,
            "scope": held.scope,
            "sub": held.sub,
        }),
    }))
}

/// A token of this client that is good.
enum Known {
    Refresh(Box<Refresh>),
    Access { family: String, claims: Value },
}

async fn read(service: &Service, client: &OAuthClient, token: &str, now: Timestamp) -> Result<Option<Known>, Refusal> {
    if let Some(token) = RefreshToken::read(token) {
        let selector = token.selector().to_owned();
        let found = service
            .database
            .read(move |connection| Box::pin(async move { refresh::get(connection, &selector).await }));
        let held = found.await?.filter(|held| {
            service.keys.pepper.is_secret(token.verifier(), &held.code)
                && held.client_id == client.id
                && held.expires_at > now
        });
        return Ok(held.map(|held| Known::Refresh(Box::new(held))));
    }
    let Some(claims) = bearer::read(service, token, now).filter(|claims| claims.client_id == client.id) else {
        return Ok(None);
    };
    let family = claims.family().to_owned();
    let alive = service.database.read({
        let family = family.clone();
        move |connection| Box::pin(async move { refresh::address(connection, &family).await })
    });
    if alive.await?.is_none() {
        return Ok(None);
    }
    let token_type = if claims.cnf.is_some() { "DPoP" } else { "Bearer" };
    let mut said = json!(claims);
    if let Some(members) = said.as_object_mut() {
        members.insert("active".to_owned(), json!(true));
        members.insert("token_type".to_owned(), json!(token_type));
    }
    Ok(Some(Known::Access { family, claims: said }))
}
