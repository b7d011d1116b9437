//! What a token in a link leads to.

use crate::identity::EmailAddress;
use crate::service::client::{OAuthClient, redirect_matches};
use crate::service::database::{Connection, DatabaseError, clients, invitations};
use crate::service::invitation::{Delivery, Invitation, Sends};
use crate::service::keys::MacKeys;
use crate::service::oauth::{DESKTOP, Place};
use crate::service::page::{Destination, Ended};
use crate::service::token::{Purpose, read_link};
use crate::time::Timestamp;

/// What a token leads to.
pub(super) enum Found {
    /// An invitation.
    Invitation(Box<Opened>),
    /// An invitation whose link was replaced by a newer one.
    Replaced(Box<Opened>),
    /// Nothing: cut off, made up, or of another service.
    Nothing,
}

/// An invitation whose link was proven, and the client that it is of.
pub(super) struct Opened {
    pub(super) invitation: Invitation,
    pub(super) client: OAuthClient,
}

/// Reads the invitation that a token opens. For a token that proves nothing it asks the same question and counts the same codes, whether there is an invitation of its id or not.
pub(super) async fn invitation(
    connection: &mut Connection,
    keys: &MacKeys,
    token: &str,
) -> Result<Found, DatabaseError> {
    let Some(link) = read_link(token) else {
        return Ok(Found::Nothing);
    };
    let opened = opened(connection, link.id()).await?;
    let generation = opened.as_ref().map_or(0, |opened| opened.invitation.generation);
    let current = link.proves(keys, Purpose::Invitation(generation));
    let replaced = link.proves(keys, Purpose::Invitation(generation.saturating_sub(1)));
    Ok(match opened {
        Some(opened) if current => Found::Invitation(opened),
        Some(opened) if replaced => Found::Replaced(opened),
        Some(_) | None => Found::Nothing,
    })
}

/// Reads the invitation whose mail carried this token to stop mails, and its address.
pub(super) async fn unsubscribing(
    connection: &mut Connection,
    keys: &MacKeys,
    token: &str,
) -> Result<Option<(Box<Opened>, EmailAddress)>, DatabaseError> {
    let Some(link) = read_link(token) else {
        return Ok(None);
    };
    let opened = opened(connection, link.id()).await?;
    let proven = link.proves(keys, Purpose::Unsubscribe);
    Ok(opened.filter(|_| proven).and_then(|opened| {
        let address = opened.invitation.email.clone()?;
        Some((opened, address))
    }))
}

async fn opened(connection: &mut Connection, id: &str) -> Result<Option<Box<Opened>>, DatabaseError> {
    let found = invitations::get_with_client(connection, id).await?;
    Ok(found.map(|(invitation, client)| Box::new(Opened { invitation, client })))
}

impl Opened {
    /// The invited address as it was written.
    pub(super) fn address(&self) -> String {
        self.invitation
            .email
            .as_ref()
            .map(EmailAddress::to_string)
            .unwrap_or_default()
    }

    /// Where accepting leads: the desktop app has no website that a sign-in could begin at, and nothing else joins a party.
    pub(super) fn destination(&self) -> Destination {
        let redirect = self.invitation.redirect_uri.clone();
        match (self.invitation.delivery, &self.client.initiate_login_uri) {
            _ if self.invitation.leads_to_app() => Destination::App,
            (Delivery::Direct, _) => Destination::Site(vec![redirect]),
            (Delivery::Initiate, Some(begin)) => Destination::Site(vec![begin.clone(), redirect]),
            (Delivery::Initiate, None) => Destination::App,
        }
    }

    /// Whether its person may ask for a new link: if it was mailed, and has expired, or was used and leads into a party that they may
    /// not have come into.
    pub(super) fn can_be_renewed(&self, why: Ended, now: Timestamp) -> bool {
        let may_be_asked_for = matches!(why, Ended::Expired(_) | Ended::Used);
        may_be_asked_for
            && !self.client.is_disabled
            && self.invitation.sends == Sends::Email
            && self.invitation.may_be_sent_again(now)
    }

    /// Where the client is answered and how.
    pub(super) fn place(&self) -> Place {
        Place {
            redirect_uri: self.invitation.redirect_uri.clone(),
            mode: self.invitation.response_mode,
            state: self.invitation.state.clone(),
        }
    }

    /// Whether the client may still be answered where the invitation says: the operator may have turned it off or taken the address away.
    pub(super) async fn is_answered(&self, connection: &mut Connection) -> Result<bool, DatabaseError> {
        if self.invitation.leads_to_app() {
            // Where the app is answered is looked at when it asks.
            let app = clients::get(connection, DESKTOP).await?;
            return Ok(!self.client.is_disabled && app.is_some_and(|(app, _)| !app.is_disabled));
        }
        let (asked, mut registered) = (&self.invitation.redirect_uri, self.client.redirect_uris.iter());
        Ok(!self.client.is_disabled && registered.any(|registered| redirect_matches(registered, asked)))
    }
}
