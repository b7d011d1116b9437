//! A refresh token becomes new tokens, and a new one of itself (RFC 6749, section 6; RFC 9700, 4.14.2).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Granted, Request, family, in_one_write};
use crate::service::database::events::{Event, Kind};
use crate::service::database::refresh::Refresh;
use crate::service::database::{Connection, DatabaseError, invitations, refresh};
use crate::service::http::{OAuthError, Refusal};
use crate::service::oauth::claims::Grant;
use crate::service::oauth::scope;
use crate::service::status::Status;
use crate::service::token::RefreshToken;

/// Within this time a token may come again: the answer to the first was lost on its way.
const LOST_ANSWER: Duration = Duration::from_secs(10);

pub(super) async fn grant(request: &Arc<Request>) -> Result<Granted, Refusal> {
    let token = RefreshToken::read(request.parameters.need("refresh_token")?).ok_or_else(refused)?;
    in_one_write(request, move |connection, request| {
        Box::pin(async move { rotate(connection, request, &token).await })
    })
    .await?
}

async fn rotate(
    connection: &mut Connection,
    request: &Request,
    token: &RefreshToken,
) -> Result<Result<Granted, Refusal>, DatabaseError> {
    let found = refresh::get(&mut *connection, token.selector()).await?;
    let Some(held) = found.filter(|held| is_theirs(request, token, held)) else {
        return Ok(Err(refused()));
    };
    let scope = match request.parameters.get("scope") {
        None => held.scope.clone(),
        Some(asked) => match scope::narrowed(asked, &held.scope) {
            Some(scope) => scope,
            None => {
                let what = "The scope is wider than that of the refresh token.";
                return Ok(Err(Refusal::new(OAuthError::InvalidScope, what)));
            }
        },
    };
    let Some(first) = refresh::rotate(&mut *connection, token.selector(), request.now).await? else {
        return Ok(Err(refused()));
    };
    if request.now > first.plus(LOST_ANSWER) {
        let event = Event {
            client_id: &held.client_id,
            invitation_id: None,
            kind: Kind::RefreshReused,
            actor: "client",
            data: json!({ "sub": held.sub }).to_string(),
        };
        family::end(connection, &held.family, &event, request.now).await?;
        return Ok(Err(refused()));
    }
    let mut grant = Grant {
        client_id: held.client_id,
        sub: held.sub,
        email: held.email,
        email_verified: held.email_verified,
        scope: held.scope,
        family: held.family,
        jkt: request.proof.as_ref().map(|proof| proof.jkt.clone()),
        auth_time: held.auth_time,
    };
    let party = match &held.invitation_id {
        Some(id) => invitations::get(&mut *connection, id)
            .await?
            // Not for whoever accepted it before it was mailed anew, and for nobody once it is taken back.
            .filter(|one| one.status == Status::Accepted && one.ended_at <= Some(held.created_at))
            .and_then(|accepted| accepted.party),
        None => None,
    };
    let goes_on = family::Begins::Before(held.created_at, held.invitation_id.as_deref());
    let refresh = family::token(connection, request, &grant, goes_on).await?;
    // The refresh token keeps what it had; only this access token has less.
    grant.scope = scope;
    Ok(Ok(Granted {
        grant,
        refresh,
        nonce: None,
        invitation: None,
        party,
    }))
}

fn is_theirs(request: &Request, token: &RefreshToken, held: &Refresh) -> bool {
    let key = request.proof.as_ref().map(|proof| proof.jkt.as_str());
    request.service.keys.pepper.is_secret(token.verifier(), &held.code)
        && held.client_id == request.client.id
        && (held.jkt.is_none() || held.jkt.as_deref() == key)
        && held.expires_at > request.now
}

fn refused() -> Refusal {
    Refusal::new(
        OAuthError::InvalidGrant,
        "The refresh token is unknown, over, used before or taken back, or belongs to another client or key.",
    )
}
