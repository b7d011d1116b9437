//! What is done at a service: met, signed in to, asked for tokens and invitations. Each call stands alone; who asks keeps what
//! comes of it.

use std::fmt;
use std::sync::Arc;

use reqwest::{Method, RequestBuilder, Url};
use zeroize::Zeroizing;

use super::http::{self, Answer, Https};
use super::proof::{Shown, dpop};
use super::{Account, CLIENT_ID, Credential, Issuer, MailCode, Service, Tokens};
use crate::failure::MailTrouble;
use crate::identity::Keys;
use crate::time::Timestamp;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Speaks to services for the person of these keys. Cheap to copy.
#[derive(Clone)]
pub struct Post {
    https: Https,
    keys: Arc<Keys>,
    clock: Clock,
}

/// What opens the API of a service.
#[derive(Clone)]
pub enum Key {
    /// Tokens for this machine.
    Tokens(Tokens),
    /// A client of the person's own.
    Client {
        /// Its id.
        id: String,
        /// Its secret.
        secret: Zeroizing<String>,
    },
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(<redacted>)")
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Post")
    }
}

impl Post {
    /// One for a person. What is wrong with this machine's TLS is said by the first call.
    #[must_use]
    pub fn new(keys: Arc<Keys>, clock: Clock) -> Self {
        let https = Https::default();
        Self { https, keys, clock }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether a key opens the API.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn try_key(&self, issuer: &Issuer, key: &Key) -> Result<(), MailTrouble> {
        let path = "/api/invitations?limit=1";
        let answer = self.call(issuer, key, Method::GET, path, |request| request).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.trouble())
        }
    }

    /// Asks a service about itself.
    ///
    /// # Errors
    /// [`MailTrouble::Unreachable`], [`MailTrouble::NotAService`].
    pub async fn meet(&self, issuer: &Issuer) -> Result<Service, MailTrouble> {
        Service::meet(self.https.client().await?, issuer).await
    }

    /// What opens the API for an account: what was used last time if it is still good, else new tokens. New tokens bring a new
    /// refresh token, which has to be stored in the place of the account's.
    ///
    /// # Errors
    /// [`MailTrouble::SignedOut`] if the service knows the account no more, else as [`Self::meet`].
    pub async fn open(&self, account: &Account, last: Option<Key>) -> Result<Key, MailTrouble> {
        let refresh = match (&account.credential, last) {
            (Credential::Client { id, secret }, _) => {
                let (id, secret) = (id.clone(), secret.clone());
                return Ok(Key::Client { id, secret });
            }
            (_, Some(Key::Tokens(tokens))) if self.now() < tokens.until => return Ok(Key::Tokens(tokens)),
            (Credential::SignedIn { refresh }, _) => refresh,
        };
        let service = self.meet(&account.issuer).await?;
        let tokens = self.renew(&service, refresh).await.map_err(|trouble| match trouble {
            MailTrouble::Over => MailTrouble::SignedOut,
            other => other,
        })?;
        Ok(Key::Tokens(tokens))
    }

    /// Exchanges a refresh token for new tokens; after an invitation to a party with a new word about the mailbox.
    ///
    /// # Errors
    /// [`MailTrouble::Over`] if it does not work any more.
    pub async fn renew(&self, service: &Service, refresh: &str) -> Result<Tokens, MailTrouble> {
        self.tokens(service, &[("grant_type", "refresh_token"), ("refresh_token", refresh)])
            .await
    }

    /// Exchanges the code that the service's page shows.
    ///
    /// # Errors
    /// [`MailTrouble::Over`] if it is wrong or too old.
    pub async fn redeem_code(&self, service: &Service, code: &MailCode) -> Result<Tokens, MailTrouble> {
        let grant = "urn:partyline:oauth:grant-type:invitation-code";
        self.tokens(service, &[("grant_type", grant), ("code", code.as_str())])
            .await
    }

    /// Tells the service that a refresh token is not used any more.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn forget(&self, service: &Service, refresh: &str) -> Result<(), MailTrouble> {
        let Some(url) = service.revocation.clone() else {
            return Ok(());
        };
        let form = [
            ("token", refresh),
            ("token_type_hint", "refresh_token"),
            ("client_id", CLIENT_ID),
        ];
        let answer = self
            .signed(Method::POST, url, None, |request| request.form(&form))
            .await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.trouble())
        }
    }

    pub(super) async fn tokens(&self, service: &Service, form: &[(&str, &str)]) -> Result<Tokens, MailTrouble> {
        let mut whole = vec![("client_id", CLIENT_ID)];
        whole.extend_from_slice(form);
        let answer = self
            .signed(Method::POST, service.token.clone(), None, |request| {
                request.form(&whole)
            })
            .await?;
        Tokens::read(&answer, self.now())
    }

    /// One call of the API.
    pub(super) async fn call(
        &self,
        issuer: &Issuer,
        key: &Key,
        method: Method,
        path: &str,
        build: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, MailTrouble> {
        let url = issuer.at(path)?;
        match key {
            Key::Client { id, secret } => {
                let request = self.https.client().await?.request(method, url);
                let request = request.basic_auth(id, Some(secret.as_str()));
                http::send(build(request)).await
            }
            Key::Tokens(tokens) => self.signed(method, url, Some(&tokens.access), build).await,
        }
    }

    /// Sends a request with a proof that it comes from this machine; once more if the service wants to see its nonce in it.
    async fn signed(
        &self,
        method: Method,
        url: Url,
        token: Option<&str>,
        build: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, MailTrouble> {
        let client = self.https.client().await?;
        let ask = |nonce: Option<&str>| {
            let shown = Shown { token, nonce };
            let proof = dpop(&self.keys, method.as_str(), &url, self.now(), shown);
            let mut request = client.request(method.clone(), url.clone()).header("DPoP", proof);
            if let Some(token) = token {
                request = request.header("Authorization", format!("DPoP {token}"));
            }
            http::send(build(request))
        };
        let answer = ask(None).await?;
        match &answer.nonce {
            Some(nonce) if answer.wants_nonce() => ask(Some(nonce)).await,
            _ => Ok(answer),
        }
    }
}
