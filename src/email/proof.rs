//! Proof that a request comes from the machine that a token is bound to: `DPoP`, RFC 9449.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use rand::Rng as _;
use reqwest::Url;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::identity::Keys;
use crate::invitation::mailbox::jwk;
use crate::time::Timestamp;

/// What one request proves beside who sends it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown<'a> {
    /// The access token that goes with it.
    pub(super) token: Option<&'a str>,
    /// What the service wants to see.
    pub(super) nonce: Option<&'a str>,
}

/// The proof for one request.
pub(super) fn dpop(keys: &Keys, method: &str, url: &Url, now: Timestamp, shown: Shown<'_>) -> String {
    let mut target = url.clone();
    target.set_query(None);
    target.set_fragment(None);
    let mut claims = json!({ "jti": random(), "htm": method, "htu": target.as_str(), "iat": now.as_secs() });
    if let Some(members) = claims.as_object_mut() {
        let hash = shown.token.map(|token| BASE64URL.encode(Sha256::digest(token)));
        members.extend(hash.map(|hash| ("ath".to_owned(), json!(hash))));
        members.extend(shown.nonce.map(|nonce| ("nonce".to_owned(), json!(nonce))));
    }
    let key = jwk(keys.endpoint.id().as_bytes());
    let header = format!(r#"{{"alg":"EdDSA","typ":"dpop+jwt","jwk":{key}}}"#);
    keys.endpoint.sign_jws(&header, &claims.to_string())
}

/// 32 random bytes in base64url, 43 characters: a verifier, a state, a name of a proof.
pub(super) fn random() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    BASE64URL.encode(bytes)
}
