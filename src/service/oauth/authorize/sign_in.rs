//! Signing in by a mailed link: the address is typed, the link mailed, and its button makes the session and answers the request.
//!
//! Whoever asks for a link in somebody else's name gains nothing: the answer goes to the browser in which the link is opened.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use zeroize::Zeroizing;

use super::ANSWER;
use super::request::Asked;
use crate::identity::EmailAddress;
use crate::service::client::{OAuthClient, SignUp};
use crate::service::database::outbox::{self, Parcel};
use crate::service::database::sessions::Session;
use crate::service::database::subjects::Word;
use crate::service::database::tickets::{Leads, Ticket};
use crate::service::database::{Connection, DatabaseError, invitations, sessions, subjects, tickets};
use crate::service::http::{Network, Peer, Refusal};
use crate::service::keys::MacKeys;
use crate::service::limits::{self, Limit, Shard};
use crate::service::mail::sign_in::SignInMail;
use crate::service::oauth::codes;
use crate::service::oauth::cookies::{Cookie, SESSION_LIFE};
use crate::service::oauth::origin::is_from_here;
use crate::service::oauth::parameters::Parameters;
use crate::service::oauth::reader::{Reader, with_cookie};
use crate::service::oauth::respond::Denied;
use crate::service::page::{Form, Page, SignInProblem};
use crate::service::state::Service;
use crate::service::token::{digest, new_opaque};
use crate::time::Timestamp;

/// Where an address is posted, and below it the links lead.
pub(in crate::service::oauth) const SIGN_IN: &str = "/oauth/sign-in";

/// How long a link to sign in is good for.
const LINK_LIFE: Duration = Duration::from_secs(900);

/// Mails the link, if this address may sign in here. The page after it does not tell whether it may.
pub(in crate::service::oauth) async fn ask(
    State(service): State<Service>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let reader = Reader {
        service: &service,
        headers: &headers,
    };
    if !is_from_here(&service, &headers) {
        return Ok(reader.show_alone(&Page::Elsewhere));
    }
    let parameters = Parameters::of_posted(&headers, &body)?;
    let asked = match super::read(reader, parameters).await? {
        Ok(asked) => asked,
        Err(response) => return Ok(response),
    };
    let typed = asked.parameters.get("email").unwrap_or_default();
    let Ok(address) = EmailAddress::parse(typed) else {
        return Ok(reader.sign_in(&asked, Some(SignInProblem::NoAddress)));
    };
    let now = service.clock.now();
    let network = Network::of(peer);
    let may_try = service.paces.sign_ins.take(&network).is_ok();
    if !may_try || !mail(&service, &asked, address.clone(), network, now).await? {
        return Ok(reader.sign_in(&asked, Some(SignInProblem::TooOften)));
    }
    service.outbox.notify_one();
    let page = Page::CheckMail {
        app: asked.client.name.clone(),
        address: address.to_string(),
    };
    Ok(reader.show(&asked, &page))
}

/// False if the address was asked for a moment ago. Whoever may not sign in is counted as the others are, or they would be known by that.
async fn mail(
    service: &Service,
    asked: &Asked,
    address: EmailAddress,
    network: Network,
    now: Timestamp,
) -> Result<bool, Refusal> {
    let token = new_opaque(&mut rand::rng());
    let mail = SignInMail {
        client_id: asked.client.id.clone(),
        email: address.to_string(),
        locale: asked
            .parameters
            .get("ui_locales")
            .unwrap_or(&asked.client.locale)
            .to_owned(),
        action_url: format!("{}{SIGN_IN}/{}", service.config.issuer, *token),
        expires_at: now.plus(LINK_LIFE).as_millis(),
    };
    let body = mail.seal(&service.keys);
    let ticket = Ticket {
        reference: address.to_string(),
        body: Some(asked.parameters.query_without(&["email", ANSWER])),
    };
    let (client, limits, pepper) = (
        asked.client.clone(),
        service.config.limits,
        Arc::clone(&service.keys.pepper),
    );
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let taken = limits::take_all(
                connection,
                &Limit::of_sign_in(&limits, &address, network),
                Shard::next(connection.dialect()),
                now,
            )
            .await?;
            if taken.is_err() {
                return Ok(false);
            }
            if may_sign_in(&mut *connection, &pepper, &client, &address).await? {
                let hash = digest(&token);
                tickets::add(&mut *connection, &hash, Leads::ToSignIn, &ticket, now.plus(LINK_LIFE)).await?;
                outbox::add(connection, Parcel::SignIn, &hash, body.as_deref(), now).await?;
            }
            Ok(true)
        })
    });
    Ok(written.await?)
}

