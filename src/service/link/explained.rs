//! What an error code means: where the `error_uri` of an answer leads.

use axum::extract::State;
use axum::response::Response;

use super::visit::Visit;
use crate::service::locales::Language;
use crate::service::page::{Page, render};
use crate::service::state::Service;

/// `GET /errors/{code}`. For developers, so in English only.
pub(super) async fn explained(State(service): State<Service>, visit: Visit) -> Response {
    let known = ERRORS.iter().find(|(error, _)| *error == visit.token);
    match known {
        Some((error, meaning)) => render(&service.config, Language::En, &Page::Explained { error, meaning }),
        None => render(&service.config, visit.reader.language(None), &Page::NotFound),
    }
}

/// Every code that an answer of this service may carry.
const ERRORS: &[(&str, &str)] = &[
    (
        "invitation_expired",
        "The invitation behind the link was not accepted in time. Send it again, or invite the person anew.",
    ),
    (
        "invitation_used",
        "The code of this invitation was exchanged already, so the link does nothing more. The person may be known to you: let them sign in.",
    ),
    (
        "invitation_revoked",
        "The invitation was taken back by whoever sent it. Invite the person anew if that was a mistake.",
    ),
    (
        "invitation_declined",
        "The invited person said no. Invite them anew only if they ask for it.",
    ),
    (
        "invitation_unknown",
        "No invitation of this client is behind the link or ticket: it was cut off, replaced by a newer one, used, or is over.",
    ),
    (
        "access_denied",
        "The person, or the state of their invitation, does not allow it. If there is an error_uri, its page says which.",
    ),
    (
        "invalid_request",
        "The request misses something, says it twice or says it wrong. error_description names it.",
    ),
    (
        "invalid_client",
        "No client has this client_id, or its secret is wrong, or it was sent in two ways at once.",
    ),
    (
        "invalid_grant",
        "The code or token is unknown, used, over, of another client, or was asked for with another redirect_uri or code_challenge.",
    ),
    (
        "unauthorized_client",
        "This client may not do that, or the operator has turned it off.",
    ),
    (
        "unsupported_grant_type",
        "The token endpoint does not offer this grant_type. The discovery document lists those it offers.",
    ),
    ("unsupported_response_type", "Only response_type=code is offered."),
    (
        "invalid_scope",
        "A scope is asked for that is not offered, or that was not granted before.",
    ),
    (
        "invalid_token",
        "The access token is over, revoked, or not of this service.",
    ),
    (
        "insufficient_scope",
        "The access token is good, but not for this. Ask for the scope that the WWW-Authenticate header names.",
    ),
    (
        "request_not_supported",
        "Say what is asked for in parameters of its own: the parameter request is not offered.",
    ),
    (
        "request_uri_not_supported",
        "Say what is asked for in parameters of its own: the parameter request_uri is not offered.",
    ),
    (
        "registration_not_supported",
        "The operator of this service registers clients: the parameter registration is not offered.",
    ),
    (
        "invalid_dpop_proof",
        "The DPoP header is missing, or its proof does not hold for this request (RFC 9449).",
    ),
    (
        "use_dpop_nonce",
        "Make the DPoP proof again with the nonce of the DPoP-Nonce header (RFC 9449, section 8).",
    ),
    (
        "login_required",
        "prompt=none was asked for, and nobody is signed in in this browser.",
    ),
    (
        "interaction_required",
        "prompt=none was asked for, and the person has to be asked something.",
    ),
    ("server_error", "The service failed. Nothing was changed. Try again."),
    (
        "temporarily_unavailable",
        "The service cannot do it now. Try again after the time in Retry-After.",
    ),
    (
        "slow_down",
        "There were too many requests. Wait as long as Retry-After says.",
    ),
    ("not_found", "There is nothing with this name, for this client."),
    ("conflict", "It is in a state in which that cannot be done."),
    (
        "idempotency_key_reused",
        "The Idempotency-Key came with another request before.",
    ),
    ("too_large", "The request is larger than this endpoint takes."),
    (
        "unsupported_media_type",
        "The request's Content-Type is not one that this endpoint takes.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::http::OAuthError;

    #[test]
    fn every_code_of_an_answer_is_explained() {
        for error in OAuthError::ALL {
            assert!(ERRORS.iter().any(|(code, _)| *code == error.code()), "{}", error.code());
        }
    }
}
