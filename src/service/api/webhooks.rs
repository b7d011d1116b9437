//! Where a client is told of what happens.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::body::{MAX_BODY, Secret, json, read, wrong};
use super::caller::{Asking, Caller, NOTHING, Right};
use super::list::answer;
use crate::service::client::MAX_REDIRECT;
use crate::service::database::events::{self, Event};
use crate::service::database::webhooks::{self, Webhook};
use crate::service::http::Refusal;
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::service::token::{new_webhook_secret, webhook_secret};

/// Where a client wants to be told.
#[derive(Deserialize, ToSchema)]
pub(super) struct WebhookRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    client_secret: Option<Secret>,
    /// An https address; none to be told nothing any more.
    #[schema(min_length = 1, max_length = 2048, example = "https://myapp.test/hooks")]
    url: Option<String>,
    /// Whether a new secret signs from now on. The first address brings one anyway.
    rotate_secret: Option<bool>,
}

/// Where a client is told.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookObject {
    /// The address, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The secret that signs, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// `GET /api/webhooks`.
#[utoipa::path(
    get,
    path = "/api/webhooks",
    tag = "settings",
    responses((status = 200, description = "Where the client is told.", body = WebhookObject), Refusals),
    security(("client" = []))
)]
pub(super) async fn show(State(service): State<Service>, asking: Asking) -> Result<Response, Refusal> {
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Manage).await?;
    Ok(answer(&WebhookObject {
        url: caller.client.webhook_url,
        secret: None,
    }))
}

/// `PUT /api/webhooks`.
#[utoipa::path(
    put,
    path = "/api/webhooks",
    tag = "settings",
    request_body = WebhookRequest,
    responses((status = 200, description = "Where the client is told, and the secret if it is new.", body = WebhookObject), Refusals),
    security((), ("client" = []))
)]
pub(super) async fn put(State(service): State<Service>, asking: Asking, body: Body) -> Result<Response, Refusal> {
    let now = asking.now;
    let bytes = read(&asking.headers, body, MAX_BODY).await?;
    let asked: WebhookRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Manage).await?;
    if let Some(url) = &asked.url {
        check(url)?;
    }
    let client = caller.client.id.clone();
    let fresh = new_webhook_secret(&service.keys.pepper, &mut rand::rng());
    let (url, rotate) = (asked.url, asked.rotate_secret.unwrap_or(false));
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let kept = webhooks::get(connection, &client)
                .await?
                .and_then(|webhook| webhook.secret);
            let is_new = url.is_some() && (rotate || kept.is_none());
            let webhook = Webhook {
                url,
                secret: if is_new { Some(fresh) } else { kept },
            };
            webhooks::put(connection, &client, &webhook).await?;
            let event = Event {
                client_id: &client,
                invitation_id: None,
                kind: "client.webhook_changed",
                actor: caller.actor(),
                data: "{}".to_owned(),
            };
            events::add(connection, &event, now).await?;
            Ok((client, webhook, is_new))
        })
    });
    let (client, webhook, is_new) = written.await?;
    let kept = webhook.secret.filter(|_kept| is_new);
    let secret = kept.and_then(|kept| webhook_secret(&service.keys.pepper, &client, &kept));
    Ok(answer(&WebhookObject {
        url: webhook.url,
        secret: secret.map(|secret| secret.to_string()),
    }))
}

/// Where it leads is looked at each time something is sent there; this only keeps out what can never be right.
fn check(text: &str) -> Result<(), Refusal> {
    let is_long = text.len() > MAX_REDIRECT || text.chars().any(|c| c.is_control() || c.is_whitespace());
    let url = Url::parse(text).ok().filter(|_url| !is_long);
    let fits = url.is_some_and(|url| {
        let is_secure = url.scheme() == "https";
        is_secure && url.has_host() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    });
    if fits {
        Ok(())
    } else {
        Err(wrong("url is an https address without a user and a fragment."))
    }
}
