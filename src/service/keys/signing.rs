//! The keys that sign tokens. They are read once: reading one again for every signature would cost more than the signature.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::jwt::PublicKey;
use crate::service::client::SigningAlgorithm;
use crate::service::token::base64url;

/// Keys that sign, and the public halves of all that signed before.
#[derive(Debug)]
pub struct SigningKeys {
    keys: Vec<SigningKey>,
    random: SystemRandom,
}

/// One key with its name.
pub(super) struct SigningKey {
    pair: Pair,
    public: PublicKey,
    name: String,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// A token could not be signed, because a key for its algorithm is missing or broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key signs with {}", .0.word())]
pub struct CannotSign(SigningAlgorithm);

impl SigningKey {
    /// Reads a key pair from its PKCS#8 form, none if it is not one of this algorithm.
    pub(super) fn read(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        let (pair, public) = match algorithm {
            SigningAlgorithm::Es256 => {
                let pair =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new()).ok()?;
                let public = PublicKey::Es256(pair.public_key().as_ref().to_vec());
                (Pair::Es256(pair), public)
            }
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).ok()?;
                let half = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                (Pair::Rs256(pair), PublicKey::Rs256 { n: half.n, e: half.e })
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
                let public = PublicKey::EdDsa(pair.public_key().as_ref().try_into().ok()?);
                (Pair::EdDsa(pair), public)
            }
        };
        Some(Self {
            pair,
            name: public.thumbprint(),
            public,
        })
    }

    fn sign(&self, message: &[u8], random: &SystemRandom) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::Es256(pair) => Some(pair.sign(random, message).ok()?.as_ref().to_vec()),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature).ok()?;
                Some(signature)
            }
            Pair::EdDsa(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl SigningKeys {
    /// Keys in the order of their making: of each algorithm the last one signs.
    pub(super) fn of(keys: Vec<SigningKey>) -> Self {
        Self {
            keys,
            random: SystemRandom::new(),
        }
    }

    /// A signed token in its compact form (RFC 7515, 7.1), `typ` in its header.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] if there is no key for the algorithm.
    pub fn sign(&self, algorithm: SigningAlgorithm, typ: &str, claims: &impl Serialize) -> Result<String, CannotSign> {
        let key = self.current(algorithm).ok_or(CannotSign(algorithm))?;
        self.sign_with(key, typ, claims)
    }

    /// The same by the key with this name, while it is there; else by the one that signs now.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] if there is no key for the algorithm.
    pub fn sign_by(
        &self,
        name: &str,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String, CannotSign> {
        let named = self.keys.iter().find(|key| key.name == name);
        match named.filter(|key| key.public.algorithm() == algorithm) {
            Some(key) => self.sign_with(key, typ, claims),
            None => self.sign(algorithm, typ, claims),
        }
    }

    fn sign_with(&self, key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, CannotSign> {
        let algorithm = key.public.algorithm();
        let header = json!({ "alg": algorithm.word(), "kid": key.name, "typ": typ });
        let claims = serde_json::to_vec(claims).map_err(|_unwritten| CannotSign(algorithm))?;
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims));
        let signature = key.sign(signed.as_bytes(), &self.random).ok_or(CannotSign(algorithm))?;
        Ok(format!("{signed}.{}", base64url(signature)))
    }

    /// The public half of the key that signs with this algorithm now.
    #[must_use]
    pub fn public(&self, algorithm: SigningAlgorithm) -> Option<&PublicKey> {
        self.current(algorithm).map(|key| &key.public)
    }

    /// The names (`kid`) of the keys of this algorithm, the one that signs now as the last.
    pub fn names(&self, algorithm: SigningAlgorithm) -> impl Iterator<Item = &str> {
        let of_it = self.keys.iter().filter(move |key| key.public.algorithm() == algorithm);
        of_it.map(|key| key.name.as_str())
    }

    /// The public half of the key with this name (`kid`).
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.name == name).map(|key| &key.public)
    }

    /// All public halves as a JWK set (RFC 7517, section 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys = self.keys.iter().map(|key| {
            let mut jwk = key.public.jwk();
            if let Some(members) = jwk.as_object_mut() {
                members.insert("alg".to_owned(), json!(key.public.algorithm().word()));
                members.insert("kid".to_owned(), json!(key.name));
                members.insert("use".to_owned(), json!("sig"));
            }
            jwk
        });
        json!({ "keys": keys.collect::<Vec<Value>>() })
    }

    fn current(&self, algorithm: SigningAlgorithm) -> Option<&SigningKey> {
        self.keys.iter().rev().find(|key| key.public.algorithm() == algorithm)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, <redacted>)", self.name)
    }
}
