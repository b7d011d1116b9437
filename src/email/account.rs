//! How this person is known at a service.

use std::fmt;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::Issuer;

/// The version of the bytes.
const VERSION: u8 = 1;

/// A person's account at a service, as it is on disk, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which service.
    pub issuer: Issuer,
    /// What this person shows there.
    pub credential: Credential,
    /// Who they are there: an address, or the name of a client.
    pub name: String,
}

/// What opens an account.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// The person has signed in: with this, which each use exchanges for another one, the service gives tokens to this machine.
    SignedIn {
        /// The refresh token.
        refresh: Zeroizing<String>,
    },
    /// Whoever runs the service has made a client of their own for the person.
    Client {
        /// The client's id.
        id: String,
        /// Its secret.
        secret: Zeroizing<String>,
    },
}

impl Account {
    /// The bytes to store, sealed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let (kind, id, secret) = match &self.credential {
            Credential::SignedIn { refresh } => (0, "", refresh),
            Credential::Client { id, secret } => (1, id.as_str(), secret),
        };
        // Room for everything, so that no half-written copy of the secret is left behind by a growing vector.
        let room = 64 + self.issuer.as_str().len() + self.name.len() + id.len() + secret.len();
        let mut e = Encoder::new(Vec::with_capacity(room));
        let written = e.array(6).and_then(|e| {
            e.u8(VERSION)?.str(self.issuer.as_str())?.str(&self.name)?;
            e.u8(kind)?.str(id)?.str(secret)
        });
        #[expect(clippy::expect_used, reason = "a Vec takes every byte")]
        written.expect("writing to memory");
        Zeroizing::new(e.into_writer())
    }

    /// Reads stored bytes. None for bytes that [`Self::encode`] did not make.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::new(bytes);
        if d.array().ok()? != Some(6) || d.u8().ok()? != VERSION {
            return None;
        }
        let issuer = Issuer::parse(d.str().ok()?).ok()?;
        let name = d.str().ok()?.to_owned();
        let (kind, id, secret) = (d.u8().ok()?, d.str().ok()?.to_owned(), d.str().ok()?.to_owned());
        let secret = Zeroizing::new(secret);
        let credential = match kind {
            0 => Credential::SignedIn { refresh: secret },
            1 => Credential::Client { id, secret },
            _ => return None,
        };
        let account = Self {
            issuer,
            credential,
            name,
        };
        (*account.encode() == bytes).then_some(account)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedIn { .. } => "SignedIn(<redacted>)",
            Self::Client { .. } => "Client(<redacted>)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_stored_and_damaged_bytes_are_refused() {
        let secret = || Zeroizing::new("pls_s3cr3t".to_owned());
        let client = Credential::Client {
            id: "choir".to_owned(),
            secret: secret(),
        };
        for credential in [Credential::SignedIn { refresh: secret() }, client] {
            let account = Account {
                issuer: Issuer::parse("invite.example.org").expect("a service"),
                credential,
                name: "ann@example.org".to_owned(),
            };
            let bytes = account.encode();
            assert_eq!(Account::decode(&bytes), Some(account.clone()));
            for end in 0..bytes.len() {
                assert_eq!(Account::decode(&bytes[..end]), None);
            }
            assert!(!format!("{account:?}").contains("s3cr3t"));
        }
    }
}
