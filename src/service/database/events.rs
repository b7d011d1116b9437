//! What happened, for operators and webhooks. Rows are only ever added. The sealing (another module) gives each its number in one chain.

use std::sync::atomic::{AtomicU32, Ordering};

use rand::Rng as _;

use super::{Connection, DatabaseError, query};
use crate::service::clock::millis;
use crate::time::Timestamp;

/// What happened. SERVICE.md, chapter 8, names the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody was invited.
    InvitationCreated,
    /// A mail server took the mail.
    InvitationSent,
    /// A mail server refused the address for good.
    InvitationBounced,
    /// Sending was given up.
    InvitationFailed,
    /// The button behind the link was pressed, the first time.
    InvitationOpened,
    /// A code was exchanged.
    InvitationAccepted,
    /// The person said no.
    InvitationDeclined,
    /// It was taken back.
    InvitationRevoked,
    /// Its time is over.
    InvitationExpired,
    /// It is mailed again.
    InvitationResent,
    /// A code came a second time.
    CodeReplayed,
    /// A refresh token came again after it was used.
    RefreshReused,
    /// An application was registered.
    ClientCreated,
    /// Something about it was changed; the data says what it is now.
    ClientChanged,
    /// A secret was made for it, or its older one ended.
    ClientSecretRotated,
    /// It was turned off.
    ClientDisabled,
    /// It was turned on again.
    ClientEnabled,
    /// It may be answered at one more address.
    ClientRedirectAdded,
    /// It is not answered at an address any more.
    ClientRedirectRemoved,
    /// It is told elsewhere of what happens.
    ClientWebhookChanged,
    /// A template has a new version.
    ClientTemplateChanged,
    /// A template is gone.
    ClientTemplateRemoved,
    /// An address gets no mail any more.
    MailSuppressed,
    /// An address may get mail again.
    MailAllowed,
    /// What waits to be sent was to be tried at once.
    MailRetried,
    /// A person asked for it, and their address was wiped.
    PersonForgotten,
    /// There are new keys.
    KeysRotated,
    /// Old events were taken away; the data says where the chain went on then.
    EventsRetired,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 28] = [
        Self::InvitationCreated,
        Self::InvitationSent,
        Self::InvitationBounced,
        Self::InvitationFailed,
        Self::InvitationOpened,
        Self::InvitationAccepted,
        Self::InvitationDeclined,
        Self::InvitationRevoked,
        Self::InvitationExpired,
        Self::InvitationResent,
        Self::CodeReplayed,
        Self::RefreshReused,
        Self::ClientCreated,
        Self::ClientChanged,
        Self::ClientSecretRotated,
        Self::ClientDisabled,
        Self::ClientEnabled,
        Self::ClientRedirectAdded,
        Self::ClientRedirectRemoved,
        Self::ClientWebhookChanged,
        Self::ClientTemplateChanged,
        Self::ClientTemplateRemoved,
        Self::MailSuppressed,
        Self::MailAllowed,
        Self::MailRetried,
        Self::PersonForgotten,
        Self::KeysRotated,
        Self::EventsRetired,
    ];

    /// Its word in the database and in webhooks.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvitationCreated => "invitation.created",
            Self::InvitationSent => "invitation.sent",
            Self::InvitationBounced => "invitation.bounced",
            Self::InvitationFailed => "invitation.failed",
            Self::InvitationOpened => "invitation.opened",
            Self::InvitationAccepted => "invitation.accepted",
            Self::InvitationDeclined => "invitation.declined",
            Self::InvitationRevoked => "invitation.revoked",
            Self::InvitationExpired => "invitation.expired",
            Self::InvitationResent => "invitation.resent",
            Self::CodeReplayed => "code.replayed",
            Self::RefreshReused => "refresh.reused",
            Self::ClientCreated => "client.created",
            Self::ClientChanged => "client.changed",
            Self::ClientSecretRotated => "client.secret_rotated",
            Self::ClientDisabled => "client.disabled",
            Self::ClientEnabled => "client.enabled",
            Self::ClientRedirectAdded => "client.redirect_added",
            Self::ClientRedirectRemoved => "client.redirect_removed",
            Self::ClientWebhookChanged => "client.webhook_changed",
            Self::ClientTemplateChanged => "client.template_changed",
            Self::ClientTemplateRemoved => "client.template_removed",
            Self::MailSuppressed => "mail.suppressed",
            Self::MailAllowed => "mail.allowed",
            Self::MailRetried => "mail.retried",
            Self::PersonForgotten => "person.forgotten",
            Self::KeysRotated => "keys.rotated",
            Self::EventsRetired => "events.retired",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Whose client it concerns; empty if it is the service's own.
    pub client_id: &'a str,
    /// Which invitation it concerns.
    pub invitation_id: Option<&'a str>,
    /// What happened.
    pub kind: Kind,
    /// Who did it: `client`, `invitee`, `inviter`, `operator`, `service`, `mail`.
    pub actor: &'static str,
    /// More about it, a JSON object without secrets and without addresses of people.
    pub data: String,
}

impl<'a> Event<'a> {
    /// What the operator did from the command line. `client_id` is empty if it concerns no client.
    #[must_use]
    pub fn of_operator(client_id: &'a str, kind: Kind, data: &serde_json::Value) -> Self {
        Self {
            client_id,
            invitation_id: None,
            kind,
            actor: "operator",
            data: data.to_string(),
        }
    }
}

/// Writes down what happened.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(connection: &mut Connection, event: &Event<'_>, now: Timestamp) -> Result<(), DatabaseError> {
    query(
        "INSERT INTO events (id, at, client_id, invitation_id, kind, actor, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id(now))
    .bind(millis(now))
    .bind(event.client_id)
    .bind(event.invitation_id)
    .bind(event.kind.word())
    .bind(event.actor)
    .bind(event.data.as_str())
    .once(connection)
    .await?;
    Ok(())
}

/// An id whose order is that of time: 12 hexadecimal digits of milliseconds, 8 that count within this process, 12 random ones.
fn id(now: Timestamp) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 6];
    rand::rng().fill_bytes(&mut bytes);
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:012x}{count:08x}{random}", now.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_names_every_kind_and_no_other() {
        let text = include_str!("../SERVICE.md");
        let (_before, chapter) = text.split_once("## 8. Webhooks and events").unwrap();
        let (list, _after) = chapter.split_once("It names its client").unwrap();
        let named: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
        assert_eq!(named, Kind::ALL.map(Kind::word));
    }
}
