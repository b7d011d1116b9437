//! Signed statements, JWS in its compact form (RFC 7515), and public keys as JWK (RFC 7517, 7518, 8037).

use std::fmt;

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::service::client::SigningAlgorithm;
use crate::service::token::{base64url, from_base64url};

/// The longest token that is read, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// A public key that tokens are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// P-256: the uncompressed point, 65 bytes.
    Es256(Vec<u8>),
    /// RSA: modulus and exponent, big-endian.
    Rs256 {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// Ed25519: 32 bytes.
    EdDsa([u8; 32]),
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It has not the form of a token, or is too long.
    #[error("not a token")]
    Form,
    /// Its algorithm is not the key's.
    #[error("its algorithm is not the one that this key is for")]
    Algorithm,
    /// Its signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Its header or claims miss something.
    #[error("it misses something, or says it in another form")]
    Claims,
}

/// A token taken apart, before anybody believes it.
pub struct SignedClaims<'a> {
    header: Value,
    signed: &'a str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

impl fmt::Debug for SignedClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedClaims(<redacted>)")
    }
}

impl<'a> SignedClaims<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`JwtError::Form`].
    pub fn read(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > MAX_TOKEN {
            return Err(JwtError::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Form)?;
        let header = from_base64url(header).ok_or(JwtError::Form)?;
        Ok(Self {
            header: serde_json::from_slice(&header).map_err(|_unread| JwtError::Form)?,
            signed,
            claims: from_base64url(claims).ok_or(JwtError::Form)?,
            signature: from_base64url(signature).ok_or(JwtError::Form)?,
        })
    }

    /// A member of the header, if it is a text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// The key in the header, member `jwk` (RFC 7515, 4.1.3): whoever holds it made the token, nothing more.
    ///
    /// # Errors
    ///
    /// [`JwtError::Claims`] if there is none that is understood.
    pub fn own_key(&self) -> Result<PublicKey, JwtError> {
        self.header
            .get("jwk")
            .and_then(PublicKey::from_jwk)
            .ok_or(JwtError::Claims)
    }

    /// The claims, if `key` signed them with its own algorithm.
    ///
    /// # Errors
    ///
    /// [`JwtError`].
    pub fn verified<T: DeserializeOwned>(&self, key: &PublicKey) -> Result<T, JwtError> {
        if self.header("alg") != Some(key.algorithm().word()) {
            return Err(JwtError::Algorithm);
        }
        // What must be understood and is not (RFC 7515, 4.1.11).
        if self.header.get("crit").is_some() {
            return Err(JwtError::Claims);
        }
        key.verify(self.signed.as_bytes(), &self.signature)?;
        serde_json::from_slice(&self.claims).map_err(|_unread| JwtError::Claims)
    }
}

impl PublicKey {
    /// The algorithm it is for. A key never serves two.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Es256(_) => SigningAlgorithm::Es256,
            Self::Rs256 { .. } => SigningAlgorithm::Rs256,
            Self::EdDsa(_) => SigningAlgorithm::EdDsa,
        }
    }

    /// The members that RFC 7638 (3.2) names, and no others.
    #[must_use]
    pub fn jwk(&self) -> Value {
        match self {
            Self::Es256(point) => {
                let (x, y) = point
                    .get(1..)
                    .and_then(|xy| xy.split_at_checked(32))
                    .unwrap_or_default();
                json!({ "crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y) })
            }
            Self::Rs256 { n, e } => json!({ "e": base64url(e), "kty": "RSA", "n": base64url(n) }),
            Self::EdDsa(x) => json!({ "crv": "Ed25519", "kty": "OKP", "x": base64url(x) }),
        }
    }

    /// Reads a JWK; none if it is of another kind, or holds a private key.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        if jwk.get("d").is_some() {
            return None;
        }
        let text = |name| jwk.get(name).and_then(Value::as_str);
        let bytes = |name| text(name).and_then(from_base64url);
        match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                let fits = x.len() == 32 && y.len() == 32;
                fits.then(|| Self::Es256([&[4][..], &x, &y].concat()))
            }
            ("RSA", _) => Some(Self::Rs256 {
                n: bytes("n")?,
                e: bytes("e")?,
            }),
            ("OKP", Some("Ed25519")) => Some(Self::EdDsa(bytes("x")?.try_into().ok()?)),
            _ => None,
        }
    }

    /// Its thumbprint, base64url of SHA-256 (RFC 7638): the name of a key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // serde_json writes the members of a map in the order of their names, without spaces: the form that RFC 7638 asks for.
        base64url(Sha256::digest(self.jwk().to_string()))
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let checked = match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature),
            Self::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        };
        checked.map_err(|_wrong| JwtError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprints_of_the_documents_come_out() {
        // RFC 8037, appendix A.3.
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let key = PublicKey::from_jwk(&jwk).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn the_signed_statement_of_rfc_8037_is_believed_and_no_other() {
        // RFC 8037, appendix A.4.
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let key = PublicKey::from_jwk(&jwk).unwrap();
        let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
            hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let read = SignedClaims::read(token).unwrap();
        // Its claims are no JSON, which is found only after its signature was right.
        assert_eq!(read.verified::<Value>(&key), Err(JwtError::Claims));
        let changed = token.replace("RXhh", "RXhi");
        assert_eq!(
            SignedClaims::read(&changed).unwrap().verified::<Value>(&key),
            Err(JwtError::Signature)
        );
        let none = format!(
            "{}.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
            base64url(r#"{"alg":"none"}"#)
        );
        assert_eq!(
            SignedClaims::read(&none).unwrap().verified::<Value>(&key),
            Err(JwtError::Algorithm)
        );
        for wrong in ["", ".", "..", "a.b.c", "e30.e30"] {
            assert!(
                SignedClaims::read(wrong)
                    .and_then(|read| read.verified::<Value>(&key))
                    .is_err(),
                "{wrong}"
            );
        }
    }
}
