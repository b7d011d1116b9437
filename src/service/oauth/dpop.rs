//! Proof that the sender of a request holds a key: `DPoP`, RFC 9449.
//!
//! A proof counts for the request it names, once, for five minutes. Its time is what it says itself or, if it carries a nonce of ours, what
//! the nonce says: so a machine whose clock is wrong gets in with the second try.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::service::client::SigningAlgorithm;
use crate::service::database::{Connection, DatabaseError, replayed};
use crate::service::http::{OAuthError, Refusal};
use crate::service::keys::{MacKeys, SignedClaims};
use crate::service::state::Service;
use crate::service::token::{base64url, from_base64url};
use crate::time::Timestamp;

/// How old a proof may be.
pub(super) const MAX_AGE: Duration = Duration::from_secs(300);

/// How far ahead the clock of its maker may be.
const MAX_AHEAD: Duration = Duration::from_secs(60);

/// The longest name of a proof that is taken, in bytes.
const MAX_JTI: usize = 256;

/// The header that carries a proof.
pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The header that hands out a nonce.
pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The request that a proof is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path on this service.
    pub path: &'a str,
}

/// A proof that holds, but for whether it was seen before ([`is_new`](Self::is_new)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// The thumbprint of its key.
    pub jkt: String,
    /// What kind of key that is.
    pub algorithm: SigningAlgorithm,
    name: String,
    end: Timestamp,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProofError {
    /// What is wrong with it.
    Wrong(&'static str),
    /// It has to carry a nonce that was handed out a moment ago.
    Nonce,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// The proof of a request, if it carries one. With an access token it has to name that.
///
/// # Errors
///
/// [`ProofError`].
pub(super) fn read(
    service: &Service,
    headers: &HeaderMap,
    target: Target<'_>,
    access_token: Option<&str>,
    now: Timestamp,
) -> Result<Option<Proof>, ProofError> {
    let mut sent = headers.get_all(DPOP).into_iter();
    let Some(header) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(ProofError::Wrong("There are two DPoP headers."));
    }
    let wrong = ProofError::Wrong;
    let text = header
        .to_str()
        .map_err(|_other| wrong("The DPoP proof is not a token."))?;
    let token = SignedClaims::read(text).map_err(|_form| wrong("The DPoP proof is not a token."))?;
    if token.header("typ") != Some("dpop+jwt") {
        return Err(wrong("The DPoP proof is not of the type dpop+jwt."));
    }
    let key = token
        .own_key()
        .map_err(|_none| wrong("The DPoP proof names no public key of P-256, Ed25519 or RSA."))?;
    let claims: Claims = token
        .verified(&key)
        .map_err(|_broken| wrong("The signature of the DPoP proof is wrong, or a claim is missing."))?;
    if claims.htm != target.method.as_str() || !is_here(&service.config.issuer, target.path, &claims.htu) {
        return Err(wrong("The DPoP proof is for another request."));
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        return Err(wrong("The DPoP proof has no jti of at most 256 bytes."));
    }
    if let Some(token) = access_token {
        let ath = base64url(Sha256::digest(token.as_bytes()));
        let is_its = claims
            .ath
            .is_some_and(|said| said.as_bytes().ct_eq(ath.as_bytes()).into());
        if !is_its {
            return Err(wrong("The DPoP proof is for another access token."));
        }
    }
    let made = match claims.nonce {
        Some(nonce) => made_at(&service.keys.links, &nonce).filter(|made| is_recent(*made, now)),
        None => millis_of(claims.iat).filter(|made| is_recent(*made, now)),
    };
    let made = made.ok_or(ProofError::Nonce)?;
    let jkt = key.thumbprint();
    Ok(Some(Proof {
        algorithm: key.algorithm(),
        name: base64url(Sha256::digest(format!("{jkt}\0{}", claims.jti).as_bytes())),
        end: made.plus(MAX_AGE),
        jkt,
    }))
}

impl Proof {
    /// Whether it is seen for the first time; from now on it is not.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Failed`].
    pub(super) async fn is_new(&self, connection: &mut Connection) -> Result<bool, DatabaseError> {
        replayed::is_new(connection, &self.name, self.end).await
    }
}

impl ProofError {
    /// The refusal of a token request; `use_dpop_nonce` brings a nonce with it (RFC 9449, section 8).
    #[must_use]
    pub(super) fn refusal(self, service: &Service, now: Timestamp) -> Refusal {
        match self {
            Self::Wrong(what) => Refusal::new(OAuthError::InvalidDpopProof, what),
            Self::Nonce => {
                let what = "Put the nonce of the DPoP-Nonce header into the proof.";
                Refusal::new(OAuthError::UseDpopNonce, what).with(DPOP_NONCE, nonce(&service.keys.links, now))
            }
        }
    }
}

/// A nonce of this moment: 8 bytes of milliseconds and a code over them, so that nothing needs to be kept of it.
#[must_use]
pub(super) fn nonce(keys: &MacKeys, now: Timestamp) -> HeaderValue {
    let time = now.as_millis().to_be_bytes();
    let (number, code) = keys.code(&nonce_text(&time));
    let text = base64url([&time[..], &[number], &code].concat());
    // base64url.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// When a nonce was handed out, if it was.
fn made_at(keys: &MacKeys, nonce: &str) -> Option<Timestamp> {
    let bytes = from_base64url(nonce)?;
    let (time, rest) = bytes.split_first_chunk::<8>()?;
    let (number, code) = rest.split_first()?;
    let proven = keys.proves(*number, &nonce_text(time), code);
    proven.then(|| Timestamp::from_millis(u64::from_be_bytes(*time)))
}

fn nonce_text(time: &[u8; 8]) -> Vec<u8> {
    [b"dpop-nonce/1\0".as_slice(), time].concat()
}

fn is_recent(made: Timestamp, now: Timestamp) -> bool {
    made <= now.plus(MAX_AHEAD) && now <= made.plus(MAX_AGE)
}

fn millis_of(seconds: i64) -> Option<Timestamp> {
    let millis = u64::try_from(seconds).ok()?.checked_mul(1000)?;
    Some(Timestamp::from_millis(millis))
}

/// Whether `said` is the address of `path` on this service, compared as RFC 3986 does, without query and fragment (RFC 9449, 4.3).
fn is_here(issuer: &str, path: &str, said: &str) -> bool {
    let (Ok(here), Ok(mut said)) = (Url::parse(&format!("{issuer}{path}")), Url::parse(said)) else {
        return false;
    };
    said.set_query(None);
    said.set_fragment(None);
    here == said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::string_slice, reason = "what is cut is ASCII")]
    fn a_nonce_tells_when_it_was_handed_out_and_only_to_its_maker() {
        let (keys, others) = (MacKeys::of(&[[1; 32]]), MacKeys::of(&[[2; 32]]));
        let now = Timestamp::from_millis(1_767_225_600_123);
        let text = nonce(&keys, now);
        let text = text.to_str().unwrap();
        assert_eq!(made_at(&keys, text), Some(now));
        assert_eq!(made_at(&others, text), None);
        for wrong in ["", "AAAA", &text[1..], &text.replace(&text[..4], "BBBB")] {
            assert_eq!(made_at(&keys, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_proof_names_its_request_however_it_spells_the_address() {
        let here = |said| is_here("https://invite.example.org", "/oauth/token", said);
        assert!(here("https://invite.example.org/oauth/token"));
        assert!(here("HTTPS://Invite.Example.org:443/oauth/token?a#b"));
        for other in [
            "https://invite.example.org/oauth/token/",
            "http://invite.example.org/oauth/token",
            "https://invite.example.org/oauth/userinfo",
            "https://other.example.org/oauth/token",
            "/oauth/token",
            "",
        ] {
            assert!(!here(other), "{other}");
        }
    }

    #[test]
    fn a_proof_is_good_for_five_minutes() {
        let now = Timestamp::from_millis(1_000_000_000);
        let at = |seconds: i64| millis_of(1_000_000 + seconds).unwrap();
        assert!(is_recent(at(0), now) && is_recent(at(-300), now) && is_recent(at(60), now));
        assert!(!is_recent(at(-301), now) && !is_recent(at(61), now));
        assert_eq!((millis_of(-1), millis_of(i64::MAX)), (None, None));
    }
}
