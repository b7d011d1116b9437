//! The button: it makes a code, in one write, and brings it to the client.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use zeroize::Zeroizing;

use super::dead;
use super::found::{self, Found, Opened};
use super::reader::Reader;
use super::show::{failed, look, not_found, replaced};
use super::visit::Visit;
use crate::service::database::{Connection, DatabaseError};
use crate::service::invitation::Delivery;
use crate::service::keys::MacKeys;
use crate::service::locales::Language;
use crate::service::oauth::codes::{self, Terms};
use crate::service::oauth::{pressed, see_other};
use crate::service::page::{Ended, Page, carry, render};
use crate::service::state::Service;
use crate::service::token::shown;
use crate::time::Timestamp;

/// What the desktop app is opened with: a scheme of its own, which is a domain the other way round (RFC 8252, 7.1).
const APP: &str = "org.partyline.app:/accept";

/// Who has pressed the button as often as it makes codes waits so many seconds: as long as a code is kept.
const TOO_OFTEN: u64 = 24 * 3600;

/// `POST /i/{token}`.
pub(super) async fn accept(State(service): State<Service>, visit: Visit) -> Response {
    let Visit { token, reader } = visit;
    if reader.is_elsewhere(&service.config.issuer) {
        return render(&service.config, reader.language(None), &Page::Elsewhere);
    }
    let answer = press(&service, &token, &reader).await;
    answer.unwrap_or_else(|error| failed(&service, &reader, &error))
}

/// What the button did.
enum Pressed {
    /// It made what brings the person to the client.
    Way(Box<Opened>, Way),
    /// Nothing, as it was pressed too often.
    TooOften(Box<Opened>),
    /// Nothing, as the invitation is over.
    Over(Box<Opened>, Ended),
    /// Nothing, as the link was replaced.
    Replaced(Box<Opened>),
    /// Nothing, as the link leads nowhere.
    Nothing,
}

/// What brings a person to the client.
enum Way {
    /// A code, straight to where the client is answered.
    Code(Zeroizing<String>),
    /// A ticket, for the sign-in that begins at this address of the client.
    Ticket(Zeroizing<String>, String),
    /// A ticket for the desktop app, and a code to type on another device.
    App(Zeroizing<String>, Zeroizing<String>),
}

async fn press(service: &Service, token: &str, reader: &Reader) -> Result<Response, DatabaseError> {
    let now = service.clock.now();
    // What leads nowhere does not reach the one writer.
    let did = match look(service, token).await? {
        Found::Nothing => Pressed::Nothing,
        Found::Replaced(opened) => Pressed::Replaced(opened),
        Found::Invitation(opened) => match dead::why(&opened, now) {
            Some(why) => Pressed::Over(opened, why),
            None => make(service, token.to_owned(), now).await?,
        },
    };
    match did {
        Pressed::Nothing => Ok(not_found(service, reader)),
        Pressed::Replaced(opened) => Ok(replaced(service, reader, token, &opened)),
        Pressed::Over(opened, why) => dead::answer(service, reader.language(Some(&opened)), token, opened, why).await,
        Pressed::TooOften(opened) => {
            let page = Page::TooMany { wait: TOO_OFTEN };
            Ok(render(&service.config, reader.language(Some(&opened)), &page))
        }
        Pressed::Way(opened, way) => Ok(lead(service, reader.language(Some(&opened)), &opened, way)),
    }
}

/// Makes the way, and decides in the same write whether there is one.
async fn make(service: &Service, token: String, now: Timestamp) -> Result<Pressed, DatabaseError> {
    let (links, pepper) = (Arc::clone(&service.keys.links), Arc::clone(&service.keys.pepper));
    let life = service.config.code_life;
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let opened = match found::invitation(connection, &links, &token).await? {
                Found::Nothing => return Ok(Pressed::Nothing),
                Found::Replaced(opened) => return Ok(Pressed::Replaced(opened)),
                Found::Invitation(opened) => opened,
            };
            if !opened.is_answered(connection).await? {
                return Ok(Pressed::Over(opened, Ended::Closed));
            }
            if !codes::press(connection, &opened.invitation, now).await? {
                let why = dead::why(&opened, now).unwrap_or(Ended::Closed);
                return Ok(Pressed::Over(opened, why));
            }
            Ok(match way(connection, &pepper, &opened, now, life).await? {
                Some(way) => Pressed::Way(opened, way),
                None => Pressed::TooOften(opened),
            })
        })
    });
    written.await
}

async fn way(
    connection: &mut Connection,
    pepper: &MacKeys,
    opened: &Opened,
    now: Timestamp,
    life: Duration,
) -> Result<Option<Way>, DatabaseError> {
    let invitation = &opened.invitation;
    if invitation.delivery == Delivery::Direct {
        let code = codes::issue(connection, invitation, Terms::of(invitation, life), now).await?;
        return Ok(code.map(Way::Code));
    }
    let ticket = codes::issue_ticket(connection, invitation, now).await?;
    Ok(Some(match &opened.client.initiate_login_uri {
        Some(begin) if !invitation.leads_to_app() => Way::Ticket(ticket, begin.clone()),
        _ => Way::App(ticket, codes::issue_typed(connection, pepper, invitation, now).await?),
    }))
}

/// Sends the browser on its way.
fn lead(service: &Service, language: Language, opened: &Opened, way: Way) -> Response {
    let config = &service.config;
    match way {
        Way::Code(code) => {
            let place = opened.place();
            let members = place.with_code(&config.issuer, &code);
            carry(config, language, &opened.client.name, &place, &members)
        }
        Way::Ticket(ticket, begin) => {
            // OpenID Connect Core, section 4.
            let address = opened.address();
            let asks = [
                ("iss", config.issuer.as_str()),
                ("login_hint", &address),
                ("target_link_uri", &opened.invitation.redirect_uri),
                ("invitation", &ticket),
            ];
            remembered(service, &ticket, see_other(&with(&begin, &asks)))
        }
        Way::App(ticket, typed) => {
            let asks = [("iss", config.issuer.as_str()), ("invitation", &ticket)];
            let page = Page::OpenApp {
                link: with(APP, &asks),
                code: shown(&typed).to_string(),
            };
            remembered(service, &ticket, render(config, language, &page))
        }
    }
}

/// An address with these parameters behind it.
fn with(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    let encoded = encoded.extend_pairs(parameters).finish();
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{encoded}")
}

/// The same answer with the cookie by which this browser is known again: it needs no second press.
fn remembered(service: &Service, ticket: &str, mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::SET_COOKIE, pressed(service, ticket));
    response
}
