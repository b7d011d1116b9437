//! Who reads a mailbox: what an invitation pins of it, and how any member checks a mail service's word for it, also while
//! nobody can ask the service (PROTOCOL.md, "By e-mail"). No IO.
//!
//! ```text
//! inviter:  address, service key --bind--> the log            invitee:  admission token --Attestation--> Join
//! member:   bind in the log, Attestation, the endpoint that TLS authenticated --check--> TokenId
//! ```

mod order;
mod proof;
mod token;
mod used;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::identity::{EmailAddress, EndpointId, lv, parts};
use crate::party::PartyId;
use crate::time::Timestamp;

pub use order::{MAX_SERVICE_ID, MailOrder, MailStage, Told};
pub use proof::MailProof;
pub use token::{TokenError, TokenId};
pub use used::UsedTokens;

/// The longest issuer of a mail service, in bytes.
pub const MAX_ISSUER: usize = 255;

/// The longest admission token, in bytes.
pub const MAX_TOKEN: usize = 3072;

/// The longest link that opens the program, in bytes.
pub const MAX_APP_LINK: usize = 2048;

/// What a link begins with by which an invitation service's page opens the program: a scheme of its own, in the form that RFC 8252
/// (section 7.1) asks for.
const APP_LINK: &str = "org.partyline.app:/accept";

/// Whether a text is a link by which an invitation service's page opens the program, by how it begins. What is wrong with it is
/// told when it is read.
#[must_use]
pub fn is_app_link(text: &str) -> bool {
    let start = text.get(..APP_LINK.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(APP_LINK))
        && text.len() <= MAX_APP_LINK
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The public half of the key with which a mail service signs admission tokens: Ed25519, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceKey([u8; 32]);

impl ServiceKey {
    /// The key of these bytes. Whether it is a key at all shows when it verifies something.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its name among JSON web keys.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of(&self.0)
    }
}

/// The name of an Ed25519 key among JSON web keys: SHA-256 of its members in the order of RFC 7638, as RFC 8037 has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// That of a device's key on the network: tokens are bound to it.
    #[must_use]
    pub fn of_endpoint(endpoint: EndpointId) -> Self {
        Self::of(endpoint.as_bytes())
    }

    fn of(key: &[u8; 32]) -> Self {
        Self(Sha256::digest(jwk(key)).into())
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it stands in tokens: base64url without padding.
    #[must_use]
    pub fn text(&self) -> String {
        BASE64URL.encode(self.0)
    }
}

/// An Ed25519 key as a JSON web key, its members in the order of RFC 7638.
#[must_use]
pub fn jwk(key: &[u8; 32]) -> String {
    format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, BASE64URL.encode(key))
}

/// Hides an address in the log: derived from the code's secret, so that only who has the code, or was shown this key, can test
/// an address against it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailKey(Zeroizing<[u8; 32]>);

impl MailKey {
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What the log pins: `SHA-256(lv("party-mail/1", issuer, thumbprint, HMAC-SHA256(key, address)))`.
    #[must_use]
    pub fn bind(&self, issuer: &str, service: &ServiceKey, address: &EmailAddress) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref()).expect("a key");
        mac.update(address.normalised().as_bytes());
        let hidden = mac.finalize().into_bytes();
        let pinned = lv(&[
            b"party-mail/1",
            issuer.as_bytes(),
            service.thumbprint().as_bytes(),
            &hidden,
        ]);
        Sha256::digest(pinned).into()
    }
}

impl fmt::Debug for MailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailKey(<redacted>)")
    }
}

/// What a party calls itself towards a mail service: `partyline:` and base64url of SHA-256 of its id. Keys and topics derive
/// from the id, and the service learns none of them.
#[must_use]
pub fn party_reference(party: PartyId) -> String {
    BASE64URL.encode(Sha256::digest(party.as_bytes()))
}

/// What an invitee shows to a member in place of a PIN: a mail service's word, and what it takes to compare it with the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Opens the address in the log. Whoever sees it learns the address from the token anyway.
    pub key: MailKey,
    /// The service's name for itself: its URL.
    pub issuer: String,
    /// The key that has signed the token.
    pub service: ServiceKey,
    /// The admission token: a JWS in compact form.
    pub token: String,
}

impl Attestation {
    /// The bytes in a `Join`: `lv(key, issuer, service, token)`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        lv(&[
            self.key.0.as_ref(),
            self.issuer.as_bytes(),
            self.service.as_bytes(),
            self.token.as_bytes(),
        ])
    }

    /// Reads the bytes of a `Join`. None for anything that [`Self::encode`] does not make, or beyond [`MAX_ISSUER`] and
    /// [`MAX_TOKEN`].
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let [key, issuer, service, token] = parts(bytes)?;
        if issuer.len() > MAX_ISSUER || token.len() > MAX_TOKEN {
            return None;
        }
        Some(Self {
            key: MailKey::from_bytes(key.try_into().ok()?),
            issuer: str::from_utf8(issuer).ok()?.to_owned(),
            service: ServiceKey::from_bytes(service.try_into().ok()?),
            token: str::from_utf8(token).ok()?.to_owned(),
        })
    }

    /// Whether the service that the log pins says now that the device at this endpoint may read the mailbox that the log pins,
    /// for this party.
    ///
    /// # Errors
    /// [`TokenError`] says what is wrong: for logs.
    pub fn check(
        &self,
        bind: &[u8; 32],
        party: PartyId,
        endpoint: EndpointId,
        now: Timestamp,
    ) -> Result<TokenId, TokenError> {
        let word = token::open(&self.token, &self.service)?;
        let holds = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
        holds(word.issuer == self.issuer, TokenError::Issuer)?;
        holds(
            word.audience == format!("partyline:{}", party_reference(party)),
            TokenError::Audience,
        )?;
        holds(
            word.device == Thumbprint::of_endpoint(endpoint).text(),
            TokenError::Device,
        )?;
        word.is_timely(now)?;
        let pinned = self.key.bind(&self.issuer, &self.service, &word.address);
        holds(pinned == *bind, TokenError::Mailbox)?;
        Ok(word.id)
    }
}

impl fmt::Debug for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attestation(<redacted>)")
    }
}

#[cfg(test)]
mod tests;
