//! Who asks: a client by its secret, or a person by an access token of a client.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};

use super::body::Secret;
use crate::service::client::{ClientKind, OAuthClient};
use crate::service::config::Limits;
use crate::service::database::clients;
use crate::service::http::{Credentials, OAuthError, Refusal, authenticate};
use crate::service::limits::Limit;
use crate::service::oauth::{self, Grant, scope};
use crate::service::state::Service;
use crate::time::Timestamp;

/// A request without its body, and when it came.
pub(super) struct Asking {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) now: Timestamp,
}

impl FromRequestParts<Service> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Infallible> {
        Ok(Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            now: service.clock.now(),
        })
    }
}

/// The name at the end of a path. What is no text names nothing.
#[derive(Debug)]
pub(super) struct Name(pub(super) String);

impl FromRequestParts<Service> for Name {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Infallible> {
        let read = Path::<String>::from_request_parts(parts, service).await;
        Ok(Self(read.map_or_else(|_unread| String::new(), |Path(name)| name)))
    }
}

/// What a body says about who asks: id and secret.
pub(super) type Proof<'a> = (Option<&'a str>, Option<&'a Secret>);

/// A body that says nothing about it, or none at all.
pub(super) const NOTHING: Proof<'static> = (None, None);

/// Whoever asks.
#[derive(Debug)]
pub(super) struct Caller {
    /// The client.
    pub(super) client: OAuthClient,
    /// The person that signed in with it, if one asks: then they see only what is theirs.
    pub(super) inviter: Option<String>,
    /// Whether it is the operator in the client's name, from the command line.
    pub(super) is_operator: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Invitations.
    Invite,
    /// Templates, webhooks and what happened: the client's own, which it asks for itself.
    Manage,
}

impl Caller {
    /// Who asks, by the header or by what the body says.
    ///
    /// # Errors
    ///
    /// `invalid_client`, `invalid_token`, `insufficient_scope`, `unauthorized_client`, and `invalid_request` for two proofs at once.
    pub(super) async fn prove(
        service: &Service,
        asking: &Asking,
        (id, secret): Proof<'_>,
        right: Right,
    ) -> Result<Self, Refusal> {
        let secret = secret.map(|secret| secret.0.as_str());
        let (method, path) = (&asking.method, asking.uri.path());
        let grant = oauth::bearer(service, &asking.headers, method, path, scope::INVITE, asking.now).await?;
        if let Some(grant) = grant {
            if secret.is_some() || id.is_some_and(|id| id != grant.client_id) {
                return Err(Refusal::new(
                    OAuthError::InvalidRequest,
                    "Prove the client by its secret or by a token, not by both.",
                ));
            }
            if right == Right::Manage {
                return Err(Refusal::new(
                    OAuthError::UnauthorizedClient,
                    "This is the client's own. It asks for it by its secret, and nobody by a token.",
                ));
            }
            return Self::of_person(service, grant).await;
        }
        let credentials = Credentials::read(&asking.headers, id, secret)?;
        let client = authenticate(service, &credentials).await?;
        // Anybody can name a public client.
        if client.kind == ClientKind::Public {
            return Err(Refusal::new(
                OAuthError::UnauthorizedClient,
                "A client without a secret sends an access token of somebody who signed in with it.",
            ));
        }
        Ok(Self {
            client,
            inviter: None,
            is_operator: false,
        })
    }

    /// The operator in a client's name, who proves nothing: whoever can write to the tables can do all of it anyway.
    pub(super) const fn operator(client: OAuthClient) -> Self {
        Self {
            client,
            inviter: None,
            is_operator: true,
        }
    }

    async fn of_person(service: &Service, grant: Grant) -> Result<Self, Refusal> {
        let found = service
            .database
            .read(move |connection| Box::pin(async move { clients::get(connection, &grant.client_id).await }));
        match found.await? {
            Some((client, _codes)) if !client.is_disabled => Ok(Self {
                client,
                inviter: Some(grant.sub),
                is_operator: false,
            }),
            _ => Err(Refusal::new(
                OAuthError::UnauthorizedClient,
                "The operator of this service has turned this client off.",
            )),
        }
    }

    /// What they may send. People who came by a client have limits of their own: none of them uses up what is the others'.
    pub(super) fn limits(&self, limits: &Limits) -> Vec<Limit> {
        match &self.inviter {
            Some(sub) => Limit::of_inviter(limits, sub).into(),
            None => Limit::of_client(&self.client).into(),
        }
    }

    /// Whose idempotency keys they are.
    pub(super) fn owner(&self) -> String {
        match &self.inviter {
            Some(sub) => format!("{}/{sub}", self.client.id),
            None => self.client.id.clone(),
        }
    }

    /// How what they do is written down: `client`, `inviter` or `operator`.
    pub(super) const fn actor(&self) -> &'static str {
        match (&self.inviter, self.is_operator) {
            (_, true) => "operator",
            (Some(_), false) => "inviter",
            (None, false) => "client",
        }
    }
}
