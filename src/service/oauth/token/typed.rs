//! A code that somebody typed becomes tokens: for the app on another machine than the mail.

use std::sync::Arc;

use super::{Granted, Request, family, in_one_write, unless_overtaken};
use crate::service::database::{Connection, DatabaseError, invitations, typed_codes};
use crate::service::http::{OAuthError, Refusal};
use crate::service::oauth::claims::Grant;
use crate::service::oauth::scope;
use crate::service::token::{new_id, read_typed};

pub(super) async fn grant(request: &Arc<Request>) -> Result<Granted, Refusal> {
    let code = read_typed(request.parameters.need("code")?).ok_or_else(refused)?;
    let kept = request.service.keys.pepper.code_of_secret(&code);
    unless_overtaken(|| {
        let kept = kept.clone();
        Box::pin(in_one_write(request, move |connection, request| {
            Box::pin(async move { redeem(connection, request, &kept).await })
        }))
    })
    .await
}

async fn redeem(
    connection: &mut Connection,
    request: &Request,
    kept: &str,
) -> Result<Result<Granted, Refusal>, DatabaseError> {
    let Some(id) = typed_codes::attempt(&mut *connection, kept, request.now).await? else {
        return Ok(Err(refused()));
    };
    let found = invitations::get_with_subject(&mut *connection, &id, &request.client).await?;
    let Some(found) = found.filter(|(invitation, _sub)| invitation.is_for(&request.client.id)) else {
        return Ok(Err(refused()));
    };
    let Some(email) = found.0.email.clone() else {
        return Ok(Err(refused()));
    };
    let Some(accepted) = family::accept(&mut *connection, request, found).await? else {
        return Ok(Err(refused()));
    };
    typed_codes::spend(&mut *connection, kept, request.now).await?;
    let invitation = accepted.invitation;
    let grant = Grant {
        client_id: request.client.id.clone(),
        sub: accepted.sub,
        email: email.to_string(),
        email_verified: accepted.email_verified,
        scope: scope::granted(Some(&invitation.scope), &request.client).unwrap_or_else(|| scope::DEFAULT.to_owned()),
        family: new_id(request.now, &mut rand::rng()),
        jkt: request.proof.as_ref().map(|proof| proof.jkt.clone()),
        auth_time: request.now,
    };
    let refresh = family::token(connection, request, &grant, family::Begins::By(Some(&invitation.id))).await?;
    Ok(Ok(Granted {
        grant,
        refresh,
        nonce: invitation.nonce.clone(),
        party: invitation.party.clone(),
        invitation: Some(invitation),
    }))
}

fn refused() -> Refusal {
    Refusal::new(
        OAuthError::InvalidGrant,
        "The code is unknown, used, over or tried too often, or it was made for another client.",
    )
}
