//! Refusals: one list of error codes with the status, the words and the headers of each.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::service::database::DatabaseError;

/// An error code of OAuth 2.0 (RFC 6749, 4.1.2.1 and 5.2; RFC 9449, 5) or of the management API, which uses the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthError {
    /// A request that misses something or says it wrong.
    InvalidRequest,
    /// Unknown client, or it did not prove who it is.
    InvalidClient,
    /// A code or token that is unknown, used, over, or somebody else's.
    InvalidGrant,
    /// The client may not do this.
    UnauthorizedClient,
    /// A grant type that is not offered.
    UnsupportedGrantType,
    /// A scope that is not offered.
    InvalidScope,
    /// A token that is not good for this.
    InvalidToken,
    /// A proof of possession that does not hold (RFC 9449, 5).
    InvalidDpopProof,
    /// The proof has to carry this nonce (RFC 9449, 8).
    UseDpopNonce,
    /// Nothing with this name, for this client.
    NotFound,
    /// It is in a state in which this cannot be done.
    Conflict,
    /// The same idempotency key with another request.
    Unprocessable,
    /// Too large.
    TooLarge,
    /// Another content type.
    UnsupportedMediaType,
    /// Too much at once; later.
    SlowDown,
    /// The service cannot do it now.
    TemporarilyUnavailable,
    /// A token that is good, but not for this (RFC 6750, 3.1).
    InsufficientScope,
}

impl OAuthError {
    /// Every code.
    pub const ALL: [Self; 17] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidToken,
        Self::InvalidDpopProof,
        Self::UseDpopNonce,
        Self::NotFound,
        Self::Conflict,
        Self::Unprocessable,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::SlowDown,
        Self::TemporarilyUnavailable,
        Self::InsufficientScope,
    ];

    /// Its code, as clients read it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidToken => "invalid_token",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Unprocessable => "idempotency_key_reused",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::SlowDown => "slow_down",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InsufficientScope => "insufficient_scope",
        }
    }

    /// Its HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::InvalidDpopProof
            | Self::UseDpopNonce => StatusCode::BAD_REQUEST,
            Self::InvalidClient | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::UnauthorizedClient | Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SlowDown => StatusCode::TOO_MANY_REQUESTS,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A request that is not done: a code, what is wrong in a sentence, and headers.
#[derive(Debug)]
pub struct Refusal {
    /// The code.
    pub error: OAuthError,
    /// The HTTP status, mostly that of the code.
    pub status: StatusCode,
    /// What is wrong and what to do, for the developer of the client. ASCII without quotes and backslashes (RFC 6749, 5.2).
    pub description: String,
    /// Headers that go with it.
    pub headers: Box<HeaderMap>,
}

impl Refusal {
    /// A refusal without headers of its own.
    #[must_use]
    pub fn new(error: OAuthError, description: impl Into<String>) -> Self {
        Self {
            error,
            status: error.status(),
            description: description.into(),
            headers: Box::default(),
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same with another status.
    #[must_use]
    pub const fn at(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// In how many seconds to come back, if it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()
    }

    /// Come back in so many seconds.
    #[must_use]
    pub fn slow_down(seconds: u64, description: impl Into<String>) -> Self {
        Self::new(OAuthError::SlowDown, description).with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "a request was not done");
        Self::new(
            OAuthError::TemporarilyUnavailable,
            "The service cannot do this now. Try again in a minute.",
        )
        .with(header::RETRY_AFTER, HeaderValue::from(60_u64))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error.code(), "error_description": self.description }));
        let mut response = (self.status, body).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(*self.headers);
        response
    }
}
