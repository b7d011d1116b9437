//! The beginning and the end of a family of tokens.

use std::time::Duration;

use serde_json::json;

use super::Request;
use crate::service::client::ClientKind;
use crate::service::database::events::{Event, Kind};
use crate::service::database::refresh::Refresh;
use crate::service::database::subjects::Word;
use crate::service::database::{Connection, DatabaseError, events, invitations, refresh, subjects};
use crate::service::invitation::{Invitation, Sends};
use crate::service::oauth::claims::Grant;
use crate::service::status::Change;
use crate::service::token::{RefreshToken, new_refresh};
use crate::time::Timestamp;

/// How long a refresh token waits to be used.
const IDLE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a family lives.
const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// A code that was made just before its invitation ended can be exchanged for so long.
const GRACE: Duration = Duration::from_secs(600);

/// An invitation that was accepted just now, and by whom.
pub(super) struct Accepted {
    pub(super) invitation: Invitation,
    /// The person, as the client knows them.
    pub(super) sub: String,
    /// Whether they read its mail.
    pub(super) email_verified: bool,
}

/// Accepts an invitation that was found like this, by a person who was known or not: it is used up now. None if it is over; or if its address was
/// wiped, which uses it up all the same.
pub(super) async fn accept(
    connection: &mut Connection,
    request: &Request,
    (mut invitation, known): (Invitation, Option<String>),
) -> Result<Option<Accepted>, DatabaseError> {
    let (now, alive) = (request.now, request.now.minus(GRACE));
    if !Change::Accepted.from().contains(&invitation.status) || invitation.expires_at <= alive {
        return Ok(None);
    }
    invitations::accept(&mut *connection, &invitation.id, now, alive).await?;
    let event = Event {
        client_id: &invitation.client_id,
        invitation_id: Some(&invitation.id),
        kind: Kind::InvitationAccepted,
        actor: "invitee",
        data: json!({}).to_string(),
    };
    events::add(&mut *connection, &event, now).await?;
    let (word, email_verified) = match invitation.sends {
        Sends::Email => (Word::to(&request.client), true),
        Sends::Nothing => (Word::Client(&invitation.client_id), false),
    };
    let sub = match (&invitation.email, known) {
        (None, _) => return Ok(None),
        (Some(_email), Some(sub)) => sub,
        (Some(email), None) => subjects::add(connection, &email.normalised(), word, now).await?,
    };
    invitation.status = Change::Accepted.to();
    invitation.accepted_at.get_or_insert(now);
    invitation.ended_at = Some(now);
    Ok(Some(Accepted {
        invitation,
        sub,
        email_verified,
    }))
}

/// How a family begins.
#[derive(Clone, Copy)]
pub(super) enum Begins<'a> {
    /// Now, by accepting this invitation if it was one.
    By(Option<&'a str>),
    /// It began before, at this moment and by this invitation.
    Before(Timestamp, Option<&'a str>),
}

/// The first refresh token of a family, or another one.
pub(super) async fn token(
    connection: &mut Connection,
    request: &Request,
    grant: &Grant,
    begins: Begins<'_>,
) -> Result<RefreshToken, DatabaseError> {
    let token = new_refresh(&mut rand::rng());
    let (created_at, invitation) = match begins {
        Begins::By(invitation) => (request.now, invitation),
        Begins::Before(began, invitation) => (began, invitation),
    };
    let row = Refresh {
        selector: token.selector().to_owned(),
        code: request.service.keys.pepper.code_of_secret(token.verifier()),
        family: grant.family.clone(),
        client_id: grant.client_id.clone(),
        invitation_id: invitation.map(str::to_owned),
        sub: grant.sub.clone(),
        email: grant.email.clone(),
        email_verified: grant.email_verified,
        scope: grant.scope.clone(),
        // A client with a secret is bound by that (RFC 9449, 5).
        jkt: grant
            .jkt
            .clone()
            .filter(|_key| request.client.kind == ClientKind::Public),
        auth_time: grant.auth_time,
        created_at,
        expires_at: request.now.plus(IDLE).min(created_at.plus(LIFE)),
        used_at: None,
    };
    refresh::add(connection, &row).await?;
    Ok(token)
}

/// Takes back a family of which something was used twice, and says so. Whatever comes again after that changes nothing more, and is not worth a word.
pub(super) async fn end(
    connection: &mut Connection,
    family: &str,
    event: &Event<'_>,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    if refresh::revoke(&mut *connection, family, now).await? {
        events::add(connection, event, now).await?;
    }
    Ok(())
}
