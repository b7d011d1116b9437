//! What the stories have in common: invitations, codes, requests for tokens, and a key that proves itself.

use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey};
use partyline::identity::EmailAddress;
use partyline::service::database::sessions::Session;
use partyline::service::database::subjects::Word;
use partyline::service::database::{invitations, query_scalar, subjects};
use partyline::service::invitation::{DEFAULT_TTL, Delivery, Invitation, InvitedParty, ResponseMode, Sends};
use partyline::service::oauth::codes::{self, Terms};
use partyline::service::status::Status;
use partyline::service::token::{base64url, from_base64url, new_id, new_opaque_id};
use partyline::time::Timestamp;
use reqwest::Response;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::REDIRECT;
use crate::support::{SECRET, Served};

pub(crate) const BONNY: &str = "bonny@example.com";

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An invitation of Bonny by this client.
pub(crate) fn invitation(client: &str, now: Timestamp) -> Invitation {
    Invitation {
        id: new_id(now, &mut rand::rng()),
        client_id: client.to_owned(),
        inviter_sub: None,
        email: Some(EmailAddress::parse(BONNY).unwrap()),
        redirect_uri: REDIRECT.to_owned(),
        response_mode: ResponseMode::Query,
        state: None,
        delivery: Delivery::Direct,
        sends: Sends::Email,
        template_alias: "invite".to_owned(),
        locale: "en".to_owned(),
        template_data: "{}".to_owned(),
        app_data: None,
        party: None,
        scope: "openid email".to_owned(),
        nonce: None,
        code_challenge: None,
        status: Status::Sent,
        generation: 0,
        send_count: 1,
        ttl: DEFAULT_TTL,
        created_at: now,
        expires_at: now.plus(DEFAULT_TTL),
        first_sent_at: None,
        opened_at: None,
        accepted_at: None,
        ended_at: None,
        last_smtp: None,
    }
}

/// The same into a party.
pub(crate) fn into_party(mut invitation: Invitation) -> Invitation {
    invitation.party = Some(InvitedParty {
        invitation: "0123456789abcdef".to_owned(),
        party_ref: "cGFydHk".to_owned(),
        key: "none".to_owned(),
    });
    invitation.app_data = Some("party1code".to_owned());
    invitation
}

impl Served {
    /// Writes an invitation down.
    pub(crate) async fn invite(&self, invitation: &Invitation) {
        let invitation = invitation.clone();
        let written = self
            .service
            .database
            .write(move |connection| Box::pin(async move { invitations::add(connection, &invitation).await }));
        written.await.unwrap();
    }

    /// Presses the button of an invitation and takes the code.
    pub(crate) async fn press(&self, invitation: &Invitation) -> String {
        self.try_press(invitation).await.unwrap()
    }

    /// As [`press`](Self::press), none if it is over.
    pub(crate) async fn try_press(&self, invitation: &Invitation) -> Option<String> {
        let (invitation, now, life) = (invitation.clone(), self.now(), self.service.config.code_life);
        let pressed = self.service.database.write(move |connection| {
            Box::pin(async move {
                if !codes::press(&mut *connection, &invitation, now).await? {
                    return Ok(None);
                }
                codes::issue(connection, &invitation, Terms::of(&invitation, life), now).await
            })
        });
        pressed.await.unwrap().map(|code| code.to_string())
    }

    /// An invitation of Bonny and its code.
    pub(crate) async fn code(&self, client: &str) -> String {
        let invitation = invitation(client, self.now());
        self.invite(&invitation).await;
        self.press(&invitation).await
    }

    /// A code of somebody who is signed in, with these terms.
    pub(crate) async fn signed_in_code(
        &self,
        client: &'static str,
        change: impl FnOnce(&mut Terms<'static>),
    ) -> String {
        let mut terms = Terms {
            client_id: client,
            redirect_uri: REDIRECT,
            scope: "openid email",
            nonce: None,
            challenge: None,
            jkt: None,
            life: Duration::from_secs(60),
        };
        change(&mut terms);
        let now = self.now();
        let written = self.service.database.write(move |connection| {
            Box::pin(async move {
                let session = Session {
                    sub: subjects::of(&mut *connection, BONNY, Word::Service, now).await?,
                    email: BONNY.to_owned(),
                    auth_time: now,
                };
                codes::issue_signed_in(connection, &session, terms, now).await
            })
        });
        written.await.unwrap().to_string()
    }

    /// Posts a form.
    pub(crate) async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(self.at(path)).form(form).send().await.unwrap()
    }

