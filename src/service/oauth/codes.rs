//! Makes what leads to tokens: authorization codes, tickets and typed codes, each inside the write of whoever lets somebody in.

use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use crate::service::database::codes::Code;
use crate::service::database::events::{Event, Kind};
use crate::service::database::sessions::Session;
use crate::service::database::tickets::{Leads, Ticket};
use crate::service::database::{Connection, DatabaseError, codes, events, invitations, tickets, typed_codes};
use crate::service::invitation::Invitation;
use crate::service::keys::MacKeys;
use crate::service::status::{Change, Status};
use crate::service::token::{digest, new_id, new_opaque, new_typed};
use crate::time::Timestamp;

/// Codes of one invitation at most, as long as the tables keep them (a day): whoever presses the button more often has to wait.
const MAX_CODES: i64 = 10;

/// How long a ticket leads from the pressed button to the code.
pub const TICKET_LIFE: Duration = Duration::from_secs(600);

/// How long somebody has to type a code.
pub const TYPED_LIFE: Duration = Duration::from_secs(600);

/// Chances that two typed codes of the same moment are the same are one in a million million; this often is tried.
const TYPED_ATTEMPTS: usize = 3;

/// What a code is good for, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Who may exchange it.
    pub client_id: &'a str,
    /// Where it is sent.
    pub redirect_uri: &'a str,
    /// What its tokens are good for.
    pub scope: &'a str,
    /// Goes into the ID token.
    pub nonce: Option<&'a str>,
    /// The S256 challenge of RFC 7636.
    pub challenge: Option<&'a str>,
    /// The thumbprint of the key that has to ask (RFC 9449, 10).
    pub jkt: Option<&'a str>,
    /// How long it is good for.
    pub life: Duration,
}

impl<'a> Terms<'a> {
    /// What the client asked for when it invited: for a code that goes straight to it.
    #[must_use]
    pub fn of(invitation: &'a Invitation, life: Duration) -> Self {
        Self {
            client_id: &invitation.client_id,
            redirect_uri: &invitation.redirect_uri,
            scope: &invitation.scope,
            nonce: invitation.nonce.as_deref(),
            challenge: invitation.code_challenge.as_deref(),
            jkt: None,
            life,
        }
    }
}

/// Writes down that somebody pressed the button. False if the invitation is over: then nothing changed.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn press(
    connection: &mut Connection,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    // Of many presses at once one is the first, whatever each of them has read before.
    let unopened: Vec<Status> = Change::Opened
        .from()
        .iter()
        .copied()
        .filter(|status| *status != Status::Opened)
        .collect();
    let is_first =
        invitations::change_from(&mut *connection, &invitation.id, Change::Opened, &unopened, now, now).await?;
    if !is_first && !invitations::change(&mut *connection, &invitation.id, Change::Opened, now, now).await? {
        return Ok(false);
    }
    if is_first {
        let event = Event {
            client_id: &invitation.client_id,
            invitation_id: Some(&invitation.id),
            kind: Kind::InvitationOpened,
            actor: "invitee",
            data: json!({}).to_string(),
        };
        events::add(connection, &event, now).await?;
    }
    Ok(true)
}

/// A new code for an invitation that is open; the caller has looked ([`press`]). Older ones that nobody has used end. None if there were
/// too many already, or the address was wiped.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn issue(
    connection: &mut Connection,
    invitation: &Invitation,
    terms: Terms<'_>,
    now: Timestamp,
) -> Result<Option<Zeroizing<String>>, DatabaseError> {
    let Some(email) = &invitation.email else {
        return Ok(None);
    };
    if codes::count(&mut *connection, &invitation.id).await? >= MAX_CODES {
        return Ok(None);
    }
    codes::end(&mut *connection, &invitation.id).await?;
    let whose = (Some(invitation.id.clone()), None, email.to_string(), now);
    let code = add(connection, whose, terms, now).await?;
    Ok(Some(code))
}

/// A new code for somebody who is signed in.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn issue_signed_in(
    connection: &mut Connection,
    session: &Session,
    terms: Terms<'_>,
    now: Timestamp,
) -> Result<Zeroizing<String>, DatabaseError> {
    let whose = (
        None,
        Some(session.sub.clone()),
        session.email.clone(),
        session.auth_time,
    );
    add(connection, whose, terms, now).await
}

/// A ticket that leads the browser that pressed the button to the code, once it comes back with a request of its client. Its cookie
/// ([`pressed`](super::cookies::pressed)) goes with it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn issue_ticket(
    connection: &mut Connection,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<Zeroizing<String>, DatabaseError> {
    let token = new_opaque(&mut rand::rng());
    let ticket = Ticket {
        reference: invitation.id.clone(),
        body: None,
    };
    let end = now.plus(TICKET_LIFE);
    tickets::add(connection, &digest(&token), Leads::ToInvitation, &ticket, end).await?;
    Ok(token)
}

/// A code for an invitation that somebody types on another machine; older ones of the invitation end.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn issue_typed(
    connection: &mut Connection,
    pepper: &MacKeys,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<Zeroizing<String>, DatabaseError> {
    let end = now.plus(TYPED_LIFE);
    for _attempt in 0..TYPED_ATTEMPTS {
        let code = new_typed(&mut rand::rng());
        let kept = pepper.code_of_secret(&code);
        if typed_codes::add(&mut *connection, &kept, &invitation.id, end).await? {
            return Ok(code);
        }
    }
    Err(DatabaseError::Unavailable)
}

/// Which invitation, which subject, which address, proven when.
type Whose = (Option<String>, Option<String>, String, Timestamp);

async fn add(
    connection: &mut Connection,
    (invitation_id, sub, email, auth_time): Whose,
    terms: Terms<'_>,
    now: Timestamp,
) -> Result<Zeroizing<String>, DatabaseError> {
    let token = new_opaque(&mut rand::rng());
    let code = Code {
        invitation_id,
        sub,
        email,
        client_id: terms.client_id.to_owned(),
        redirect_uri: terms.redirect_uri.to_owned(),
        challenge: terms.challenge.map(str::to_owned),
        nonce: terms.nonce.map(str::to_owned),
        scope: terms.scope.to_owned(),
        jkt: terms.jkt.map(str::to_owned),
        auth_time,
        family: new_id(now, &mut rand::rng()),
        expires_at: now.plus(terms.life),
    };
    codes::add(connection, &digest(&token), &code).await?;
    Ok(token)
}
