//! An invitation as DID.app asked for it later: a POST of a client itself, with the address as `login_hint` and what the template may use as `data_…`.
//!
//! Theirs took it from anybody. Here the client proves itself as everywhere; without that it is an ordinary request.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::service::api;
use crate::service::http::Refusal;
use crate::service::oauth::parameters::Parameters;
use crate::service::state::Service;

/// How the names of values for the template begin.
const DATA: &str = "data_";

/// Parameters that the API knows by the same names.
const SAME: [&str; 8] = [
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_mode",
    "state",
    "template_alias",
    "scope",
    "nonce",
];

pub(super) fn is_one(headers: &HeaderMap, parameters: &Parameters) -> bool {
    let proves = headers.contains_key(header::AUTHORIZATION) || parameters.get("client_secret").is_some();
    proves && parameters.get("template_alias").is_some()
}

/// `200` without a body, whoever the address is of.
pub(super) async fn invite(
    service: &Service,
    headers: &HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let parameters = parameters.once()?;
    let data: Map<String, Value> = parameters
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(DATA)?.to_owned(), json!(value))))
        .collect();
    let same = parameters.iter().filter(|(name, _value)| SAME.contains(name));
    let mut request: Map<String, Value> = same.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    request.insert("email_address".to_owned(), json!(parameters.need("login_hint")?));
    request.insert("template_data".to_owned(), Value::Object(data));
    api::invite(service, headers, &Value::Object(request)).await?;
    Ok(StatusCode::OK.into_response())
}
