//! Calls a client's server.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use rustls::{ClientConfig, RootCertStore};

use super::guard::{self, Guarded};
use super::{Message, Secret};
use crate::service::mail::way::one_line;
use crate::service::tls;
use crate::time::Timestamp;

/// How long a call may take in all.
const CALL: Duration = Duration::from_secs(15);

/// How long it may take until a connection is there.
const CONNECT: Duration = Duration::from_secs(5);

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The client's server took it: an answer 2xx.
    Taken,
    /// It did not: why.
    Later(String),
    /// It wants no more of them: an answer 410.
    NotWanted,
}

/// Calls clients' servers.
#[derive(Clone, Debug)]
pub struct Messenger {
    /// None if this system cannot even do that.
    http: Option<Client>,
    allow_private: bool,
}

impl Messenger {
    /// A messenger; with `allow_private` also for private networks and this machine.
    #[must_use]
    #[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
    pub fn new(allow_private: bool) -> Self {
        tls::provide();
        let http = client(allow_private, None).or_else(|| {
            tracing::warn!("this system has no certificates to trust, so no webhook goes out by https");
            client(allow_private, Some(no_roots()?))
        });
        Self { http, allow_private }
    }

    /// Tells one message. The answer's body is not read.
    pub async fn tell(&self, url: &str, secret: &Secret, message: &Message, now: Timestamp) -> Told {
        let url = match guard::check(url, self.allow_private) {
            Ok(url) => url,
            Err(error) => return Told::Later(error.to_string()),
        };
        let (Some(http), Some(signature)) = (&self.http, message.signature(secret, now.as_secs())) else {
            return Told::Later("this service cannot call anybody".to_owned());
        };
        let call = http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now.as_secs().to_string())
            .header("webhook-signature", signature)
            .body(message.body.clone());
        match call.send().await {
            Ok(answer) if answer.status().is_success() => Told::Taken,
            Ok(answer) if answer.status() == StatusCode::GONE => Told::NotWanted,
            Ok(answer) => Told::Later(format!("the server answered {}", answer.status())),
            Err(error) => Told::Later(reason(&error.without_url())),
        }
    }
}

/// Why a call failed, down to the first cause.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    one_line(&format!("{error}: {cause}"))
}

/// A client that trusts what the system trusts, or these.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
fn client(allow_private: bool, tls: Option<ClientConfig>) -> Option<Client> {
    let builder = Client::builder()
        .user_agent("Partyline-Webhooks/1")
        .dns_resolver(Guarded { allow_private })
        // A proxy would look names up itself, past the guard; a redirect could lead anywhere.
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .timeout(CALL);
    let builder = match tls {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        None => builder,
    };
    builder.build().ok()
}

/// A configuration that trusts nobody: enough for what goes unencrypted to private networks.
fn no_roots() -> Option<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().ok()?;
    Some(
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
    )
}
