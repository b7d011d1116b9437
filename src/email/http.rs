//! HTTPS to a service: bounded in time and size, without redirects, and over TLS that trusts what the system trusts.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::failure::MailTrouble;

/// How long one exchange may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    body: Vec<u8>,
    /// A nonce that the service wants in the next proof (RFC 9449, section 8).
    pub(super) nonce: Option<String>,
}

/// What talks to all services. Made when it is first needed, since it reads some hundred and fifty certificates that the system
/// trusts, and most starts of the program speak to no service.
#[derive(Clone, Default)]
pub(super) struct Https(Arc<OnceCell<Client>>);

impl Https {
    /// [`MailTrouble::Unreachable`] if this machine has no TLS.
    pub(super) async fn client(&self) -> Result<&Client, MailTrouble> {
        self.0.get_or_try_init(|| async { client() }).await
    }
}

fn client() -> Result<Client, MailTrouble> {
    // The program has one TLS; whoever was first has chosen its cryptography.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .user_agent(concat!("partyline/", env!("CARGO_PKG_VERSION")))
        .build()
        .or(Err(MailTrouble::Unreachable))
}

/// Sends a request and reads the answer.
pub(super) async fn send(request: RequestBuilder) -> Result<Answer, MailTrouble> {
    let response = request.send().await.map_err(|error| {
        tracing::info!(error = %error.without_url(), "an invitation service is not reachable");
        MailTrouble::Unreachable
    })?;
    read(response).await
}

async fn read(mut response: Response) -> Result<Answer, MailTrouble> {
    let status = response.status();
    let nonce = response.headers().get("dpop-nonce");
    let nonce = nonce.and_then(|nonce| nonce.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.or(Err(MailTrouble::Unreachable))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(MailTrouble::NotAService);
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status, body, nonce })
}

impl Answer {
    /// What it says, if the service has done what it was asked.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, MailTrouble> {
        if self.status.is_success() {
            serde_json::from_slice(&self.body).or(Err(MailTrouble::NotAService))
        } else {
            Err(self.trouble())
        }
    }

    /// Whether the service wants a proof with its nonce in it.
    pub(super) fn wants_nonce(&self) -> bool {
        self.nonce.is_some() && self.error().as_deref() == Some("use_dpop_nonce")
    }

    /// The word for what is wrong, as RFC 6749 and the management API have it.
    pub(super) fn error(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        Some(body.get("error")?.as_str()?.to_owned())
    }

    /// Why it has not.
    pub(super) fn trouble(&self) -> MailTrouble {
        match (self.status.as_u16(), self.error().as_deref()) {
            (401, _) | (_, Some("invalid_client" | "invalid_token")) => MailTrouble::SignedOut,
            (429, _) | (_, Some("slow_down")) => MailTrouble::TooMany,
            (403, _) | (_, Some("unauthorized_client")) => MailTrouble::NotAllowed,
            (500..=599, _) | (_, Some("temporarily_unavailable" | "server_error")) => MailTrouble::Unreachable,
            (_, Some("invalid_grant")) => MailTrouble::Over,
            (404 | 405, None) => MailTrouble::NotAService,
            (status, word) => {
                tracing::info!(status, word, "an invitation service refuses");
                MailTrouble::Refused
            }
        }
    }
}
