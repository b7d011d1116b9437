//! What the operator does in a client's name from the command line: by the same rules and limits, without its secret.

use serde_json::Value;

use super::caller::Caller;
use super::change::{Again, take_back};
use super::create::{Maker, Own};
use super::object::link;
use super::request::InvitationRequest;
use super::templates;
use crate::service::client::OAuthClient;
use crate::service::database::templates::Template;
use crate::service::database::{clients, invitations};
use crate::service::http::{OAuthError, Refusal};
use crate::service::invitation::Invitation;
use crate::service::state::Service;

/// Makes an invitation: `request` is what `POST /api/invite` takes.
///
/// # Errors
///
/// [`Refusal`], as over HTTP.
pub async fn invite(service: &Service, client: &OAuthClient, request: Value) -> Result<Invitation, Refusal> {
    let now = service.clock.now();
    let asked: InvitationRequest = serde_json::from_value(request)
        .map_err(|_other| Refusal::new(OAuthError::InvalidRequest, "The invitation cannot be read."))?;
    let caller = Caller::operator(client.clone());
    let own = Own::of(service, &caller, asked.template_alias.iter().map(String::as_str)).await?;
    let invitation = own.check(asked, &caller, now)?;
    let mut maker = Maker::new(service, caller, now);
    let made = service
        .database
        .write(move |connection| Box::pin(async move { maker.make(connection, invitation).await }));
    let made = made.await??;
    service.outbox.notify_one();
    Ok(made)
}

/// The link of an invitation: a secret, whoever has it is let in.
#[must_use]
pub fn link_of(service: &Service, invitation: &Invitation) -> String {
    link(service, &invitation.id, invitation.generation)
}

/// Sends an invitation again.
///
/// # Errors
///
/// [`Refusal`], as over HTTP.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub async fn resend(service: &Service, id: &str, rotate: bool) -> Result<Invitation, Refusal> {
    let again = Again {
        caller: caller_of(service, id).await?,
        limits: service.config.limits,
        rotate,
        now: service.clock.now(),
    };
    let id = id.to_owned();
    let sent = service.database.write(move |connection| {
        Box::pin(async move {
            if let Err(refusal) = again.send(connection, &id).await? {
                return Ok(Err(refusal));
            }
            Ok(invitations::get(connection, &id)
                .await?
                .ok_or_else(super::list::unknown))
        })
    });
    let sent = sent.await??;
    service.outbox.notify_one();
    Ok(sent)
}

/// Takes an invitation back.
///
/// # Errors
///
/// [`Refusal`], as over HTTP.
pub async fn revoke(service: &Service, id: &str) -> Result<Invitation, Refusal> {
    let caller = caller_of(service, id).await?;
    take_back(service, caller, id.to_owned(), service.clock.now()).await
}

/// Keeps a template as the newest version of its name and language: that version, and what is strange about it.
///
/// # Errors
///
/// [`Refusal`], as over HTTP.
pub async fn put_template(
    service: &Service,
    client: OAuthClient,
    template: Template,
) -> Result<(Template, Vec<String>), Refusal> {
    templates::keep(service, Caller::operator(client), template).await
}

/// Removes a template, in all its languages or in one. False if there was none.
///
/// # Errors
///
/// [`Refusal`], as over HTTP.
pub async fn remove_template(
    service: &Service,
    client: OAuthClient,
    alias: String,
    locale: Option<String>,
) -> Result<bool, Refusal> {
    templates::remove(service, Caller::operator(client), alias, locale, service.clock.now()).await
}

/// The operator, in the name of the client whose invitation it is.
async fn caller_of(service: &Service, id: &str) -> Result<Caller, Refusal> {
    let id = id.to_owned();
    let found = service.database.read(move |connection| {
        Box::pin(async move {
            let Some(invitation) = invitations::get(connection, &id).await? else {
                return Ok(None);
            };
            clients::get(connection, &invitation.client_id).await
        })
    });
    let (client, _secrets) = found.await?.ok_or_else(super::list::unknown)?;
    Ok(Caller::operator(client))
}
