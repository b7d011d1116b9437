//! An admission token: a mail service's signed word that a device may read a mailbox. No IO.
//!
//! One form is taken and no other: a JWS in compact form (RFC 7515), `EdDSA` with Ed25519 (RFC 8037), of a type that nothing
//! else has (RFC 8725, section 3.11). What is signed is read only once the signature is good.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::{MAX_TOKEN, ServiceKey};
use crate::identity::{EmailAddress, lv};
use crate::time::Timestamp;

/// The type that a token names.
const TYPE: &str = "partyline-admission+jwt";
/// How long a token is good for at most.
const MAX_LIFE: Duration = Duration::from_secs(600);
/// How far the clocks of a service and a member may be apart.
pub(super) const CLOCK_SLACK: Duration = Duration::from_secs(120);

/// What is wrong with a token: for logs, and for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not the one form that is taken.
    #[error("not an admission token")]
    Form,
    /// Signed with another key, or changed.
    #[error("the signature does not verify")]
    Signature,
    /// Says that another service has made it.
    #[error("of another service")]
    Issuer,
    /// For another party.
    #[error("for another party")]
    Audience,
    /// For another device.
    #[error("for another device")]
    Device,
    /// Not good yet, or not any more, or for too long.
    #[error("not good at this time")]
    Time,
    /// The service has not seen that the address is read.
    #[error("the address is not verified")]
    Unverified,
    /// Of another mailbox or service than the invitation is for.
    #[error("not what the invitation pins")]
    Mailbox,
}

/// Names a token, whichever service made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenId([u8; 32]);

impl TokenId {
    #[cfg(test)]
    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// What a token with a good signature says.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) address: EmailAddress,
    /// The thumbprint of the device's key.
    pub(super) device: String,
    pub(super) id: TokenId,
    issued: Timestamp,
    expires: Timestamp,
}

impl Word {
    /// Whether it is good now, for clocks that differ a little.
    pub(super) fn is_timely(&self, now: Timestamp) -> Result<(), TokenError> {
        let is_good = self.issued <= now.plus(CLOCK_SLACK)
            && now <= self.expires.plus(CLOCK_SLACK)
            && self.issued < self.expires
            && self.expires <= self.issued.plus(MAX_LIFE);
        if is_good { Ok(()) } else { Err(TokenError::Time) }
    }
}

/// The header. A member that is there twice is an error, as in the claims; members that are not named here say nothing.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    /// Extensions that have to be understood: none is.
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    email: String,
    email_verified: bool,
    cnf: Confirmation,
    iat: u64,
    exp: u64,
    jti: String,
}

#[derive(Deserialize)]
struct Confirmation {
    jkt: String,
}

/// Reads a token that this key has signed.
pub(super) fn open(token: &str, key: &ServiceKey) -> Result<Word, TokenError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenError::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Form)?;
    let header: Header = object(header)?;
    if header.alg != "EdDSA" || header.typ != TYPE || header.crit.is_some() {
        return Err(TokenError::Form);
    }
    let signature = BASE64URL.decode(signature).or(Err(TokenError::Form))?;
    let signature = Signature::from_slice(&signature).or(Err(TokenError::Form))?;
    VerifyingKey::from_bytes(key.as_bytes())
        .and_then(|key| key.verify_strict(signed.as_bytes(), &signature))
        .or(Err(TokenError::Signature))?;
    let claims: Claims = object(claims)?;
    if !claims.email_verified {
        return Err(TokenError::Unverified);
    }
    let seconds = |seconds: u64| {
        seconds
            .checked_mul(1000)
            .map(Timestamp::from_millis)
            .ok_or(TokenError::Time)
    };
    Ok(Word {
        address: EmailAddress::parse(&claims.email).or(Err(TokenError::Form))?,
        device: claims.cnf.jkt,
        id: TokenId(Sha256::digest(lv(&[claims.iss.as_bytes(), claims.jti.as_bytes()])).into()),
        issued: seconds(claims.iat)?,
        expires: seconds(claims.exp)?,
        issuer: claims.iss,
        audience: claims.aud,
    })
}

/// A JSON object in base64url. Padding, other alphabets and bits that are left over are refused.
fn object<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, TokenError> {
    let json = BASE64URL.decode(text).or(Err(TokenError::Form))?;
    // The library would take an array of the values, too.
    if json.first() != Some(&b'{') {
        return Err(TokenError::Form);
    }
    serde_json::from_slice(&json).or(Err(TokenError::Form))
}
