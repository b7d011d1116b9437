//! The answer to an authorization request, on its way through the browser (OAuth 2.0 Multiple Response Types; RFC 9207).

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::service::invitation::ResponseMode;
use crate::service::status::Status;

/// Where an answer goes and how.
#[derive(Clone)]
pub struct Place {
    /// The address of the client, one of those that are registered.
    pub redirect_uri: String,
    /// How the answer is carried there.
    pub mode: ResponseMode,
    /// Returned as it is.
    pub state: Option<String>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({:?}, <redacted>)", self.mode)
    }
}

/// An error that a client is told through the browser (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The code.
    pub error: &'static str,
    /// What is wrong, for the developer of the client.
    pub description: &'static str,
    /// The last part of the address of a page that says more, below `/errors/`.
    pub page: Option<&'static str>,
}

impl Denied {
    /// An error without a page of its own.
    #[must_use]
    pub const fn new(error: &'static str, description: &'static str) -> Self {
        Self {
            error,
            description,
            page: None,
        }
    }

    /// What a client is told of an invitation that is over.
    #[must_use]
    pub const fn of_ended(status: Status) -> Self {
        let (description, page) = match status {
            Status::Expired => ("The invitation has expired.", "invitation_expired"),
            Status::Accepted => ("The invitation was used.", "invitation_used"),
            Status::Declined => ("The invited person declined.", "invitation_declined"),
            _ => ("The invitation was taken back.", "invitation_revoked"),
        };
        Self {
            error: "access_denied",
            description,
            page: Some(page),
        }
    }
}

impl Place {
    /// The members of an answer with a code.
    #[must_use]
    pub fn with_code(&self, issuer: &str, code: &str) -> Vec<(&'static str, String)> {
        self.members(issuer, vec![("code", code.to_owned())])
    }

    /// The members of an answer with an error.
    #[must_use]
    pub fn with_error(&self, issuer: &str, denied: &Denied) -> Vec<(&'static str, String)> {
        let mut members = vec![
            ("error", denied.error.to_owned()),
            ("error_description", denied.description.to_owned()),
        ];
        members.extend(denied.page.map(|page| ("error_uri", format!("{issuer}/errors/{page}"))));
        self.members(issuer, members)
    }

    fn members(&self, issuer: &str, mut members: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        members.extend(self.state.clone().map(|state| ("state", state)));
        members.push(("iss", issuer.to_owned()));
        members
    }

    /// The address that carries these members; none if a form has to.
    #[must_use]
    pub fn address(&self, members: &[(&'static str, String)]) -> Option<String> {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        let encoded = encoded.extend_pairs(members).finish();
        let uri = &self.redirect_uri;
        match self.mode {
            ResponseMode::Query if uri.contains('?') => Some(format!("{uri}&{encoded}")),
            ResponseMode::Query => Some(format!("{uri}?{encoded}")),
            ResponseMode::Fragment => Some(format!("{uri}#{encoded}")),
            ResponseMode::FormPost => None,
        }
    }
}

/// A browser that goes on elsewhere, with a GET whatever it sent (RFC 9700, 4.12).
#[must_use]
pub fn see_other(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(address) => (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, address),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response(),
        // Registered addresses hold no control characters.
        Err(_control) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(redirect_uri: &str, mode: ResponseMode) -> Place {
        Place {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            state: Some("a b&c".to_owned()),
        }
    }

    #[test]
    fn an_answer_keeps_the_address_and_adds_to_it() {
        let query = place("https://myapp.test/welcome?x=1", ResponseMode::Query);
        let members = query.with_code("https://i.test", "abc");
        assert_eq!(
            query.address(&members).as_deref(),
            Some("https://myapp.test/welcome?x=1&code=abc&state=a+b%26c&iss=https%3A%2F%2Fi.test")
        );
        let fragment = place("https://myapp.test", ResponseMode::Fragment);
        let denied = Denied {
            error: "access_denied",
            description: "The invitation is over.",
            page: Some("invitation_expired"),
        };
        assert_eq!(
            fragment
                .address(&fragment.with_error("https://i.test", &denied))
                .as_deref(),
            Some(
                "https://myapp.test#error=access_denied&error_description=The+invitation+is+over.\
                 &error_uri=https%3A%2F%2Fi.test%2Ferrors%2Finvitation_expired&state=a+b%26c&iss=https%3A%2F%2Fi.test"
            )
        );
        assert_eq!(
            place("https://myapp.test", ResponseMode::FormPost).address(&members),
            None
        );
    }

    #[test]
    fn a_control_character_never_reaches_a_header() {
        let response = see_other("https://myapp.test/\r\nSet-Cookie: a=b");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().get(header::LOCATION).is_none());
    }
}
