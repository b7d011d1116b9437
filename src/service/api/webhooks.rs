//! Where a client is told of what happens.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{MAX_BODY, Secret, json, read, sentence, wrong};
use super::caller::{Asking, Caller, NOTHING, Right};
use super::list::answer;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::webhooks::{self, Webhook};
use crate::service::http::Refusal;
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::service::token::{new_webhook_secret, webhook_secret};
use crate::service::webhook::guard;

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
        // Where its name leads is looked at each time something is sent there.
        guard::check(url, service.config.private_webhooks).map_err(|error| wrong(sentence(&error)))?;
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
                kind: Kind::ClientWebhookChanged,
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
