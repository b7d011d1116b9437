//! Requests that come again with the same `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): what was done is not done twice, and is
//! answered in the same words for 24 hours. A refusal is not kept: the same request may succeed later.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::body::wrong;
use super::caller::Caller;
use super::object::link;
use crate::service::database::idempotency::{Key, Known, claim, keep};
use crate::service::database::{Answer, Connection};
use crate::service::http::{OAuthError, Refusal};
use crate::service::state::Service;
use crate::service::token::digest;
use crate::time::Timestamp;

pub(super) use crate::service::database::idempotency::Kept;

/// Names the invitation that was made.
const INVITATION_ID: HeaderName = HeaderName::from_static("partyline-invitation-id");

/// Says that the answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request with its key, if it has one.
pub(super) struct Request(Option<Key>);

impl Request {
    /// Reads the key of a request to `path` with this body.
    ///
    /// # Errors
    ///
    /// `invalid_request` for a key that is empty, longer than 128 characters or not visible ASCII.
    pub(super) fn read(headers: &HeaderMap, path: &str, body: &[u8], caller: &Caller) -> Result<Self, Refusal> {
        let Some(key) = headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let key = key.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > 128 || !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(wrong("Idempotency-Key has 1 to 128 visible characters."));
        }
        let body = String::from_utf8_lossy(body);
        Ok(Self(Some(Key {
            owner: caller.owner(),
            key: key.to_owned(),
            digest: digest(&format!("{path}\n{body}")),
        })))
    }
}

impl Kept {
    /// An answer with a JSON body.
    pub(super) fn of(status: i64, invitation: Option<String>, body: &impl Serialize) -> Self {
        Self {
            status,
            invitation,
            body: serde_json::to_string(body).unwrap_or_else(|_unwritten| "{}".to_owned()),
        }
    }
}

/// Does the work of a request in one write, unless it was done before. The work refuses before it has changed anything.
pub(super) async fn once<F>(service: &Service, request: Request, now: Timestamp, work: F) -> Result<Response, Refusal>
where
    F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, Result<Kept, Refusal>> + Send + 'static,
{
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let Some(key) = request.0 else {
                return Ok(work(connection).await?.map(|kept| (kept, false)));
            };
            match claim(connection, &key, now).await? {
                Known::Done(kept) => return Ok(Ok((kept, true))),
                Known::Other => {
                    return Ok(Err(Refusal::new(
                        OAuthError::Unprocessable,
                        "This Idempotency-Key was used for another request. Take a new one for each.",
                    )));
                }
                Known::Running => {
                    return Ok(Err(Refusal::new(
                        OAuthError::Conflict,
                        "The request with this Idempotency-Key is being done. Ask again in a moment.",
                    )));
                }
                Known::New => {}
            }
            let done = work(connection).await?;
            if let Ok(kept) = &done {
                keep(connection, &key, kept, now).await?;
            }
            Ok(done.map(|kept| (kept, false)))
        })
    });
    let (kept, replayed) = written.await??;
    Ok(response(service, kept, replayed))
}

#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
fn response(service: &Service, kept: Kept, replayed: bool) -> Response {
    let mut response = Response::new(Body::from(with_links(service, kept.body)));
    *response.status_mut() = u16::try_from(kept.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(id) = kept.invitation.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(INVITATION_ID, id);
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The body with the links that the client passes on itself. They are in no table, so they are made for each answer.
fn with_links(service: &Service, body: String) -> String {
    if !body.contains(r#""deliver":"none""#) {
        return body;
    }
    let Ok(mut answer) = serde_json::from_str::<Value>(&body) else {
        return body;
    };
    match answer.get_mut("results").and_then(Value::as_array_mut) {
        None => with_link(service, &mut answer),
        Some(results) => results
            .iter_mut()
            .filter_map(|result| result.get_mut("invitation"))
            .for_each(|invitation| with_link(service, invitation)),
    }
    answer.to_string()
}

fn with_link(service: &Service, invitation: &mut Value) {
    let Some(members) = invitation.as_object_mut() else {
        return;
    };
    let is_passed_on = members.get("deliver").and_then(Value::as_str) == Some("none");
    let id = members.get("id").and_then(Value::as_str).filter(|_id| is_passed_on);
    if let Some(url) = id.map(|id| link(service, id, 0)) {
        members.insert("invitation_url".to_owned(), Value::String(url));
    }
}
