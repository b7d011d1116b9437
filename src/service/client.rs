//! Applications that invite through the service: OAuth clients (RFC 6749, section 2) and where they may be answered.

use std::net::IpAddr;

use url::{Host, Url};

/// The longest address of an application that is taken, in bytes.
pub const MAX_REDIRECT: usize = 2048;

/// An application that invites.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own that somebody gave, no state"
)]
#[derive(Clone, Debug)]
pub struct OAuthClient {
    /// What it calls itself in requests: 1 to 64 of the characters a-z, 0-9, `-` and `_`.
    pub id: String,
    /// What people read on pages and in mails.
    pub name: String,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Where it may be answered, in no order that counts.
    pub redirect_uris: Vec<String>,
    /// Where a person starts to sign in, if it wants invitations to begin there (OpenID Connect Core, section 4).
    pub initiate_login_uri: Option<String>,
    /// What a link that is used up or expired leads to.
    pub dead_link: DeadLink,
    /// The language of mails whose invitation names none, BCP 47.
    pub locale: String,
    /// The signature of its tokens.
    pub algorithm: SigningAlgorithm,
    /// Whether the operator vouches for what it writes into mails.
    pub is_trusted: bool,
    /// By which subject it knows people.
    pub subject_type: SubjectType,
    /// Who may sign up.
    pub sign_up: SignUp,
    /// Invitations it may send in a minute.
    pub invites_per_minute: i64,
    /// Invitations it may send in a day.
    pub invites_per_day: i64,
    /// Where it is told of what happens.
    pub webhook_url: Option<String>,
    /// Whether the operator has turned it off.
    pub is_disabled: bool,
}

/// Whether a client can keep a secret (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// It runs on a server and has a secret.
    Confidential,
    /// It runs at people's homes: PKCE (RFC 7636) and `DPoP` (RFC 9449) instead.
    Public,
}

/// What a link leads to that is used up or expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadLink {
    /// Back to the application, with an error code.
    Redirect,
    /// A page that says so.
    Page,
}

/// By which subject a client knows people (OpenID Connect Core, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectType {
    /// The one by which all clients know them.
    Public,
    /// One of its own: two such clients cannot tell that somebody is with both, unless they compare addresses.
    Pairwise,
}

/// Who may sign up with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Whoever was invited.
    InviteOnly,
    /// Everybody who reads mail at an address.
    Open,
}

/// How tokens are signed (RFC 7518, section 3.1; RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// Ed25519: admission tokens only, which members check without the service.
    EdDsa,
}

/// Why an address cannot be a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// It is no absolute URL, or a too long one.
    #[error("not an absolute URL of at most {MAX_REDIRECT} bytes")]
    NotAUrl,
    /// It ends in a fragment, which RFC 6749 (3.1.2) forbids.
    #[error("a redirect URI has no fragment")]
    Fragment,
    /// It names a user or a password.
    #[error("a redirect URI names no user")]
    User,
    /// Unencrypted, and not on this machine.
    #[error("use https, or http with 127.0.0.1 or [::1]")]
    NotSecure,
    /// A scheme of its own without a dot in it (RFC 8252, 7.1).
    #[error("a scheme of one's own has a dot in it, like org.example.app")]
    Scheme,
}

/// Whether a text can be the id of a client: 1 to 64 of the characters a-z, 0-9, `-` and `_`.
#[must_use]
pub fn is_client_id(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(letter)
}

/// Whether a text can be the name of a client: 1 to 64 characters that people can read.
#[must_use]
pub fn is_client_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control)
}

/// Whether an address may be registered as a redirect URI.
///
/// # Errors
///
/// [`RedirectError`], for the person who registers it.
pub fn check_redirect_uri(text: &str) -> Result<(), RedirectError> {
    if text.len() > MAX_REDIRECT || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(RedirectError::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_unread| RedirectError::NotAUrl)?;
    if text.contains('#') {
        return Err(RedirectError::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectError::User);
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(RedirectError::NotSecure),
        scheme if scheme.contains('.') => Ok(()),
        _ => Err(RedirectError::Scheme),
    }
}

/// Whether `asked` is the registered address: the same text, byte for byte (RFC 9700, 4.1.3), but for the port of a loopback address (RFC 8252, 7.3).
#[must_use]
pub fn redirect_matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let (Ok(mut registered), Ok(mut wanted)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    let same_spelling = wanted.as_str() == asked;
    let loopback = registered.scheme() == "http" && is_loopback(&registered) && is_loopback(&wanted);
    let without_port = registered.set_port(None).and_then(|()| wanted.set_port(None)).is_ok();
    same_spelling && loopback && without_port && registered == wanted
}

/// `localhost` is a name that somebody else may answer for (RFC 8252, 8.3); an address is not.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address) == IpAddr::from([127, 0, 0, 1]),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

impl ClientKind {
    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }
}

impl DeadLink {
    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Page => "page",
        }
    }
}

impl SubjectType {
    /// Its word in the database, and in discovery documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }
}

impl SignUp {
    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InviteOnly => "invite_only",
            Self::Open => "open",
        }
    }
}

impl SigningAlgorithm {
    /// Its name in a token's header.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_matches_to_the_byte() {
        let registered = "https://myapp.test/welcome";
        assert!(redirect_matches(registered, registered));
        for asked in [
            "https://myapp.test/welcome/",
            "https://myapp.test/Welcome",
            "https://MYAPP.test/welcome",
            "http://myapp.test/welcome",
            "https://myapp.test/welcome?a=1",
            "https://myapp.test:8443/welcome",
            "https://myapp.test/welcome#x",
            "https://myapp.test/./welcome",
            "https://myapp.test.evil.test/welcome",
            "//myapp.test/welcome",
            "",
        ] {
            assert!(!redirect_matches(registered, asked), "{asked}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_is_free() {
        assert!(redirect_matches(
            "http://127.0.0.1/callback",
            "http://127.0.0.1:43017/callback"
        ));
        assert!(redirect_matches("http://[::1]/callback", "http://[::1]:9/callback"));
        assert!(!redirect_matches(
            "http://127.0.0.1/callback",
            "http://127.0.0.1:43017/other"
        ));
        assert!(!redirect_matches(
            "http://127.0.0.1/callback",
            "http://localhost:43017/callback"
        ));
        assert!(!redirect_matches(
            "http://127.0.0.1/callback",
            "http://127.0.0.1:43017/./callback"
        ));
        assert!(!redirect_matches(
            "https://app.test/callback",
            "https://app.test:8443/callback"
        ));
    }

    #[test]
    fn what_may_be_registered() {
        for fine in [
            "https://myapp.test/welcome?a=b",
            "http://127.0.0.1/callback",
            "http://[::1]:80/c",
            "org.partyline.app:/accept",
        ] {
            assert_eq!(check_redirect_uri(fine), Ok(()), "{fine}");
        }
        for (wrong, why) in [
            ("/welcome", RedirectError::NotAUrl),
            ("https://myapp.test/a b", RedirectError::NotAUrl),
            ("https://myapp.test/#x", RedirectError::Fragment),
            ("https://user@myapp.test/", RedirectError::User),
            ("http://myapp.test/", RedirectError::NotSecure),
            ("http://localhost/", RedirectError::NotSecure),
            ("javascript:alert(1)", RedirectError::Scheme),
            ("partyline:/accept", RedirectError::Scheme),
        ] {
            assert_eq!(check_redirect_uri(wrong), Err(why), "{wrong}");
        }
    }
}
