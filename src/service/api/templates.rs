//! The client's own mails.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::body::{MAX_TEMPLATE, Secret, is_name, json, lines, query, read, sentence, wrong};
use super::caller::{Asking, Caller, NOTHING, Name, Right};
use super::list::answer;
use super::object::shown;
use super::request::template_data;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::templates::{self, Template};
use crate::service::http::{OAuthError, Refusal};
use crate::service::locales::{Language, is_locale};
use crate::service::mail::template::{BuiltIn, MAX_PART, MAX_SUBJECT, Template as Mail, built_in, check, preview};
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::time::Timestamp;

/// Which language of a template.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LocaleQuery {
    /// Only this one, BCP 47; all by default.
    #[param(min_length = 2, max_length = 35)]
    locale: Option<String>,
}

/// A mail as a template.
#[derive(Deserialize, ToSchema)]
pub(super) struct TemplateRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    client_secret: Option<Secret>,
    /// Its language, BCP 47; the client's by default.
    #[schema(min_length = 2, max_length = 35, example = "en")]
    locale: Option<String>,
    /// One line.
    #[schema(min_length = 1, max_length = 300)]
    subject: String,
    /// The mail as text. It shows `{{ action_url }}`.
    #[schema(min_length = 1, max_length = 30720)]
    text: String,
    /// The mail as HTML. It shows `{{ action_url }}`.
    #[schema(min_length = 1, max_length = 30720)]
    html: Option<String>,
}

/// What a template is tried out with.
#[derive(Deserialize, ToSchema)]
pub(super) struct PreviewRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    client_secret: Option<Secret>,
    /// The language, BCP 47; the client's by default.
    #[schema(min_length = 2, max_length = 35, example = "en")]
    locale: Option<String>,
    /// As in a request for an invitation.
    #[schema(value_type = Option<Object>)]
    template_data: Option<Map<String, Value>>,
}

/// A template that was kept.
#[derive(Serialize, ToSchema)]
struct TemplateKept {
    alias: String,
    locale: String,
    /// From 1 on; the newest counts.
    version: i64,
    /// What is strange about it.
    warnings: Vec<String>,
}

/// A template in the languages it is in.
#[derive(Serialize, ToSchema)]
pub(super) struct TemplateObject {
    alias: String,
    /// The newest version in each language.
    languages: Vec<TemplateLanguage>,
}

/// A template in one language.
#[derive(Serialize, ToSchema)]
struct TemplateLanguage {
    locale: String,
    version: i64,
    subject: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    created_at: String,
}

/// A mail as it reads.
#[derive(Serialize, ToSchema)]
struct PreviewObject {
    subject: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl From<Template> for TemplateLanguage {
    fn from(template: Template) -> Self {
        Self {
            locale: template.locale,
            version: template.version,
            subject: template.subject,
            text: template.text,
            html: template.html,
            created_at: shown(template.created_at),
        }
    }
}

/// `GET /api/templates/{alias}`.
#[utoipa::path(
    get,
    path = "/api/templates/{alias}",
    tag = "settings",
    params(("alias" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The template's name."), LocaleQuery),
    responses((status = 200, description = "The newest version in each language.", body = TemplateObject), Refusals),
    security(("client" = []))
)]
pub(super) async fn show(
    State(service): State<Service>,
    Name(alias): Name,
    asking: Asking,
) -> Result<Response, Refusal> {
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Manage).await?;
    let asked: LocaleQuery = query(&asking.uri)?;
    let locale = asked.locale;
    locale.as_deref().map(language).transpose()?;
    let mut found = newest(&service, caller.client.id, &alias).await?;
    found.retain(|one| locale.as_ref().is_none_or(|locale| *locale == one.locale));
    if found.is_empty() {
        return Err(unknown());
    }
    Ok(answer(&TemplateObject {
        alias,
        languages: found.into_iter().map(TemplateLanguage::from).collect(),
    }))
}

/// `PUT /api/templates/{alias}`.
#[utoipa::path(
    put,
    path = "/api/templates/{alias}",
    tag = "settings",
    params(("alias" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The template's name.")),
    request_body = TemplateRequest,
    responses((status = 200, description = "It is kept as the newest version.", body = TemplateKept), Refusals),
    security((), ("client" = []))
)]
pub(super) async fn put(
    State(service): State<Service>,
    Name(alias): Name,
    asking: Asking,
    body: Body,
) -> Result<Response, Refusal> {
    let now = asking.now;
    let bytes = read(&asking.headers, body, MAX_TEMPLATE).await?;
    let asked: TemplateRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Manage).await?;
    let template = Template {
        locale: asked.locale.unwrap_or_else(|| caller.client.locale.clone()),
        alias,
        version: 0,
        subject: asked.subject,
        text: asked.text,
        html: asked.html,
        created_at: now,
    };
    let (kept, warnings) = keep(&service, caller, template).await?;
    Ok(answer(&TemplateKept {
        alias: kept.alias,
        locale: kept.locale,
        version: kept.version,
        warnings,
    }))
}