    /// Posts a form with a `DPoP` proof by this key.
    pub(crate) async fn post_proven(&self, path: &str, form: &[(&str, &str)], key: &Key) -> Response {
        let proof = key.proof("POST", &self.at(path), self.now());
        let request = self.http.post(self.at(path)).form(form).header("dpop", proof);
        request.send().await.unwrap()
    }

    /// Exchanges a code as the client with its secret.
    pub(crate) async fn exchange(&self, client: &str, code: &str) -> Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", client),
            ("client_secret", SECRET),
            ("redirect_uri", REDIRECT),
        ];
        self.post_form("/oauth/token", &form).await
    }

    /// Tokens for Bonny.
    pub(crate) async fn tokens(&self, client: &str) -> Value {
        let code = self.code(client).await;
        let answer = self.exchange(client, &code).await;
        assert_eq!(answer.status(), 200);
        json_of(answer).await
    }

    /// What the userinfo endpoint says to a bearer of this token.
    pub(crate) async fn userinfo(&self, token: &Value) -> Response {
        let request = self.http.get(self.at("/oauth/userinfo"));
        request.bearer_auth(token.as_str().unwrap()).send().await.unwrap()
    }

    /// Kinds of the events so far, in their order.
    pub(crate) async fn events(&self) -> Vec<String> {
        let read = self.service.database.read(|connection| {
            Box::pin(async move {
                Ok(query_scalar("SELECT kind FROM events ORDER BY at, id")
                    .fetch_all(connection)
                    .await?)
            })
        });
        read.await.unwrap()
    }
}

/// The body of an answer.
pub(crate) async fn json_of(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_other| panic!("no JSON: {text}"))
}

/// The status and the error code of an answer.
pub(crate) async fn error_of(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body = json_of(answer).await;
    let description = body["error_description"].as_str().unwrap_or_default();
    assert!(
        description.is_ascii() && !description.contains(['"', '\\']) && !description.is_empty(),
        "{body}"
    );
    (status, body["error"].as_str().unwrap_or_default().to_owned())
}

/// The claims of a token, not verified.
pub(crate) fn claims(token: &Value) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn header(token: &Value) -> Value {
    part(token, 0)
}

fn part(token: &Value, at: usize) -> Value {
    let part = token.as_str().unwrap().split('.').nth(at).unwrap();
    serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()
}

/// A device's key.
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({ "crv": "Ed25519", "kty": "OKP", "x": base64url(self.0.verifying_key().as_bytes()) })
    }

    pub(crate) fn thumbprint(&self) -> String {
        base64url(Sha256::digest(self.jwk().to_string()))
    }

    /// A fresh proof for a request.
    pub(crate) fn proof(&self, method: &str, address: &str, now: Timestamp) -> String {
        self.proof_of(json!({
            "jti": new_opaque_id(&mut rand::rng()), "htm": method, "htu": address, "iat": now.as_secs(),
        }))
    }

    /// A fresh proof for a request with an access token.
    pub(crate) fn proof_with(&self, method: &str, address: &str, now: Timestamp, token: &str) -> String {
        self.proof_of(json!({
            "jti": new_opaque_id(&mut rand::rng()), "htm": method, "htu": address, "iat": now.as_secs(),
            "ath": base64url(Sha256::digest(token)),
        }))
    }

    /// A proof that says this.
    pub(crate) fn proof_of(&self, claims: Value) -> String {
        self.signed(json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": self.jwk() }), claims)
    }

    /// Anything, signed.
    pub(crate) fn signed(&self, header: Value, claims: Value) -> String {
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", base64url(signature.to_bytes()))
    }
}
