//! What a service says about itself: where its doors are, and the key that it signs admissions with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use reqwest::{Client, Url};
use serde::Deserialize;

use super::{Issuer, http};
use crate::failure::MailTrouble;
use crate::identity::EmailAddress;
use crate::invitation::mailbox::{MailKey, ServiceKey};

/// A service that has answered.
#[derive(Clone, Debug)]
pub struct Service {
    /// What it calls itself.
    pub issuer: Issuer,
    /// The keys that it has signed admissions with, by the names that it gives them, in the order in which they were made.
    keys: Vec<(Option<String>, ServiceKey)>,
    /// The one that it signs with now, the last of them.
    pub key: ServiceKey,
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) revocation: Option<Url>,
}

/// As OpenID Connect Discovery 1.0 and RFC 8414 have it.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    kid: Option<String>,
}

/// What a token says about itself.
#[derive(Deserialize)]
struct Header {
    kid: Option<String>,
}

impl Service {
    /// Asks a service about itself.
    pub(super) async fn meet(client: &Client, issuer: &Issuer) -> Result<Self, MailTrouble> {
        let url = issuer.at("/.well-known/openid-configuration")?;
        let said: Metadata = http::send(client.get(url)).await?.json().map_err(not_a_service)?;
        // A service speaks for itself and for no other one (RFC 8414, section 3.3).
        if Issuer::parse(&said.issuer).as_ref() != Ok(issuer) {
            return Err(MailTrouble::NotAService);
        }
        let door = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| issuer.may_name(url));
            url.ok_or(MailTrouble::NotAService)
        };
        let keys: Jwks = http::send(client.get(door(&said.jwks_uri)?))
            .await?
            .json()
            .map_err(not_a_service)?;
        let keys = admission_keys(&keys);
        Ok(Self {
            issuer: issuer.clone(),
            key: keys.last().ok_or(MailTrouble::NotAService)?.1,
            keys,
            authorize: door(&said.authorization_endpoint)?,
            token: door(&said.token_endpoint)?,
            revocation: said.revocation_endpoint.as_deref().map(door).transpose()?,
        })
    }

    /// The key that has signed a token, by what the token says: an invitation pins the one that was the last when it was made. What is no
    /// token, or names none of them, counts as signed by the last.
    pub(super) fn key_of(&self, token: &str) -> ServiceKey {
        let kid = kid_of(token);
        let named = self.keys.iter().find(|(name, _)| kid.is_some() && *name == kid);
        named.map_or(self.key, |(_, key)| *key)
    }

    /// The name of the key that the log pins, if it has one.
    ///
    /// # Errors
    /// [`MailTrouble::Refused`] if the service has none of them any more: nobody could come in by such an invitation.
    pub(super) fn name_of_pinned(
        &self,
        (bind, opens): &([u8; 32], MailKey),
        address: &EmailAddress,
    ) -> Result<Option<&str>, MailTrouble> {
        let is_pinned = |key: &ServiceKey| opens.bind(self.issuer.as_str(), key, address) == *bind;
        let pinned = self.keys.iter().find(|(_, key)| is_pinned(key));
        let (name, _) = pinned.ok_or(MailTrouble::Refused)?;
        Ok(name.as_deref())
    }
}

fn kid_of(token: &str) -> Option<String> {
    let header = BASE64URL.decode(token.split('.').next()?).ok()?;
    let header: Header = serde_json::from_slice(&header).ok()?;
    header.kid
}

/// Whatever else a web server answers in the place of a service.
fn not_a_service(trouble: MailTrouble) -> MailTrouble {
    match trouble {
        MailTrouble::Unreachable => MailTrouble::Unreachable,
        _ => MailTrouble::NotAService,
    }
}

/// The Ed25519 keys of the list, in its order.
fn admission_keys(keys: &Jwks) -> Vec<(Option<String>, ServiceKey)> {
    let ed25519 = keys.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
    let read = |key: &Jwk| {
        let bytes = BASE64URL.decode(&key.x).ok()?;
        Some((key.kid.clone(), ServiceKey::from_bytes(bytes.try_into().ok()?)))
    };
    ed25519.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_the_key_that_it_names() {
        let key = |byte: u8| ServiceKey::from_bytes([byte; 32]);
        let door = Url::parse("https://invite.example.org/x").expect("a URL");
        let service = Service {
            issuer: Issuer::parse("invite.example.org").expect("a service"),
            keys: vec![
                (None, key(1)),
                (Some("old".to_owned()), key(2)),
                (Some("new".to_owned()), key(3)),
            ],
            key: key(3),
            authorize: door.clone(),
            token: door,
            revocation: None,
        };
        for (header, byte) in [
            (r#"{"kid":"old"}"#, 2),
            (r#"{"kid":"new"}"#, 3),
            (r#"{"kid":"none"}"#, 3),
            (r#"{"alg":"EdDSA"}"#, 3),
            ("no header", 3),
        ] {
            let token = format!("{}.e30.x", BASE64URL.encode(header));
            assert_eq!(service.key_of(&token), key(byte), "{header}");
        }
        assert_eq!(service.key_of(""), key(3));
    }
}
