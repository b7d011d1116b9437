//! What a service says about itself: where its doors are, and the key that it signs admissions with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use reqwest::{Client, Url};
use serde::Deserialize;

use super::{Issuer, http};
use crate::failure::MailTrouble;
use crate::invitation::mailbox::ServiceKey;

/// A service that has answered.
#[derive(Clone, Debug)]
pub struct Service {
    /// What it calls itself.
    pub issuer: Issuer,
    /// The key that it signs admissions with now, the last one of its list.
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
        Ok(Self {
            issuer: issuer.clone(),
            key: admission_key(&keys).ok_or(MailTrouble::NotAService)?,
            authorize: door(&said.authorization_endpoint)?,
            token: door(&said.token_endpoint)?,
            revocation: said.revocation_endpoint.as_deref().map(door).transpose()?,
        })
    }
}

/// Whatever else a web server answers in the place of a service.
fn not_a_service(trouble: MailTrouble) -> MailTrouble {
    match trouble {
        MailTrouble::Unreachable => MailTrouble::Unreachable,
        _ => MailTrouble::NotAService,
    }
}

/// The last Ed25519 key of the list: keys stand in the order in which they were made.
fn admission_key(keys: &Jwks) -> Option<ServiceKey> {
    let mut ed25519 = keys.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
    let bytes = BASE64URL.decode(&ed25519.next_back()?.x).ok()?;
    Some(ServiceKey::from_bytes(bytes.try_into().ok()?))
}
