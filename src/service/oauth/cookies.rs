//! The two cookies: who is signed in, and which browser pressed the button of an invitation.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::codes::TICKET_LIFE;
use crate::service::state::Service;
use crate::service::token::digest;

/// How long a browser stays signed in.
pub(super) const SESSION_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A cookie of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Who is signed in: a random token, of which the digest is kept.
    Session,
    /// Which browser pressed the button of an invitation: the digest of its ticket.
    Pressed,
    /// Which browser asked for a mail to sign in: the id of that mail.
    Asked,
}

impl Cookie {
    /// Its name. With https the browser takes it from this host alone, and only over https (`__Host-`).
    fn name(self, service: &Service) -> String {
        let name = match self {
            Self::Session => "pl_session",
            Self::Pressed => "pl_inv",
            Self::Asked => "pl_asked",
        };
        let prefix = if is_secure(service) { "__Host-" } else { "" };
        format!("{prefix}{name}")
    }

    /// What the browser has sent of it.
    #[must_use]
    pub(super) fn of<'a>(self, service: &Service, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = self.name(service);
        let all = headers.get_all(header::COOKIE).into_iter();
        let pairs = all
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The header that gives it to the browser for so long. No time takes it away.
    #[must_use]
    pub(super) fn header(self, service: &Service, value: &str, life: Duration) -> HeaderValue {
        let secure = if is_secure(service) { "; Secure" } else { "" };
        let name = self.name(service);
        let text = format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
            life.as_secs()
        );
        // Names and values are base64url.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The `Set-Cookie` header for the browser that pressed the button and got this ticket: with it the request that follows needs no second press.
#[must_use]
pub fn pressed(service: &Service, ticket: &str) -> HeaderValue {
    Cookie::Pressed.header(service, &digest(ticket), TICKET_LIFE)
}

fn is_secure(service: &Service) -> bool {
    service.config.issuer.starts_with("https:")
}
