//! "Send me a new link", for an invitation that has expired, or that was used without anybody coming in by it. The mail goes to the invited address,
//! and the old link stays dead: whoever finds it in an old mailbox gains nothing by pressing this.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;

use super::dead;
use super::found::{self, Found, Opened};
use super::reader::Reader;
use super::show::{failed, look, not_found, replaced};
use super::visit::Visit;
use crate::identity::EmailAddress;
use crate::service::config::Limits;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::outbox::{self, Parcel};
use crate::service::database::{Connection, DatabaseError, invitations, links, suppressions};
use crate::service::keys::MacKeys;
use crate::service::limits::{self, Limit, RetryAfter, Shard};
use crate::service::page::{Ended, Page, render};
use crate::service::state::Service;
use crate::service::status::Change;
use crate::time::Timestamp;

/// One new link for an invitation in this time.
const ONE_IN: Duration = Duration::from_secs(600);

/// `POST /i/{token}/renew`.
pub(super) async fn renew(State(service): State<Service>, visit: Visit) -> Response {
    let Visit { token, reader } = visit;
    if reader.is_elsewhere(&service.config.issuer) {
        return render(&service.config, reader.language(None), &Page::Elsewhere);
    }
    let answer = renewed(&service, &token, &reader).await;
    answer.unwrap_or_else(|error| failed(&service, &reader, &error))
}

/// What became of it.
enum Renewal {
    /// A new link is on its way to this address.
    Sent(Box<Opened>, EmailAddress),
    /// The address wants no mail of this client.
    Unwanted(Box<Opened>, EmailAddress),
    /// There was one just now, or this address gets too much mail.
    TooOften(Box<Opened>, RetryAfter),
    /// The invitation needs no new link, or no link is mailed of it.
    NotNow(Box<Opened>),
    /// The link was replaced: by a renewal, mostly.
    Replaced(Box<Opened>),
    /// The link leads nowhere.
    Nothing,
}

async fn renewed(service: &Service, token: &str, reader: &Reader) -> Result<Response, DatabaseError> {
    // What leads nowhere does not reach the one writer.
    if matches!(look(service, token).await?, Found::Nothing) {
        return Ok(not_found(service, reader));
    }
    let now = service.clock.now();
    let (keys, limits, again) = (Arc::clone(&service.keys.links), service.config.limits, token.to_owned());
    let written = service
        .database
        .write(move |connection| Box::pin(async move { send(connection, &keys, &limits, &again, now).await }));
    let page = match written.await? {
        Renewal::Nothing => return Ok(not_found(service, reader)),
        Renewal::Replaced(opened) => return Ok(replaced(service, reader, token, &opened)),
        Renewal::NotNow(opened) => {
            let language = reader.language(Some(&opened));
            let why = dead::why(&opened, now).unwrap_or(Ended::Closed);
            return dead::answer(service, language, token, opened, why).await;
        }
        Renewal::Sent(opened, address) => {
            service.outbox.notify_one();
            let address = address.to_string();
            (opened, Page::Renewed { address })
        }
        Renewal::Unwanted(opened, address) => {
            let (app, address) = (opened.client.name.clone(), address.to_string());
            (opened, Page::Unsubscribed { app, address })
        }
        Renewal::TooOften(opened, RetryAfter { seconds: wait, .. }) => (opened, Page::TooMany { wait }),
    };
    let (opened, page) = page;
    Ok(render(&service.config, reader.language(Some(&opened)), &page))
}

async fn send(
    connection: &mut Connection,
    keys: &MacKeys,
    limits: &Limits,
    token: &str,
    now: Timestamp,
) -> Result<Renewal, DatabaseError> {
    let opened = match found::invitation(connection, keys, token).await? {
        Found::Nothing => return Ok(Renewal::Nothing),
        Found::Replaced(opened) => return Ok(Renewal::Replaced(opened)),
        Found::Invitation(opened) => opened,
    };
    let (id, client) = (&opened.invitation.id, &opened.client);
    let needed = dead::why(&opened, now).is_some_and(|why| opened.can_be_renewed(why, now));
    let can = needed && opened.is_answered(connection).await?;
    let Some(address) = opened.invitation.email.clone().filter(|_| can) else {
        return Ok(Renewal::NotNow(opened));
    };
    if suppressions::holds(connection, &client.id, &address.normalised()).await? {
        return Ok(Renewal::Unwanted(opened, address));
    }
    let mut all = vec![Limit::new(
        format!("renew/{id}"),
        1,
        ONE_IN,
        "This invitation was sent anew just now",
    )];
    all.extend(Limit::of_address(limits, &address));
    if let Err(reached) = limits::take_all(connection, &all, Shard::next(connection.dialect()), now).await? {
        return Ok(Renewal::TooOften(opened, reached));
    }
    // What is still under way has the link that ends now, and must not count as sent.
    outbox::cancel(connection, Parcel::Invitation, id).await?;
    if !invitations::change(connection, id, Change::Queued, now, now).await? {
        return Ok(Renewal::NotNow(opened));
    }
    invitations::rotate(connection, id).await?;
    links::end(connection, id).await?;
    outbox::add(connection, Parcel::Invitation, id, None, now).await?;
    let event = Event {
        client_id: &client.id,
        invitation_id: Some(id),
        kind: Kind::InvitationResent,
        actor: "invitee",
        data: "{}".to_owned(),
    };
    events::add(connection, &event, now).await?;
    Ok(Renewal::Sent(opened, address))
}
