//! A code becomes tokens (RFC 6749, 4.1.3), and with them its invitation is accepted.

use std::sync::Arc;

use serde_json::json;

use super::{Granted, Request, family, in_one_write, unless_overtaken};
use crate::service::client::ClientKind;
use crate::service::database::codes::{self, Code, Found, Standing};
use crate::service::database::events::{Event, Kind};
use crate::service::database::{Connection, DatabaseError};
use crate::service::http::{OAuthError, Refusal};
use crate::service::oauth::claims::Grant;
use crate::service::oauth::pkce;
use crate::service::token::digest;

pub(super) async fn grant(request: &Arc<Request>) -> Result<Granted, Refusal> {
    let hash = digest(request.parameters.need("code")?);
    unless_overtaken(|| {
        let hash = hash.clone();
        Box::pin(async move {
            // It counts only if it still is so within the write.
            let found = look(request, &hash).await?;
            in_one_write(request, move |connection, request| {
                Box::pin(async move { exchange(connection, request, &hash, found).await })
            })
            .await
        })
    })
    .await
}

async fn look(request: &Arc<Request>, hash: &str) -> Result<Option<Found>, DatabaseError> {
    let (request, hash) = (Arc::clone(request), hash.to_owned());
    let database = request.service.database.clone();
    let read =
        database.read(move |connection| Box::pin(async move { codes::find(connection, &hash, &request.client).await }));
    read.await
}

async fn exchange(
    connection: &mut Connection,
    request: &Request,
    hash: &str,
    found: Option<Found>,
) -> Result<Result<Granted, Refusal>, DatabaseError> {
    let Some(Found {
        code,
        standing,
        invitation,
    }) = found
    else {
        return Ok(Err(refused()));
    };
    match standing {
        Standing::Used => {
            punish(connection, request, &code).await?;
            return Ok(Err(refused()));
        }
        Standing::Unused if code.client_id == request.client.id && code.expires_at > request.now => {}
        Standing::Unused | Standing::Dead => return Ok(Err(refused())),
    }
    let is_theirs = is_theirs(request, &code);
    let accepted = match invitation.filter(|_invitation| is_theirs) {
        Some(found) => family::accept(&mut *connection, request, found).await?,
        None => None,
    };
    // Behind the invitation: whoever ends that takes the two in this order as well. It is used up whoever has it.
    codes::take(&mut *connection, hash, request.now).await?;
    let (sub, email_verified, invitation) = match (accepted, code.sub.clone()) {
        _ if !is_theirs => return Ok(Err(refused())),
        (Some(accepted), _) => (accepted.sub, accepted.email_verified, Some(accepted.invitation)),
        (None, Some(sub)) => (sub, true, None),
        (None, None) => return Ok(Err(refused())),
    };
    let grant = Grant {
        client_id: code.client_id,
        sub,
        email: code.email,
        email_verified,
        scope: code.scope,
        family: code.family,
        jkt: request.proof.as_ref().map(|proof| proof.jkt.clone()),
        auth_time: code.auth_time,
    };
    let by = invitation.as_ref().map(|invitation| invitation.id.as_str());
    let refresh = family::token(connection, request, &grant, family::Begins::By(by)).await?;
    Ok(Ok(Granted {
        grant,
        refresh,
        nonce: code.nonce,
        party: invitation.as_ref().and_then(|invitation| invitation.party.clone()),
        invitation,
    }))
}

/// Whether whoever asks is who asked for the code.
fn is_theirs(request: &Request, code: &Code) -> bool {
    let parameters = &request.parameters;
    let same_place = match parameters.get("redirect_uri") {
        Some(uri) => uri == code.redirect_uri,
        // RFC 6749 wants it back to bind the code to its request. PKCE does that better, and a code of an invitation had no request.
        None => code.challenge.is_some() || code.invitation_id.is_some(),
    };
    let key = request.proof.as_ref().map(|proof| proof.jkt.as_str());
    let same_key = code.jkt.is_none() || code.jkt.as_deref() == key;
    let is_bound = request.client.kind == ClientKind::Confidential || code.challenge.is_some();
    same_place && same_key && is_bound && pkce::proves(code.challenge.as_deref(), parameters.get("code_verifier"))
}

/// A code that comes twice was stolen from somebody: what came of it ends, whoever has it (RFC 6749, 4.1.2).
async fn punish(connection: &mut Connection, request: &Request, used: &Code) -> Result<(), DatabaseError> {
    let event = Event {
        client_id: &used.client_id,
        invitation_id: used.invitation_id.as_deref(),
        kind: Kind::CodeReplayed,
        actor: "client",
        data: json!({ "by": request.client.id }).to_string(),
    };
    family::end(connection, &used.family, &event, request.now).await
}

fn refused() -> Refusal {
    Refusal::new(
        OAuthError::InvalidGrant,
        "The code is unknown, used or over, or it was made for another client, redirect_uri, verifier or key.",
    )
}
