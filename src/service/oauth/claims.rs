//! What our tokens say: access tokens (RFC 9068), ID tokens (OpenID Connect Core, section 2) and admission tokens.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::scope;
use crate::service::client::{OAuthClient, SigningAlgorithm};
use crate::service::invitation::InvitedParty;
use crate::service::keys::{CannotSign, SignedClaims};
use crate::service::state::Service;
use crate::service::token::new_opaque_id;
use crate::time::Timestamp;

/// How long an access token and an ID token are good for.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// How long an admission token is good for.
pub(super) const ADMISSION_LIFE: Duration = Duration::from_secs(600);

/// The type of an access token (RFC 9068, 2.1).
pub(super) const ACCESS_TYPE: &str = "at+jwt";

/// The type of an ID token.
const ID_TYPE: &str = "JWT";

/// The type of an admission token.
pub(super) const ADMISSION_TYPE: &str = "partyline-admission+jwt";

/// Who may do what, in the name of whom: what all tokens of one code share.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// The client that asks.
    pub client_id: String,
    /// The person.
    pub sub: String,
    /// Their address, as it was given.
    pub email: String,
    /// Whether they read a mail there. Not if a client passed the link on by itself.
    pub email_verified: bool,
    /// What the tokens are good for.
    pub scope: String,
    /// The family of the tokens.
    pub family: String,
    /// The thumbprint of the key that has to ask, if there is one.
    pub jkt: Option<String>,
    /// When the person proved the address.
    pub auth_time: Timestamp,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({}, <redacted>)", self.client_id)
    }
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccessClaims {
    /// This service.
    pub iss: String,
    /// Who it is for: this service and the client, so that another client can tell that it is none of its own.
    pub aud: Vec<String>,
    /// The person.
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// What it is good for.
    pub scope: String,
    /// When it was made, seconds.
    pub iat: u64,
    /// When it ends, seconds.
    pub exp: u64,
    /// When the person proved the address, seconds.
    pub auth_time: u64,
    /// Its name: the family, a point, 22 characters.
    pub jti: String,
    /// The key that has to send it (RFC 7800).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// The key that has to send a token (RFC 9449, 6.1).
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Confirmation {
    /// Its thumbprint.
    pub jkt: String,
}

/// The claims of an ID token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IdClaims {
    /// This service.
    pub iss: String,
    /// The client.
    pub aud: String,
    /// The person.
    pub sub: String,
    /// When it was made, seconds.
    pub iat: u64,
    /// When it ends, seconds.
    pub exp: u64,
    /// When the person proved the address, seconds.
    pub auth_time: u64,
    /// What the client had sent. Left out when it had sent none: some clients refuse a null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The address, with the scope for it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailClaims>,
}

/// An address, and how good it is (OpenID Connect Core, 5.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailClaims {
    /// The address, as it was given.
    pub email: String,
    /// Whether the person read a mail there.
    pub email_verified: bool,
}

impl std::fmt::Debug for EmailClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailClaims(<redacted>)")
    }
}

impl IdClaims {
    /// What an ID token of ours said, also after its end: a client hands it back to say whom it means.
    #[must_use]
    pub(super) fn of_hint(service: &Service, hint: &str) -> Option<Self> {
        let token = SignedClaims::read(hint).ok()?;
        let key = service.keys.signing.named(token.header("kid")?)?;
        let claims: Self = token.verified(key).ok()?;
        (token.header("typ") == Some(ID_TYPE) && claims.iss == service.config.issuer).then_some(claims)
    }
}

#[derive(Serialize)]
struct AdmissionClaims<'a> {
    iss: &'a str,
    aud: String,
    sub: &'a str,
    email: &'a str,
    email_verified: bool,
    invitation: &'a str,
    cnf: Confirmation,
    iat: u64,
    exp: u64,
    jti: String,
}

impl Grant {
    /// The person's address, if the tokens are good for it.
    #[must_use]
    pub fn email_claims(&self) -> Option<EmailClaims> {
        scope::has(&self.scope, scope::EMAIL).then(|| EmailClaims {
            email: self.email.clone(),
            email_verified: self.email_verified,
        })
    }

    /// An access token.
    ///
    /// # Errors
    ///
    /// [`CannotSign`].
    pub fn access_token(
        &self,
        service: &Service,
        algorithm: SigningAlgorithm,
        now: Timestamp,
    ) -> Result<String, CannotSign> {
        let claims = AccessClaims {
            iss: service.config.issuer.clone(),
            aud: vec![service.config.issuer.clone(), self.client_id.clone()],
            sub: self.sub.clone(),
            client_id: self.client_id.clone(),
            scope: self.scope.clone(),
            iat: now.as_secs(),
            exp: now.plus(TOKEN_LIFE).as_secs(),
            auth_time: self.auth_time.as_secs(),
            jti: format!("{}.{}", self.family, new_opaque_id(&mut rand::rng())),
            cnf: self.jkt.clone().map(|jkt| Confirmation { jkt }),
        };
        service.keys.signing.sign(algorithm, ACCESS_TYPE, &claims)
    }

    /// An ID token, if the tokens are good for one.
    ///
    /// # Errors
    ///
    /// [`CannotSign`].
    pub fn id_token(
        &self,
        service: &Service,
        client: &OAuthClient,
        nonce: Option<String>,
        now: Timestamp,
    ) -> Result<Option<String>, CannotSign> {
        if !scope::has(&self.scope, scope::OPENID) {
            return Ok(None);
        }
        let claims = IdClaims {
            iss: service.config.issuer.clone(),
            aud: client.id.clone(),
            sub: self.sub.clone(),
            iat: now.as_secs(),
            exp: now.plus(TOKEN_LIFE).as_secs(),
            auth_time: self.auth_time.as_secs(),
            nonce,
            email: self.email_claims(),
        };
        service.keys.signing.sign(client.algorithm, ID_TYPE, &claims).map(Some)
    }

    /// The word of this service, for the members of a party, that the holder of the Ed25519 key `jkt` reads mail at the address. By the key that
    /// the party's log pins, as long as it is here.
    ///
    /// # Errors
    ///
    /// [`CannotSign`].
    pub fn admission_token(
        &self,
        service: &Service,
        party: &InvitedParty,
        jkt: &str,
        now: Timestamp,
    ) -> Result<String, CannotSign> {
        let claims = AdmissionClaims {
            iss: &service.config.issuer,
            aud: format!("partyline:{}", party.party_ref),
            sub: &self.sub,
            email: &self.email,
            email_verified: self.email_verified,
            invitation: &party.invitation,
            cnf: Confirmation { jkt: jkt.to_owned() },
            iat: now.as_secs(),
            exp: now.plus(ADMISSION_LIFE).as_secs(),
            jti: new_opaque_id(&mut rand::rng()),
        };
        service
            .keys
            .signing
            .sign_by(&party.key, SigningAlgorithm::EdDsa, ADMISSION_TYPE, &claims)
    }
}
