//! `GET` and `POST /oauth/logout`: the person leaves, and the client says where to (OpenID Connect RP-Initiated Logout 1.0).
//!
//! What ends is the session of this browser. Tokens that clients hold end by themselves or at `/oauth/revoke`.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::claims::IdClaims;
use super::cookies::Cookie;
use super::origin::is_from_here;
use super::parameters::Parameters;
use super::reader::{Reader, with_cookie};
use super::respond::see_other;
use crate::service::client::{is_client_id, redirect_matches};
use crate::service::database::{clients, sessions};
use crate::service::http::Refusal;
use crate::service::page::{Form, Page};
use crate::service::state::Service;
use crate::service::token::digest;

/// Where a client sends a browser whose person leaves.
pub(super) const LOGOUT: &str = "/oauth/logout";

/// Where a person goes who has left.
struct Back {
    app: String,
    address: String,
}

pub(super) async fn get(
    State(service): State<Service>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_form(query.unwrap_or_default().as_bytes());
    leave(&service, &headers, &parameters, false).await
}

/// From a client, or from the button of our page.
pub(super) async fn post(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let parameters = Parameters::of_posted(&headers, &body)?;
    let pressed = is_from_here(&service, &headers);
    leave(&service, &headers, &parameters, pressed).await
}

#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
async fn leave(
    service: &Service,
    headers: &HeaderMap,
    parameters: &Parameters,
    pressed: bool,
) -> Result<Response, Refusal> {
    let reader = Reader { service, headers };
    let hint = parameters
        .get("id_token_hint")
        .and_then(|hint| IdClaims::of_hint(service, hint));
    let client = parameters
        .get("client_id")
        .filter(|id| is_client_id(id))
        .map(str::to_owned);
    let hint = hint.filter(|hint| client.as_ref().is_none_or(|client| hint.aud == *client));
    let client = client.or_else(|| hint.as_ref().map(|hint| hint.aud.clone()));
    let back = match client {
        Some(client) => back(service, parameters, client).await?,
        None => None,
    };
    let hash = Cookie::Session.of(service, headers).map(digest);
    let now = service.clock.now();
    // Nobody signs somebody out with a picture on a page of theirs.
    let is_meant = match hash.clone() {
        None => true,
        Some(hash) => {
            let named = hint.as_ref().map(|hint| (hint.sub.clone(), hint.aud.clone()));
            let known = service.database.read(move |connection| {
                Box::pin(async move {
                    match (sessions::get(&mut *connection, &hash, now).await?, named) {
                        (None, _) => Ok(true),
                        (Some(session), Some((sub, client))) => session.is_known_as(connection, &sub, &client).await,
                        (Some(_), None) => Ok(false),
                    }
                })
            });
            known.await?
        }
    };
    if !is_meant && !pressed {
        let hidden = parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let form = Form {
            action: LOGOUT.to_owned(),
            hidden: hidden.collect(),
            leads_to: back.into_iter().map(|back| back.address).collect(),
        };
        return Ok(reader.page(Some(parameters), &Page::SignOut { form }));
    }
    if let Some(hash) = hash {
        let removed = service
            .database
            .write(move |connection| Box::pin(async move { sessions::remove(connection, &hash).await }));
        removed.await?;
    }
    let left = match back {
        Some(back) if hint.is_some() => see_other(&back.address),
        back => {
            let back = back.map(|back| (back.app, back.address));
            reader.page(Some(parameters), &Page::SignedOut { back })
        }
    };
    Ok(with_cookie(left, Cookie::Session.header(service, "", Duration::ZERO)))
}

/// The address to go to, if it is one of those that the client has registered to be answered at.
async fn back(service: &Service, parameters: &Parameters, client: String) -> Result<Option<Back>, Refusal> {
    let Some(asked) = parameters.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let found = service
        .database
        .read(move |connection| Box::pin(async move { clients::get(connection, &client).await }));
    let Some((client, _secrets)) = found.await? else {
        return Ok(None);
    };
    if client.is_disabled || !client.redirect_uris.iter().any(|known| redirect_matches(known, asked)) {
        return Ok(None);
    }
    let address = match parameters.get("state") {
        None => asked.to_owned(),
        Some(state) => {
            let state = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("state", state)
                .finish();
            let joint = if asked.contains('?') { '&' } else { '?' };
            format!("{asked}{joint}{state}")
        }
    };
    Ok(Some(Back {
        app: client.name,
        address,
    }))
}
