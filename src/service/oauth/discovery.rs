//! What the service can do, for programs: OpenID Connect Discovery 1.0, RFC 8414, and its public keys (RFC 7517).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::authorize::AUTHORIZE;
use super::logout::LOGOUT;
use super::revoke::{INTROSPECT, REVOKE};
use super::scope;
use super::token::{GRANTS, TOKEN};
use super::userinfo::USERINFO;
use crate::service::client::SubjectType;
use crate::service::locales::Language;
use crate::service::state::Service;

/// Where the public keys are.
pub(super) const JWKS: &str = "/oauth/jwks";

/// The document of OpenID Connect Discovery.
pub(super) const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";

/// The document of RFC 8414.
pub(super) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// How long the keys may be kept by whoever asks.
const KEEP: &str = "public, max-age=300";

pub(super) async fn document(State(service): State<Service>) -> Response {
    ([(header::CACHE_CONTROL, KEEP)], Json(said(&service))).into_response()
}

pub(super) async fn jwks(State(service): State<Service>) -> Response {
    ([(header::CACHE_CONTROL, KEEP)], Json(service.keys.signing.jwks())).into_response()
}

fn said(service: &Service) -> Value {
    let issuer = &service.config.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let client_methods = ["client_secret_basic", "client_secret_post", "none"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "userinfo_endpoint": at(USERINFO),
        "revocation_endpoint": at(REVOKE),
        "introspection_endpoint": at(INTROSPECT),
        "end_session_endpoint": at(LOGOUT),
        "jwks_uri": at(JWKS),
        "scopes_supported": scope::ALL,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": GRANTS,
        "subject_types_supported": [SubjectType::Public.word(), SubjectType::Pairwise.word()],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": client_methods,
        "revocation_endpoint_auth_methods_supported": client_methods,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA", "RS256"],
        "claim_types_supported": ["normal"],
        "claims_supported": ["aud", "auth_time", "email", "email_verified", "exp", "iat", "iss", "nonce", "sub"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "display_values_supported": ["page"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "service_documentation": "https://docs.rs/partyline",
    })
}
