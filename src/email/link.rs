//! What somebody who was invited by e-mail has in hand: the link of the mail, a link of the browser, or a code to type.

use std::fmt;

use reqwest::Url;
use zeroize::Zeroizing;

use super::Issuer;
use crate::failure::MailTrouble;
use crate::invitation::mailbox::{MAX_APP_LINK, is_app_link};

/// The path of links in mails.
const PATH: &str = "/i/";

/// The letters and digits of a typed code: Crockford's base 32.
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters a typed code has.
const CODE_LENGTH: usize = 8;

/// A link that leads to an invitation at a service.
#[derive(Clone, PartialEq, Eq)]
pub struct MailLink {
    /// Which service.
    pub issuer: Issuer,
    /// What it calls the invitation: a secret of whoever reads the mailbox.
    pub(super) invitation: Zeroizing<String>,
}

impl MailLink {
    /// Whether a text looks like a link of a mail or of the browser, rather than like an invite code.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        let text = text.trim();
        let of_mail = text.starts_with("https://") || text.starts_with("http://");
        is_app_link(text) || of_mail && text.contains(PATH)
    }

    /// Reads a link of a mail, `https://…/i/…`, or one of the browser, `org.partyline.app:/accept?…`.
    ///
    /// # Errors
    /// [`MailTrouble::NotALink`] for anything else, [`MailTrouble::Insecure`] if it leads to a service without HTTPS.
    pub fn parse(text: &str) -> Result<Self, MailTrouble> {
        let text = text.trim();
        if text.len() > MAX_APP_LINK {
            return Err(MailTrouble::NotALink);
        }
        let url = Url::parse(text).or(Err(MailTrouble::NotALink))?;
        let (issuer, invitation) = if is_app_link(text) {
            let single = |name: &str| {
                let mut values = url.query_pairs().filter(|(key, _)| key == name);
                let value = values.next().map(|(_, value)| value.into_owned());
                value.filter(|_| values.next().is_none()).ok_or(MailTrouble::NotALink)
            };
            (single("iss")?, single("invitation")?)
        } else {
            // Programs that show mail add what they like behind a link.
            let path = url.path().trim_end_matches('/');
            // Two links that were pasted one behind the other.
            if path.contains("://") {
                return Err(MailTrouble::NotALink);
            }
            let (before, token) = path.rsplit_once(PATH).ok_or(MailTrouble::NotALink)?;
            let origin = url.origin().ascii_serialization();
            (format!("{origin}{before}"), token.to_owned())
        };
        let is_token = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        if invitation.is_empty() || invitation.len() > 256 || !invitation.chars().all(is_token) {
            return Err(MailTrouble::NotALink);
        }
        let issuer = Issuer::parse(&issuer).map_err(|trouble| match trouble {
            MailTrouble::NotAService => MailTrouble::NotALink,
            other => other,
        })?;
        Ok(Self {
            issuer,
            invitation: Zeroizing::new(invitation),
        })
    }
}

impl fmt::Debug for MailLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailLink({}, <redacted>)", self.issuer)
    }
}

/// The code that the page of a service shows, for a person to type on another device: twice four characters, with a hyphen between.
#[derive(Clone, PartialEq, Eq)]
pub struct MailCode(Zeroizing<String>);

impl MailCode {
    /// Reads what is typed: any case, with or without hyphen and blanks; O counts as 0, I and L as 1.
    ///
    /// # Errors
    /// [`MailTrouble::NotALink`] if it is no such code.
    pub fn parse(text: &str) -> Result<Self, MailTrouble> {
        let mut code = Zeroizing::new(String::with_capacity(CODE_LENGTH));
        for c in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == CODE_LENGTH || !ALPHABET.contains(c) {
                return Err(MailTrouble::NotALink);
            }
            code.push(c);
        }
        if code.len() == CODE_LENGTH {
            Ok(Self(code))
        } else {
            Err(MailTrouble::NotALink)
        }
    }

    /// As the service takes it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailCode(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_mails_and_of_the_browser_are_read() {
        for (text, issuer, invitation) in [
            (
                "https://invite.example.org/i/abc.DEF-_1",
                "https://invite.example.org",
                "abc.DEF-_1",
            ),
            (
                " https://example.org/invite/i/abc?utm_source=mail#x\n",
                "https://example.org/invite",
                "abc",
            ),
            ("http://127.0.0.1:8080/i/abc/", "http://127.0.0.1:8080", "abc"),
            (
                "org.partyline.app:/accept?iss=https%3A%2F%2Finvite.example.org&invitation=t_1",
                "https://invite.example.org",
                "t_1",
            ),
        ] {
            assert!(MailLink::is_meant_by(text), "{text}");
            let link = MailLink::parse(text).expect(text);
            assert_eq!((link.issuer.as_str(), link.invitation.as_str()), (issuer, invitation));
            assert!(!format!("{link:?}").contains(invitation));
        }
    }

    #[test]
    fn other_links_are_refused() {
        for text in [
            "",
            "party1abc",
            "https://example.org/",
            "https://example.org/i/",
            "https://example.org/i/a%20b",
            "https://example.org/j/abc",
            "https://example.org/i/abchttps://example.org/i/def",
            "org.partyline.app:/accept",
            "org.partyline.app:/accept?iss=https://example.org",
            "org.partyline.app:/accept?iss=https://a.example&iss=https://b.example&invitation=t",
            "org.partyline.app:/other?iss=https://example.org&invitation=t",
            "org.partyline.app:/accept?iss=file:///etc&invitation=t",
            "partyline://join#party1abc",
            &format!("https://example.org/i/{}", "a".repeat(3000)),
            &format!("https://example.org/i/{}", "a".repeat(300)),
        ] {
            assert_eq!(MailLink::parse(text), Err(MailTrouble::NotALink), "{text}");
        }
        assert_eq!(MailLink::parse("http://example.org/i/abc"), Err(MailTrouble::Insecure));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["01AB-CDEF", "0lab cdef", " oIab-cdef ", "01ABCDEF"] {
            assert_eq!(MailCode::parse(text).expect(text).as_str(), "01ABCDEF");
        }
        for text in ["", "01AB-CDE", "01AB-CDEFG", "01AB-CDEU", "01AB_CDEF", "party1zyqp"] {
            assert_eq!(MailCode::parse(text), Err(MailTrouble::NotALink), "{text}");
        }
    }
}
