//! The name of an invitation service: its URL.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::failure::MailTrouble;
use crate::invitation::mailbox::MAX_ISSUER;

/// A service by the URL that it calls itself: `https://invite.example.org`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issuer(String);

impl Issuer {
    /// Reads what a person types; `https://` may be left out.
    ///
    /// # Errors
    /// [`MailTrouble::NotAService`] if it is no URL of a service, [`MailTrouble::Insecure`] for one that is not HTTPS: only on
    /// this machine itself it may be without.
    pub fn parse(text: &str) -> Result<Self, MailTrouble> {
        let text = text.trim();
        let read = |whole: &str| Url::parse(whole).or(Err(MailTrouble::NotAService));
        let url = if text.contains("://") {
            read(text)?
        } else {
            match read(&format!("https://{text}"))? {
                here if is_this_machine(&here) => read(&format!("http://{text}"))?,
                elsewhere => elsewhere,
            }
        };
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.host_str().is_some_and(|host| !host.is_empty());
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" => return Err(MailTrouble::Insecure),
            _ => return Err(MailTrouble::NotAService),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        if is_plain && text.len() <= MAX_ISSUER {
            Ok(Self(text))
        } else {
            Err(MailTrouble::NotAService)
        }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people call it: the host, with the port if it has one of its own.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host)
    }

    /// Whether it is on this machine: nothing else may be without TLS.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        self.0.starts_with("http://")
    }

    /// Whether it may name this address as one of its own: HTTPS, or, from a service on this machine, this machine. One from elsewhere
    /// has no business with what else runs here.
    pub(super) fn may_name(&self, url: &Url) -> bool {
        url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url) && self.is_on_this_machine())
    }

    /// A URL below it.
    pub(super) fn at(&self, path: &str) -> Result<Url, MailTrouble> {
        Url::parse(&format!("{}{path}", self.0)).or(Err(MailTrouble::NotAService))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_in_one_way() {
        for (typed, name, host) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080"),
            (
                "https://invite.example.org",
                "https://invite.example.org",
                "invite.example.org",
            ),
            (
                " invite.example.org/ ",
                "https://invite.example.org",
                "invite.example.org",
            ),
            (
                "HTTPS://Invite.Example.ORG:443/",
                "https://invite.example.org",
                "invite.example.org",
            ),
            (
                "https://example.org/invite/",
                "https://example.org/invite",
                "example.org/invite",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080", "[::1]:8080"),
        ] {
            let issuer = Issuer::parse(typed).expect(typed);
            assert_eq!((issuer.as_str(), issuer.host()), (name, host));
        }
    }

    #[test]
    fn a_service_elsewhere_names_nothing_on_this_machine() {
        let url = |text| Url::parse(text).unwrap();
        let (far, here) = (
            Issuer::parse("https://example.org").unwrap(),
            Issuer::parse("http://127.0.0.1:8080").unwrap(),
        );
        assert!(far.may_name(&url("https://keys.example.org/jwks")));
        assert!(!far.may_name(&url("http://127.0.0.1:8080/oauth/token")));
        assert!(here.may_name(&url("http://127.0.0.1:8080/oauth/token")));
        assert!(!here.may_name(&url("http://example.org/oauth/token")));
    }

    #[test]
    fn what_is_not_a_service_is_refused() {
        for text in [
            "",
            "https://",
            "ftp://example.org",
            "file:///etc/passwd",
            "https://a:b@example.org",
            "https://example.org/?x=1",
            "https://example.org/#x",
            "javascript:alert(1)",
            &format!("https://example.org/{}", "a".repeat(255)),
        ] {
            assert_eq!(Issuer::parse(text), Err(MailTrouble::NotAService), "{text}");
        }
        for text in [
            "http://example.org",
            "http://10.0.0.1",
            "http://localhost.example.org",
            "http://localhost",
        ] {
            assert_eq!(Issuer::parse(text), Err(MailTrouble::Insecure), "{text}");
        }
    }
}
