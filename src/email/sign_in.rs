//! Through a person's own browser: the authorization code flow with PKCE (RFC 6749, 7636, 8252), its tokens bound to this
//! machine (RFC 9449).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::callback::{Callback, Return};
use super::proof::random;
use super::{CLIENT_ID, Issuer, MailLink, Post, Service, Tokens};
use crate::failure::MailTrouble;
use crate::invitation::mailbox::Thumbprint;

/// A person is in their browser, and comes back to this machine.
pub struct SignIn {
    /// What the browser opens: a secret until it has.
    pub url: Zeroizing<String>,
    /// The service that they are at.
    pub service: Service,
    callback: Callback,
    state: String,
    nonce: String,
    verifier: Zeroizing<String>,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignIn({}, <redacted>)", self.service.issuer)
    }
}

#[derive(Deserialize)]
struct IdToken {
    nonce: String,
}

impl Post {
    /// Opens a door for the browser and says where it has to go, to sign in to an account.
    ///
    /// # Errors
    /// [`MailTrouble::NoDoor`], else as [`Post::meet`].
    pub async fn sign_in(&self, issuer: &Issuer) -> Result<SignIn, MailTrouble> {
        self.begin(issuer, "openid email invite", None).await
    }

    /// The same for somebody who was invited by this link.
    ///
    /// # Errors
    /// As [`Post::sign_in`].
    pub async fn accept(&self, link: &MailLink) -> Result<SignIn, MailTrouble> {
        self.begin(&link.issuer, "openid email", Some(&link.invitation)).await
    }

    async fn begin(&self, issuer: &Issuer, scope: &str, invitation: Option<&str>) -> Result<SignIn, MailTrouble> {
        let service = self.meet(issuer).await?;
        let callback = Callback::open().await?;
        let (state, nonce, verifier) = (random(), random(), Zeroizing::new(random()));
        let mut url = service.authorize.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &callback.url())
            .append_pair("scope", scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &BASE64URL.encode(Sha256::digest(verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256")
            .append_pair("dpop_jkt", &Thumbprint::of_endpoint(self.keys().endpoint.id()).text());
        if let Some(invitation) = invitation {
            url.query_pairs_mut().append_pair("invitation", invitation);
        }
        Ok(SignIn {
            url: Zeroizing::new(url.to_string()),
            service,
            callback,
            state,
            nonce,
            verifier,
        })
    }
}

impl SignIn {
    /// Waits until the person comes back, 17 minutes at most, and takes what the service gives for it.
    ///
    /// # Errors
    /// [`MailTrouble::TimedOut`]; [`MailTrouble::Declined`], [`MailTrouble::LinkExpired`], [`MailTrouble::LinkUsed`],
    /// [`MailTrouble::LinkRevoked`], [`MailTrouble::LinkDeclined`] or [`MailTrouble::Over`] as the service says; else what the exchange has
    /// come to.
    pub async fn finish(self, post: &Post) -> Result<(Service, Tokens), MailTrouble> {
        let redirect = self.callback.url();
        let (code, issuer) = match self.callback.wait(&self.state).await? {
            Return::Code { code, issuer } => (code, issuer),
            Return::Error { word, about } => return Err(refusal(&word, about.as_deref())),
        };
        // Another service may have sent the browser here (RFC 9207).
        if issuer.is_some_and(|issuer| Issuer::parse(&issuer).as_ref() != Ok(&self.service.issuer)) {
            return Err(MailTrouble::NotAService);
        }
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        let tokens = post.tokens(&self.service, &form).await?;
        if tokens.id_token.as_deref().and_then(nonce_of).as_deref() != Some(self.nonce.as_str()) {
            return Err(MailTrouble::NotAService);
        }
        Ok((self.service, tokens))
    }
}

/// The nonce in an ID token. It has come from the service itself, over TLS (OpenID Connect Core, section 3.1.3.7, point 6).
fn nonce_of(token: &str) -> Option<String> {
    let claims = BASE64URL.decode(token.split('.').nth(1)?).ok()?;
    let claims: IdToken = serde_json::from_slice(&claims).ok()?;
    Some(claims.nonce)
}

/// Why the browser came back without a code.
fn refusal(word: &str, about: Option<&str>) -> MailTrouble {
    let about = about.unwrap_or_default();
    match word {
        "access_denied" if about.ends_with("/invitation_expired") => MailTrouble::LinkExpired,
        "access_denied" if about.ends_with("/invitation_used") => MailTrouble::LinkUsed,
        "access_denied" if about.ends_with("/invitation_revoked") => MailTrouble::LinkRevoked,
        "access_denied" if about.ends_with("/invitation_declined") => MailTrouble::LinkDeclined,
        "access_denied" if about.ends_with("/invitation_unknown") => MailTrouble::Over,
        "access_denied" => MailTrouble::Declined,
        "server_error" | "temporarily_unavailable" => MailTrouble::Unreachable,
        _ => MailTrouble::Refused,
    }
}