/// An application that only the invited may use is for those who have accepted, also after their address was wiped from the invitation: a code of it
/// stays.
async fn may_sign_in(
    connection: &mut Connection,
    pepper: &MacKeys,
    client: &OAuthClient,
    address: &EmailAddress,
) -> Result<bool, DatabaseError> {
    if client.sign_up == SignUp::Open {
        return Ok(true);
    }
    let address = address.normalised();
    for name in std::iter::once(address.clone()).chain(pepper.codes_of_secret(&address)) {
        if invitations::has_accepted(&mut *connection, &client.id, &name).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a mailed link stands for, as long as it is good.
async fn known(service: &Service, hash: String, now: Timestamp) -> Result<Option<Ticket>, Refusal> {
    let found = service
        .database
        .read(move |connection| Box::pin(async move { tickets::get(connection, &hash, Leads::ToSignIn, now).await }));
    Ok(found.await?)
}

/// The page behind the mailed link. It changes nothing: mail scanners open links too.
pub(in crate::service::oauth) async fn look(
    State(service): State<Service>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = Reader {
        service: &service,
        headers: &headers,
    };
    let Some(ticket) = known(&service, digest(&token), service.clock.now()).await? else {
        return Ok(reader.show_alone(&Page::NotFound));
    };
    let asked = match request_of(reader, &ticket).await? {
        Ok(asked) => asked,
        Err(response) => return Ok(response),
    };
    let page = Page::Confirm {
        app: asked.client.name.clone(),
        address: ticket.reference,
        form: Form {
            action: format!("{SIGN_IN}/{token}"),
            hidden: Vec::new(),
            leads_to: vec![asked.place.redirect_uri.clone()],
        },
    };
    Ok(reader.show(&asked, &page))
}

/// The button behind the mailed link: the browser is signed in, and the request answered.
pub(in crate::service::oauth) async fn finish(
    State(service): State<Service>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let reader = Reader {
        service: &service,
        headers: &headers,
    };
    if !is_from_here(&service, &headers) {
        return Ok(reader.show_alone(&Page::Elsewhere));
    }
    let posted = Parameters::of_posted(&headers, &body)?;
    let now = service.clock.now();
    let hash = digest(&token);
    // What leads nowhere does not reach the one writer.
    if known(&service, hash.clone(), now).await?.is_none() {
        return Ok(reader.show_alone(&Page::NotFound));
    }
    let taken = service
        .database
        .write(move |connection| Box::pin(async move { tickets::take(connection, &hash, Leads::ToSignIn, now).await }));
    let Some(ticket) = taken.await? else {
        return Ok(reader.show_alone(&Page::NotFound));
    };
    let asked = match request_of(reader, &ticket).await? {
        Ok(asked) => asked,
        Err(response) => return Ok(response),
    };
    if super::is_cancelled(&posted) {
        return Ok(reader.denied(&asked.client.name, &asked.place, &super::cancelled()));
    }
    let Ok(address) = EmailAddress::parse(&ticket.reference) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let cookie = new_opaque(&mut rand::rng());
    let session = begin(&service, &cookie, address, now).await?;
    let answer = answer(reader, &asked, session, now).await?;
    Ok(with_cookie(
        answer,
        Cookie::Session.header(&service, &cookie, SESSION_LIFE),
    ))
}

/// A new session of somebody who has proven this address just now.
async fn begin(
    service: &Service,
    cookie: &Zeroizing<String>,
    address: EmailAddress,
    now: Timestamp,
) -> Result<Session, Refusal> {
    let hash = digest(cookie);
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let session = Session {
                sub: subjects::of(&mut *connection, &address.normalised(), Word::Service, now).await?,
                email: address.to_string(),
                auth_time: now,
            };
            sessions::add(connection, &hash, &session, now.plus(SESSION_LIFE)).await?;
            Ok(session)
        })
    });
    Ok(written.await?)
}

/// The request that a mailed link answers, read anew: its client may have changed meanwhile.
async fn request_of(reader: Reader<'_>, ticket: &Ticket) -> Result<Result<Asked, Response>, Refusal> {
    let query = ticket.body.as_deref().unwrap_or_default();
    super::read(reader, Parameters::of_form(query.as_bytes())).await
}

/// The answer to a request of somebody who is signed in, if they may use this application.
pub(super) async fn answer(
    reader: Reader<'_>,
    asked: &Asked,
    session: Session,
    now: Timestamp,
) -> Result<Response, Refusal> {
    let (service, request) = (reader.service.clone(), asked.clone());
    let done = reader.service.database.write(move |connection| {
        Box::pin(async move {
            let client = &request.client;
            let Ok(address) = EmailAddress::parse(&session.email) else {
                return Ok(None);
            };
            if !may_sign_in(&mut *connection, &service.keys.pepper, client, &address).await? {
                return Ok(None);
            }
            let sub = match Word::to(client) {
                Word::Service => session.sub,
                word => subjects::of(&mut *connection, &address.normalised(), word, now).await?,
            };
            let session = Session { sub, ..session };
            let code = codes::issue_signed_in(connection, &session, request.terms(&service), now);
            Ok(Some(code.await?))
        })
    });
    Ok(match done.await? {
        Some(code) => reader.code(asked, &code),
        None => {
            let denied = Denied::new(
                "access_denied",
                "This application is for people who were invited and accepted.",
            );
            reader.denied(&asked.client.name, &asked.place, &denied)
        }
    })
}
