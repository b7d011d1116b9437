//! Which client asks: its id and secret in a Basic header or in the body (RFC 6749, 2.3.1).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::answer::{OAuthError, Refusal};
use crate::service::client::{ClientKind, OAuthClient, is_client_id};
use crate::service::database::clients;
use crate::service::state::Service;

/// What a client says about itself. A public client has no secret.
pub struct Credentials {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<Zeroizing<String>>,
}

impl Credentials {
    /// Takes the id and secret from the header or from the body, whichever has them.
    ///
    /// # Errors
    ///
    /// `invalid_request` if both have a secret, `invalid_client` if neither names a client or the header is not Basic.
    pub fn read(headers: &HeaderMap, id: Option<&str>, secret: Option<&str>) -> Result<Self, Refusal> {
        let Some(header) = headers.get(header::AUTHORIZATION) else {
            let client_id = id
                .filter(|id| !id.is_empty())
                .ok_or_else(|| refused("The request names no client."))?
                .to_owned();
            return Ok(Self {
                client_id,
                client_secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
            });
        };
        let (client_id, client_secret) =
            basic(header).ok_or_else(|| refused("The Authorization header is not a Basic one in UTF-8."))?;
        if secret.is_some() || id.is_some_and(|id| id != client_id) {
            return Err(Refusal::new(
                OAuthError::InvalidRequest,
                "Prove the client in the header or in the body, not in both.",
            ));
        }
        Ok(Self {
            client_id,
            client_secret: Some(client_secret),
        })
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({}, <redacted>)", self.client_id)
    }
}

/// The client that asks, if it proves who it is. A public client only names itself: what it may do asks for more than that.
///
/// # Errors
///
/// `invalid_client`, the same whether the client is unknown or its secret wrong; `unauthorized_client` if it was turned off.
pub async fn authenticate(service: &Service, credentials: &Credentials) -> Result<OAuthClient, Refusal> {
    let id = credentials.client_id.clone();
    // Nothing else is ever registered, and PostgreSQL takes no text with a zero in it.
    if !is_client_id(&id) {
        return Err(refused("Unknown client, or its secret is wrong."));
    }
    let found = service
        .database
        .read(move |connection| Box::pin(async move { clients::get(connection, &id).await }))
        .await?;
    let Some((client, kept)) = found else {
        return Err(refused("Unknown client, or its secret is wrong."));
    };
    let proven = match (client.kind, &credentials.client_secret) {
        (ClientKind::Public, secret) => secret.as_ref().is_none_or(|secret| secret.is_empty()),
        (ClientKind::Confidential, None) => false,
        (ClientKind::Confidential, Some(secret)) => {
            let codes = [kept.current, kept.next];
            // Both are compared whatever the first says.
            codes.iter().flatten().fold(false, |proven, code| {
                proven | service.keys.pepper.is_secret(secret, code)
            })
        }
    };
    if !proven {
        return Err(refused("Unknown client, or its secret is wrong."));
    }
    if client.is_disabled {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            "The operator of this service has turned this client off.",
        ));
    }
    Ok(client)
}

fn refused(description: &str) -> Refusal {
    Refusal::new(OAuthError::InvalidClient, description).with(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"partyline\", charset=\"UTF-8\""),
    )
}

/// Id and secret of a Basic header. Both are form-encoded in it (RFC 6749, 2.3.1); clients that leave that out send the same bytes, as our
/// ids and secrets need no encoding.
fn basic(header: &HeaderValue) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let decoded = |text: &str| {
        url::form_urlencoded::parse(text.as_bytes())
            .next()
            .map_or_else(String::new, |(name, _none)| name.into_owned())
    };
    Some((decoded(id), Zeroizing::new(decoded(secret))))
}
