//! E-mail addresses: read, kept for sending, and compared. No IO.

use std::fmt;

/// The longest address that is taken, in bytes (RFC 5321, 4.5.3.1.3 without the angle brackets).
pub const MAX_ADDRESS: usize = 254;

/// The longest part in front of the `@`, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// An e-mail address as mail is sent to it: the part in front of the `@` as it was given, the domain as its A-label in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// Why a text is no e-mail address that mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address that mail can be sent to")]
pub struct NotAnAddress;

impl EmailAddress {
    /// Reads an address: the dot-atom form of RFC 5321, also with letters beyond ASCII (RFC 6531). No display name, no quoted part, no address literal.
    ///
    /// # Errors
    ///
    /// [`NotAnAddress`] for everything else, above all for whatever could end a header line.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_refused| NotAnAddress)?;
        let named =
            domain.split('.').count() >= 2 && !domain.ends_with('.') && domain.parse::<std::net::Ipv4Addr>().is_err();
        let fits = local.len() <= MAX_LOCAL && local.len() + 1 + domain.len() <= MAX_ADDRESS;
        let atoms = local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(is_atom));
        if named && fits && atoms {
            Ok(Self {
                local: local.to_owned(),
                domain,
            })
        } else {
            Err(NotAnAddress)
        }
    }

    /// What two spellings of one mailbox share: the letters A to Z in lower case. Other letters are compared as they are: some of
    /// them have an ASCII letter as their lower case (U+212A), and who reads mail there is somebody else. People are told apart by this and mail
    /// never goes to it.
    #[must_use]
    pub fn normalised(&self) -> String {
        format!("{}@{}", self.local.to_ascii_lowercase(), self.domain)
    }

    /// The domain, an A-label in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_spelling_and_is_compared_without() {
        let address = EmailAddress::parse("  Bonny.O'Neil+choir@Exämple.ORG ").unwrap();
        assert_eq!(address.to_string(), "Bonny.O'Neil+choir@xn--exmple-cua.org");
        assert_eq!(address.normalised(), "bonny.o'neil+choir@xn--exmple-cua.org");
        assert_eq!(address.domain(), "xn--exmple-cua.org");
        assert_eq!(EmailAddress::parse(&address.to_string()), Ok(address));
        let kelvin = EmailAddress::parse("fran\u{212a}@example.org").unwrap();
        assert_ne!(kelvin.normalised(), "frank@example.org");
    }

    #[test]
    fn what_mail_cannot_be_sent_to_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for text in [
            "",
            "@",
            "bonny",
            "@example.org",
            "bonny@",
            "bonny@localhost",
            "bonny@[127.0.0.1]",
            "bonny@127.0.0.1",
            "a b@example.org",
            "bonny@example.org\r\nBcc: all@example.org",
            "\"a b\"@example.org",
            "Bonny <bonny@example.org>",
            ".a@example.org",
            "a..b@example.org",
            "a@b@example.org",
            "bonny@exa mple.org",
            "bonny@example..org",
            "a,b@example.org",
            "a\u{202e}b@example.org",
            &long,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(NotAnAddress), "{text:?}");
        }
    }
}
