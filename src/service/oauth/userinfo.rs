//! `GET` and `POST /oauth/userinfo`: who a token is about (OpenID Connect Core, section 5.3).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde::Serialize;

use super::bearer::{bearer, missing, posted};
use super::claims::EmailClaims;
use super::dpop::Target;
use super::parameters::Parameters;
use super::scope;
use crate::service::http::{OAuthError, Refusal};
use crate::service::state::Service;

/// Where it is.
pub(super) const USERINFO: &str = "/oauth/userinfo";

/// What is known of a person.
#[derive(Serialize)]
pub(super) struct UserInfo {
    sub: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    email: Option<EmailClaims>,
}

/// The token is in the header or, as RFC 6750 (2.2) has it, in the form.
pub(super) async fn userinfo(
    State(service): State<Service>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<UserInfo>, Refusal> {
    let now = service.clock.now();
    let form = if method == Method::POST && !body.is_empty() {
        Parameters::of_body(&headers, &body, false)?
    } else {
        Parameters::default()
    };
    let in_header = bearer(&service, &headers, &method, USERINFO, scope::OPENID, now).await?;
    let grant = match (in_header, form.get("access_token")) {
        (Some(_), Some(_)) => {
            let what = "Send the access token in the header or in the body, not in both.";
            return Err(Refusal::new(OAuthError::InvalidRequest, what));
        }
        (Some(grant), None) => grant,
        (None, Some(token)) => {
            let target = Target {
                method: &method,
                path: USERINFO,
            };
            posted(&service, &headers, token, target, scope::OPENID, now).await?
        }
        (None, None) => return Err(missing()),
    };
    Ok(Json(UserInfo {
        email: grant.email_claims(),
        sub: grant.sub,
    }))
}
