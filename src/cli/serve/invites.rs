//! `serve invite`: invitations sent, looked at, taken back, and people forgotten.

use serde_json::{Map, Value, json};

use super::clients::find;
use super::import;
use super::templates::values;
use super::words;
use crate::cli::args::{ServeInvite, ServeInviteHow};
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::identity::EmailAddress;
use crate::service::api::operator;
use crate::service::database::listing::{self, Wanted};
use crate::service::database::{audit, invitations};
use crate::service::forget;
use crate::service::invitation::{Invitation, Sends};
use crate::service::state::Service;
use crate::service::status::Status;
use crate::time::Timestamp;

/// Events of one invitation that are shown at most.
const EVENTS: i64 = 1000;

pub(super) async fn invite(service: &Service, command: ServeInvite, output: &Output) -> Result<(), Ending> {
    match command {
        ServeInvite::Send {
            client,
            address: typed,
            how,
            no_mail,
        } => {
            let (client, _secrets) = find(service, &client).await?;
            let address = address(&typed)?;
            let sends = if no_mail { Sends::Nothing } else { Sends::Email };
            let asked = request(&how, &address, values(&how.data)?, sends);
            let made = operator::invite(service, &client, asked).await?;
            sent(service, &made, "invited", output)
        }
        ServeInvite::List {
            client,
            status,
            email,
            limit,
        } => list(service, client, status, email, limit, output).await,
        ServeInvite::Show { invitation } => show(service, invitation, output).await,
        ServeInvite::Resend { invitation, rotate } => {
            let again = operator::resend(service, &invitation, rotate).await?;
            sent(service, &again, "resent", output)
        }
        ServeInvite::Revoke { invitation } => {
            let revoked = operator::revoke(service, &invitation).await?;
            output.told(
                &row(service, &revoked, "revoked"),
                &format!("{invitation} is taken back."),
            )
        }
        ServeInvite::Import { client, file, how } => {
            let (client, _secrets) = find(service, &client).await?;
            Box::pin(import::import(service, &client, &file, &how, output)).await
        }
        ServeInvite::Forget { address: typed } => {
            let address = address(&typed)?;
            let forgotten = forget::forget(service, &address).await?;
            let event = json!({
                "event": "forgotten",
                "invitations": forgotten.invitations,
                "rows": forgotten.rows,
            });
            let text = format!(
                "The address is wiped from {} invitations, and {} other rows are gone. If it wants no mail, that stays written down (serve suppress remove).",
                forgotten.invitations, forgotten.rows
            );
            output.told(&event, &text)
        }
    }
}

/// An invitation as `POST /api/invite` takes it.
pub(super) fn request(how: &ServeInviteHow, address: &EmailAddress, data: Map<String, Value>, sends: Sends) -> Value {
    json!({
        "email_address": address.to_string(),
        "redirect_uri": how.redirect,
        "template_alias": how.template,
        "template_data": data,
        "locale": how.locale,
        "ttl_sec": u64::from(how.days) * 24 * 3600,
        "deliver": sends.word(),
    })
}

/// The address that was typed.
pub(super) fn address(typed: &str) -> Result<EmailAddress, Ending> {
    EmailAddress::parse(typed).map_err(|_not_one| words::not_an_address(typed))
}

fn sent(service: &Service, made: &Invitation, event: &str, output: &Output) -> Result<(), Ending> {
    let mut event = row(service, made, event);
    let mut text = match made.status {
        Status::Suppressed => format!("{}: this address wants no mail, so none is sent.", made.id),
        _ => format!(
            "{} is {}, good until {}.",
            made.id,
            made.status.word(),
            words::moment(made.expires_at)
        ),
    };
    if made.sends == Sends::Nothing {
        let link = operator::link_of(service, made);
        text += &format!("\nPass on this link yourself; whoever has it is let in:\n{link}");
        if let Value::Object(fields) = &mut event {
            fields.insert("link".to_owned(), json!(link));
        }
    }
    output.told(&event, &text)
}

async fn list(
    service: &Service,
    client: String,
    status: Option<String>,
    email: Option<String>,
    limit: i64,
    output: &Output,
) -> Result<(), Ending> {
    find(service, &client).await?;
    let status = match status {
        None => Vec::new(),
        Some(word) => vec![Status::of_word(&word).ok_or_else(|| words::no_status(&word))?],
    };
    let email_norm = email
        .map(|typed| Ok::<_, Ending>(address(&typed)?.normalised()))
        .transpose()?;
    let wanted = Wanted {
        client,
        inviter: None,
        email_norm,
        status,
        behind: None,
        limit,
    };
    let now = service.clock.now();
    let found = service
        .database
        .read(move |connection| Box::pin(async move { listing::page(connection, &wanted, now).await }));
    for one in found.await? {
        output.told(&row(service, &one, "invitation"), &line(service, &one))?;
    }
    Ok(())
}

async fn show(service: &Service, id: String, output: &Output) -> Result<(), Ending> {
    let asked = id.clone();
    let found = service.database.read(move |connection| {
        Box::pin(async move {
            let found = invitations::get(connection, &asked).await?;
            Ok((found, audit::of_invitation(connection, &asked, EVENTS).await?))
        })
    });
    let (Some(found), events) = found.await? else {
        return Err(words::no_invitation(&id));
    };
    output.told(&row(service, &found, "invitation"), &line(service, &found))?;
    for event in events {
        let told = json!({
            "event": "invitation_event",
            "invitation": id,
            "at_ms": event.at.as_millis(),
            "kind": event.kind,
            "actor": event.actor,
            "data": event.data,
        });
        let text = format!(
            "  {}  {} by {}  {}",
            words::moment(event.at),
            event.kind,
            event.actor,
            event.data
        );
        output.told(&told, &text)?;
    }
    Ok(())
}

fn line(service: &Service, invitation: &Invitation) -> String {
    let status = invitation.status_at(service.clock.now());
    let email = invitation
        .email
        .as_ref()
        .map_or_else(|| "(wiped)".to_owned(), ToString::to_string);
    let said = invitation
        .last_smtp
        .as_ref()
        .map_or_else(String::new, |said| format!(": {said}"));
    format!(
        "{}  {:<10}  {email}  made {}, until {}{said}",
        invitation.id,
        status.word(),
        words::moment(invitation.created_at),
        words::moment(invitation.expires_at)
    )
}

/// An invitation as an event.
pub(super) fn row(service: &Service, invitation: &Invitation, event: &str) -> Value {
    json!({
        "event": event,
        "invitation": invitation.id,
        "client": invitation.client_id,
        "address": invitation.email.as_ref().map(ToString::to_string),
        "status": invitation.status_at(service.clock.now()).word(),
        "template": invitation.template_alias,
        "locale": invitation.locale,
        "created_ms": invitation.created_at.as_millis(),
        "expires_ms": invitation.expires_at.as_millis(),
        "sent_ms": invitation.first_sent_at.map(Timestamp::as_millis),
        "opened_ms": invitation.opened_at.map(Timestamp::as_millis),
        "accepted_ms": invitation.accepted_at.map(Timestamp::as_millis),
        "ended_ms": invitation.ended_at.map(Timestamp::as_millis),
        "last_smtp": invitation.last_smtp,
    })
}
