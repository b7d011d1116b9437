//! Mails of invitations.

use serde_json::json;

use super::Post;
use super::schedule::{Next, after};
use crate::service::client::OAuthClient;
use crate::service::database::events::Kind;
use crate::service::database::outbox::{self, Leased};
use crate::service::database::{DatabaseError, clients, deliveries, events, invitations, subjects, suppressions};
use crate::service::invitation::Invitation;
use crate::service::mail::compose::{self, InvitationMail, template_for};
use crate::service::mail::template::Template;
use crate::service::mail::way::{Handed, numbers, one_line};
use crate::service::status::{Change, Status};

/// What a mail is made of, if it is still to be sent.
enum Found {
    /// All there is.
    Mail(Box<Parts>),
    /// The address wants no mail.
    Suppressed,
    /// The invitation has come to its end, somebody has already opened it, or its client is turned off.
    NotNeeded,
}

struct Parts {
    invitation: Invitation,
    client: OAuthClient,
    template: Template,
    inviter_email: Option<String>,
}

impl Post {
    pub(super) async fn send_invitation(&self, row: Leased) -> Result<(), DatabaseError> {
        let parts = match self.find(&row).await? {
            Found::Mail(parts) => parts,
            Found::NotNeeded => return self.drop_row(row).await,
            Found::Suppressed => return self.suppress(row).await,
        };
        let mail = InvitationMail {
            outbox_id: &row.id,
            invitation: &parts.invitation,
            client: &parts.client,
            template: &parts.template,
            inviter_email: parts.inviter_email.as_deref(),
        };
        let handed = match compose::invitation(&self.sender, &self.service.keys, &mail, self.service.clock.now()) {
            Ok(letter) => self.hand(&row, &letter).await,
            Err(error) => Some(Handed::Impossible(one_line(&error.to_string()))),
        };
        let Some(handed) = handed else { return Ok(()) };
        self.settle(row, *parts, handed).await
    }

    async fn find(&self, row: &Leased) -> Result<Found, DatabaseError> {
        let (id, now) = (row.reference.clone(), self.service.clock.now());
        self.service
            .database
            .read(|connection| {
                Box::pin(async move {
                    let Some(invitation) = invitations::get(connection, &id).await? else {
                        return Ok(Found::NotNeeded);
                    };
                    let Some((client, _secrets)) = clients::get(connection, &invitation.client_id).await? else {
                        return Ok(Found::NotNeeded);
                    };
                    let Some(email) = invitation.email.clone() else {
                        return Ok(Found::NotNeeded);
                    };
                    if invitation.status_at(now) != Status::Queued || client.is_disabled {
                        return Ok(Found::NotNeeded);
                    }
                    if suppressions::holds(connection, &client.id, &email.normalised()).await? {
                        return Ok(Found::Suppressed);
                    }
                    let inviter_email = match &invitation.inviter_sub {
                        Some(sub) => subjects::proved_address(connection, sub).await?,
                        None => None,
                    };
                    let (alias, locale) = (&invitation.template_alias, &invitation.locale);
                    let template = template_for(connection, &client, alias, locale).await?;
                    Ok(Found::Mail(Box::new(Parts {
                        invitation,
                        client,
                        template,
                        inviter_email,
                    })))
                })
            })
            .await
    }

    /// Writes down what became of a mail, and takes its row away or puts it back.
    async fn settle(&self, row: Leased, parts: Parts, handed: Handed) -> Result<(), DatabaseError> {
        let now = self.service.clock.now();
        let next = after(row.attempts, row.created_at, now, &mut rand::rng());
        let created = parts.invitation.created_at;
        let (change, answer, status) = match handed {
            Handed::Taken(answer) => (Change::Sent, answer, None),
            Handed::Refused { answer, status } => (Change::Bounced, answer, status),
            Handed::Impossible(why) => (Change::Failed, why, None),
            Handed::Later(why) => match next {
                Next::GiveUp => (Change::Failed, why, None),
                Next::At(next) => return self.postpone(row, next, why).await,
            },
        };
        let id = parts.invitation.id.clone();
        let is_sent = change == Change::Sent;
        let counted = self
            .service
            .database
            .write(move |connection| {
                Box::pin(async move {
                    // Somebody else holds it now, and will write down what becomes of it.
                    if !outbox::finish(connection, &row).await? {
                        return Ok(false);
                    }
                    if !deliveries::settle(connection, &parts.invitation.id, change, &answer, now).await? {
                        return Ok(false);
                    }
                    let smtp: String = answer.chars().take_while(char::is_ascii_digit).collect();
                    let event = events::Event {
                        client_id: &parts.client.id,
                        invitation_id: Some(&parts.invitation.id),
                        kind: event_kind(change),
                        actor: "mail",
                        data: json!({ "smtp": smtp, "status": status }).to_string(),
                    };
                    events::add(connection, &event, now).await?;
                    let email = parts.invitation.email.as_ref();
                    if change == Change::Bounced
                        && status.as_deref() == Some(NO_SUCH_MAILBOX)
                        && let Some(email) = email
                    {
                        suppressions::refused(connection, &email.normalised(), now).await?;
                    }
                    Ok(true)
                })
            })
            .await?;
        if counted && is_sent {
            crate::service::metrics::invite_to_sent(created.until(now));
        } else if !is_sent {
            tracing::warn!(
                invitation = id,
                "the mail of an invitation was not delivered; partyline serve invite show tells why"
            );
        }
        Ok(())
    }

    async fn suppress(&self, row: Leased) -> Result<(), DatabaseError> {
        self.service
            .database
            .write(move |connection| {
                Box::pin(async move {
                    if outbox::finish(connection, &row).await? {
                        invitations::suppress(connection, &row.reference).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    pub(super) async fn drop_row(&self, row: Leased) -> Result<(), DatabaseError> {
        let gone = self
            .service
            .database
            .write(move |connection| Box::pin(async move { outbox::finish(connection, &row).await }));
        gone.await.map(|_was_ours| ())
    }

    /// Leaves a row as it was before it was leased.
    pub(super) async fn give_back(&self, row: Leased) -> Result<(), DatabaseError> {
        let back = self
            .service
            .database
            .write(move |connection| Box::pin(async move { outbox::give_back(connection, &row).await }));
        back.await.map(|_was_ours| ())
    }

    pub(super) async fn postpone(
        &self,
        row: Leased,
        next: crate::time::Timestamp,
        why: String,
    ) -> Result<(), DatabaseError> {
        let answer = numbers(&why);
        tracing::warn!(
            outbox = row.id,
            answer,
            "not sent yet; partyline serve mail queue tells why"
        );
        let put_back = self
            .service
            .database
            .write(move |connection| Box::pin(async move { outbox::postpone(connection, &row, next, &why).await }));
        put_back.await.map(|_was_ours| ())
    }
}

/// What servers say of an address that is not there (RFC 3463, 3.2).
pub(in crate::service) const NO_SUCH_MAILBOX: &str = "5.1.1";

/// The event of what became of a mail.
pub(in crate::service) const fn event_kind(change: Change) -> Kind {
    match change {
        Change::Sent => Kind::InvitationSent,
        Change::Bounced => Kind::InvitationBounced,
        _ => Kind::InvitationFailed,
    }
}
