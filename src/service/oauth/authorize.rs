//! `GET` and `POST /oauth/authorize`: the ordinary code flow (RFC 6749, 4.1; OpenID Connect Core, 3.1), and how an invitation answers it.
//!
//! A request of itself never makes a code in a browser that has done nothing: it takes the session of a sign-in, the cookie of the browser that
//! pressed the button of an invitation, or a button pressed here.

mod invited;
mod later_invite;
mod request;
mod shown;
pub(super) mod sign_in;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use self::request::{Asked, Prompt};
use super::cookies::Cookie;
use super::origin::is_from_here;
use super::parameters::{MAX_PARAMETERS, Parameters};
use super::reader::Reader;
use super::respond::Denied;
use crate::identity::EmailAddress;
use crate::service::client::ClientKind;
use crate::service::database::sessions;
use crate::service::database::sessions::Session;
use crate::service::http::{Peer, Refusal, too_many_pages};
use crate::service::page::Page;
use crate::service::state::Service;
use crate::service::token::digest;
use crate::time::Timestamp;

/// Where a client sends a browser.
pub(super) const AUTHORIZE: &str = "/oauth/authorize";

/// Where the button of the page between leads.
pub(super) const CONTINUE: &str = "/oauth/continue";

/// The name of the button: `continue` or `cancel`.
const ANSWER: &str = "answer";

pub(super) async fn get(
    State(service): State<Service>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    if query.len() > MAX_PARAMETERS {
        return Ok(StatusCode::URI_TOO_LONG.into_response());
    }
    // Whoever only looks gets no code.
    if method == Method::HEAD {
        return Ok(StatusCode::OK.into_response());
    }
    let reader = Reader {
        service: &service,
        headers: &headers,
    };
    authorize(reader, Parameters::of_form(query.as_bytes())).await
}

pub(super) async fn post(
    State(service): State<Service>,
    peer: Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let reader = Reader {
        service: &service,
        headers: &headers,
    };
    let parameters = Parameters::of_posted(&headers, &body)?;
    if later_invite::is_one(&headers, &parameters) {
        return later_invite::invite(&service, &headers, parameters).await;
    }
    if let Some(wait) = too_many_pages(&service, peer, &headers) {
        return Ok(wait);
    }
    authorize(reader, parameters).await
}

async fn authorize(reader: Reader<'_>, parameters: Parameters) -> Result<Response, Refusal> {
    let now = reader.service.clock.now();
    let asked = match read(reader, parameters).await? {
        Ok(asked) => asked,
        Err(response) => return Ok(response),
    };
    if asked.parameters.get("invitation").is_some() {
        return invited::answer(reader, &asked, now).await;
    }
    // Another program on the machine can pretend to be a public client, so a person has to see it (RFC 8252, 8.6).
    let is_public = asked.client.kind == ClientKind::Public;
    let denied = |error, what| Ok(reader.denied(&asked.client.name, &asked.place, &Denied::new(error, what)));
    match (session(reader, &asked, now).await?, asked.wants.prompt) {
        (None, Prompt::Never) => denied("login_required", "Nobody is signed in here who fits the request."),
        (None, Prompt::AsNeeded | Prompt::Always) => Ok(reader.sign_in(&asked, None)),
        (Some(_), Prompt::Never) if is_public => denied(
            "interaction_required",
            "A person has to agree to a request of a public client.",
        ),
        (Some(session), _) if is_public => Ok(reader.confirm(&asked, &session.email)),
        (Some(session), _) => sign_in::answer(reader, &asked, session, now).await,
    }
}

/// The button of the page between: the person has seen who asks.
pub(super) async fn proceed(
    State(service): State<Service>,
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
    let now = service.clock.now();
    let asked = match read(reader, Parameters::of_posted(&headers, &body)?).await? {
        Ok(asked) => asked,
        Err(response) => return Ok(response),
    };
    if is_cancelled(&asked.parameters) {
        return Ok(reader.denied(&asked.client.name, &asked.place, &cancelled()));
    }
    if asked.parameters.get("invitation").is_some() {
        return invited::redeem(reader, &asked, now).await;
    }
    match session(reader, &asked, now).await? {
        Some(session) => sign_in::answer(reader, &asked, session, now).await,
        None => Ok(reader.sign_in(&asked, None)),
    }
}

fn is_cancelled(posted: &Parameters) -> bool {
    posted.get(ANSWER) == Some("cancel")
}

fn cancelled() -> Denied {
    Denied::new("access_denied", "The person said no.")
}

/// The request, or the page or answer that says what is wrong with it.
async fn read(reader: Reader<'_>, parameters: Parameters) -> Result<Result<Asked, Response>, Refusal> {
    let (client, place) = match request::place(reader.service, &parameters).await? {
        Ok(found) => found,
        Err(nowhere) => return Ok(Err(reader.nowhere(nowhere))),
    };
    Ok(match request::wants(reader.service, &client, &parameters) {
        Ok(wants) => Ok(Asked {
            client,
            place,
            wants,
            parameters,
        }),
        Err(denied) => Err(reader.denied(&client.name, &place, &denied)),
    })
}

/// The session of the browser, if it answers this request.
async fn session(reader: Reader<'_>, asked: &Asked, now: Timestamp) -> Result<Option<Session>, Refusal> {
    let Some(cookie) = Cookie::Session.of(reader.service, reader.headers) else {
        return Ok(None);
    };
    let (hash, client, sub) = (digest(cookie), asked.client.id.clone(), asked.wants.sub.clone());
    let found = reader.service.database.read(move |connection| {
        Box::pin(async move {
            let session = sessions::get(&mut *connection, &hash, now).await?;
            match (session, sub) {
                (Some(session), Some(sub)) => {
                    let is_known = session.is_known_as(connection, &sub, &client).await?;
                    Ok(is_known.then_some(session))
                }
                (session, _) => Ok(session),
            }
        })
    });
    Ok(found.await?.filter(|session| fits(session, asked, now)))
}

fn fits(session: &Session, asked: &Asked, now: Timestamp) -> bool {
    let wants = &asked.wants;
    let age = now.as_secs().saturating_sub(session.auth_time.as_secs());
    let is_fresh = wants.max_age.is_none_or(|most| age < most);
    let is_meant = wants.hint.as_ref().is_none_or(|hint| {
        EmailAddress::parse(&session.email).is_ok_and(|email| email.normalised() == hint.normalised())
    });
    wants.prompt != Prompt::Always && is_fresh && is_meant
}
