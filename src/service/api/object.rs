//! An invitation as its client reads it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::service::invitation::{Invitation, Sends};
use crate::service::state::Service;
use crate::service::status::Status;
use crate::service::token::{Purpose, make_link};
use crate::time::Timestamp;

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationObject {
    /// Its id, 22 characters.
    id: String,
    /// Who is invited; not there once the address was wiped.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
    /// Where it stands: `created`, `queued`, `sent`, `opened`, `accepted`, `declined`, `bounced`, `failed`, `revoked`, `expired`.
    status: &'static str,
    redirect_uri: String,
    response_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    delivery: &'static str,
    deliver: &'static str,
    template_alias: String,
    #[schema(value_type = Object)]
    template_data: Map<String, Value>,
    locale: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<PartyObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_data: Option<String>,
    /// The person who invites, if they signed in here themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    inviter: Option<String>,
    /// Mails that were asked for.
    send_count: i64,
    /// What the mail server said last, if it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_smtp: Option<String>,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// The link, if the client passes it on itself (`deliver` is `none`).
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_url: Option<String>,
}

/// The party an invitation leads into.
#[derive(Serialize, ToSchema)]
struct PartyObject {
    invitation: String,
    party_ref: String,
}

impl InvitationObject {
    /// What the client reads at this moment. Of a link only what is mailed by the client itself.
    pub(super) fn of(invitation: &Invitation, now: Timestamp) -> Self {
        let time = |at: Option<Timestamp>| at.map(shown);
        Self {
            id: invitation.id.clone(),
            email_address: invitation.email.as_ref().map(ToString::to_string),
            status: seen(invitation.status_at(now)).word(),
            redirect_uri: invitation.redirect_uri.clone(),
            response_mode: invitation.response_mode.word(),
            state: invitation.state.clone(),
            delivery: invitation.delivery.word(),
            deliver: invitation.sends.word(),
            template_alias: invitation.template_alias.clone(),
            template_data: serde_json::from_str(&invitation.template_data).unwrap_or_default(),
            locale: invitation.locale.clone(),
            scope: invitation.scope.clone(),
            party: invitation.party.as_ref().map(|party| PartyObject {
                invitation: party.invitation.clone(),
                party_ref: party.party_ref.clone(),
            }),
            app_data: invitation.app_data.clone(),
            inviter: invitation.inviter_sub.clone(),
            send_count: invitation.send_count,
            last_smtp: invitation.last_smtp.clone(),
            created_at: shown(invitation.created_at),
            expires_at: shown(invitation.expires_at),
            first_sent_at: time(invitation.first_sent_at),
            opened_at: time(invitation.opened_at),
            accepted_at: time(invitation.accepted_at),
            ended_at: time(invitation.ended_at),
            invitation_url: None,
        }
    }

    /// The same with the link of this generation, if the client is who passes it on.
    pub(super) fn with_link(mut self, service: &Service, invitation: &Invitation) -> Self {
        if invitation.sends == Sends::Nothing {
            self.invitation_url = Some(link(service, &invitation.id, invitation.generation));
        }
        self
    }
}

/// The address that opens an invitation.
pub(super) fn link(service: &Service, id: &str, generation: i64) -> String {
    let token = make_link(&service.keys.links, Purpose::Invitation(generation), id);
    format!("{}/i/{token}", service.config.issuer)
}

/// What a client sees of a state: not that an address wants no mail, which is between the person and this service.
pub(super) const fn seen(status: Status) -> Status {
    match status {
        Status::Suppressed => Status::Queued,
        other => other,
    }
}

/// A moment as RFC 3339 writes it, in UTC.
pub(super) fn shown(moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}
