//! The description of the service for programs, `/openapi.json`: `OpenAPI` 3.1. What clients call is described beside its code; what browsers and
//! OAuth libraries call is a table here, as RFCs describe it already.

mod routes;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, RefOr, Response as Answer,
    ResponseBuilder, Schema, Type,
};
use utoipa::{IntoResponses, OpenApi as _};

use super::api::Described;
use super::state::Service;

/// The names of the two ways to prove who asks.
pub(super) const BASIC: &str = "client";
pub(super) const TOKEN: &str = "token";

/// Its route.
pub(super) fn router() -> Router<Service> {
    Router::new().route("/openapi.json", get(document))
}

async fn document(State(service): State<Service>) -> Response {
    let keep = [(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"))];
    (keep, Json(describe(&service.config.issuer))).into_response()
}

fn describe(issuer: &str) -> OpenApi {
    let security = ComponentsBuilder::new()
        .security_scheme(BASIC, SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)))
        .security_scheme(TOKEN, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .build();
    let own = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Partyline invitation service")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("Invitations by e-mail for applications that speak OAuth 2.0."))
                .build(),
        )
        .servers(Some([utoipa::openapi::Server::new(issuer)]))
        .components(Some(security))
        .paths(routes::paths())
        .build();
    own.merge_from(Described::openapi())
}

/// What every route may answer instead of what was asked for.
pub(super) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Answer>> {
        let refusals = [
            (
                "400",
                "Something is missing or said wrong: invalid_request, invalid_scope.",
            ),
            (
                "401",
                "The client did not prove who it is: invalid_client, invalid_token.",
            ),
            ("403", "The client may not do this: unauthorized_client."),
            ("404", "There is nothing with this name for this client: not_found."),
            ("409", "It is in a state in which this cannot be done: conflict."),
            ("413", "The body is too long: too_large."),
            ("415", "The body is no JSON: unsupported_media_type."),
            (
                "422",
                "The Idempotency-Key was used for another request: idempotency_key_reused.",
            ),
            ("429", "Too much at once: slow_down, with Retry-After."),
            (
                "503",
                "Not now, nothing was done: temporarily_unavailable, with Retry-After.",
            ),
        ];
        refusals
            .into_iter()
            .map(|(status, what)| (status.to_owned(), RefOr::T(refusal(what))))
            .collect()
    }
}

fn refusal(what: &str) -> Answer {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema = ObjectBuilder::new()
        .property("error", text())
        .property("error_description", text())
        .required("error")
        .required("error_description");
    ResponseBuilder::new()
        .description(what)
        .content(
            "application/json",
            Content::new(Some(RefOr::T(Schema::Object(schema.build())))),
        )
        .build()
}