/// Keeps a template as the newest version of its name and language: that version, and what is strange about it.
pub(super) async fn keep(
    service: &Service,
    caller: Caller,
    template: Template,
) -> Result<(Template, Vec<String>), Refusal> {
    name(&template.alias)?;
    language(&template.locale)?;
    let (subject, text, html) = (&template.subject, &template.text, template.html.as_deref());
    lines("subject", subject, MAX_SUBJECT)?;
    lines("text", text, MAX_PART)?;
    lines("html", html.unwrap_or_default(), MAX_PART)?;
    let warnings = check(subject, text, html).map_err(|error| wrong(sentence(&error)))?;
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let now = template.created_at;
            let version = templates::add(connection, &caller.client.id, &template, now).await?;
            if version.is_some() {
                events::add(
                    connection,
                    &event(&caller, &template.alias, Kind::ClientTemplateChanged),
                    now,
                )
                .await?;
            }
            Ok(version.map(|version| Template { version, ..template }))
        })
    });
    let kept = written.await?.ok_or_else(|| {
        Refusal::new(
            OAuthError::Conflict,
            "This template was changed in the same moment. Look at it and try again.",
        )
    })?;
    Ok((kept, warnings.iter().map(ToString::to_string).collect()))
}

/// `DELETE /api/templates/{alias}`.
#[utoipa::path(
    delete,
    path = "/api/templates/{alias}",
    tag = "settings",
    params(("alias" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The template's name."), LocaleQuery),
    responses((status = 204, description = "There is none any more."), Refusals),
    security(("client" = []))
)]
pub(super) async fn delete(
    State(service): State<Service>,
    Name(alias): Name,
    asking: Asking,
) -> Result<Response, Refusal> {
    let caller = Caller::prove(&service, &asking, NOTHING, Right::Manage).await?;
    let asked: LocaleQuery = query(&asking.uri)?;
    // Whether there was one or not: there is none any more.
    remove(&service, caller, alias, asked.locale, asking.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Removes a template, in all its languages or in one. False if there was none.
pub(super) async fn remove(
    service: &Service,
    caller: Caller,
    alias: String,
    locale: Option<String>,
    now: Timestamp,
) -> Result<bool, Refusal> {
    name(&alias)?;
    locale.as_deref().map(language).transpose()?;
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let was_there = templates::remove(connection, &caller.client.id, &alias, locale.as_deref()).await?;
            if was_there {
                events::add(connection, &event(&caller, &alias, Kind::ClientTemplateRemoved), now).await?;
            }
            Ok(was_there)
        })
    });
    Ok(written.await?)
}

/// `POST /api/templates/{alias}/preview`.
#[utoipa::path(
    post,
    path = "/api/templates/{alias}/preview",
    tag = "settings",
    params(("alias" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "The template's name.")),
    request_body = PreviewRequest,
    responses((status = 200, description = "The mail, with made-up values for what is not given.", body = PreviewObject), Refusals),
    security((), ("client" = []))
)]
pub(super) async fn try_out(
    State(service): State<Service>,
    Name(alias): Name,
    asking: Asking,
    body: Body,
) -> Result<Response, Refusal> {
    let bytes = read(&asking.headers, body, MAX_TEMPLATE).await?;
    let asked: PreviewRequest = json(&bytes)?;
    let proof = (asked.client_id.as_deref(), asked.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Manage).await?;
    let locale = asked.locale.unwrap_or_else(|| caller.client.locale.clone());
    language(&locale)?;
    let data = template_data(asked.template_data.unwrap_or_default(), caller.client.is_trusted)?;
    let mut found = newest(&service, caller.client.id, &alias).await?;
    found.retain(|one| one.locale == locale);
    let mail = match found.pop() {
        Some(own) => Mail {
            subject: own.subject,
            text: own.text,
            html: own.html,
        },
        None => built_in_of(&alias, &locale).ok_or_else(unknown)?,
    };
    let html = mail.html.as_deref();
    let read = preview(&mail.subject, &mail.text, html, &caller.client.name, &locale, &data)
        .map_err(|error| wrong(sentence(&error)))?;
    Ok(answer(&PreviewObject {
        subject: read.subject,
        text: read.text,
        html: read.html,
    }))
}

async fn newest(service: &Service, client: String, alias: &str) -> Result<Vec<Template>, Refusal> {
    if !is_name(alias, 64) {
        return Err(unknown());
    }
    let alias = alias.to_owned();
    let read = service
        .database
        .read(move |connection| Box::pin(async move { templates::newest(connection, &client, &alias).await }));
    Ok(read.await?)
}

/// The service's own mail of an invitation, in a language that it has.
fn built_in_of(alias: &str, locale: &str) -> Option<Mail> {
    let is_own = alias == BuiltIn::Invite.alias();
    Language::of_tag(locale)
        .filter(|_language| is_own)
        .map(|language| built_in(BuiltIn::Invite, language))
}

fn name(alias: &str) -> Result<(), Refusal> {
    if is_name(alias, 64) {
        Ok(())
    } else {
        Err(wrong("The name of a template has 1 to 64 letters, digits, - and _."))
    }
}

fn language(text: &str) -> Result<(), Refusal> {
    if is_locale(text) {
        Ok(())
    } else {
        Err(wrong("locale names a language, like en or pt-BR."))
    }
}

fn event<'a>(caller: &'a Caller, alias: &str, kind: Kind) -> Event<'a> {
    Event {
        client_id: &caller.client.id,
        invitation_id: None,
        kind,
        actor: caller.actor(),
        data: json!({ "template_alias": alias }).to_string(),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        OAuthError::NotFound,
        "This client has no template with this name in this language.",
    )
}
