//! What is said of an application: when it is registered, and when that is changed later.

use serde_json::{Map, Value, json};

use super::{find, named, row};
use crate::cli::args::{
    AlgorithmName, DeadLinkName, ServeClientCreate, ServeClientSet, ServeClientSettings, SubjectsName,
};
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::cli::serve::redirects::check;
use crate::cli::serve::words;
use crate::service::client::{
    ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, SubjectType, is_client_id, is_client_name,
};
use crate::service::database::clients::{self, SecretCodes};
use crate::service::database::events::{self, Event, Kind};
use crate::service::locales::is_locale;
use crate::service::state::Service;
use crate::service::token::client_secret;

/// Invitations of a new application in a day, until the operator knows it better: enough to try it out, and few for who means no good.
const NEW_PER_DAY: i64 = 50;

pub(super) async fn create(service: &Service, create: ServeClientCreate, output: &Output) -> Result<(), Ending> {
    for uri in &create.redirects {
        check(uri)?;
    }
    let made = new(&create)?;
    let secret = (made.kind == ClientKind::Confidential).then(|| client_secret(&mut rand::rng()));
    let secrets = SecretCodes {
        current: secret.as_ref().map(|secret| service.keys.pepper.code_of_secret(secret)),
        next: None,
    };
    let (event, text) = row(&made);
    let (now, added, told) = (service.clock.now(), made.clone(), said(&event));
    let is_new = service.database.write(move |connection| {
        Box::pin(async move {
            let is_new = clients::add(connection, &added, &secrets, now).await?;
            if is_new {
                let event = Event::of_operator(&added.id, Kind::ClientCreated, &Value::Object(told));
                events::add(connection, &event, now).await?;
            }
            Ok(is_new)
        })
    });
    if !is_new.await? {
        return Err(words::client_exists(&made.id));
    }
    let secret = secret.as_ref().map(|secret| secret.as_str());
    let mut event = named(event, "client_created");
    if let Value::Object(fields) = &mut event {
        fields.insert("secret".to_owned(), json!(secret));
    }
    let text = match secret {
        Some(secret) => format!(
            "{text}\n  secret: {secret}\nThe secret is not shown again: put it where {} reads it.",
            made.id
        ),
        None => text,
    };
    output.told(&event, &text)
}

pub(super) async fn set(service: &Service, asked: ServeClientSet, output: &Output) -> Result<(), Ending> {
    let (mut client, _secrets) = find(service, &asked.client).await?;
    let (before, _text) = row(&client);
    if let Some(name) = asked.name {
        client.name = called(&name)?;
    }
    change(&mut client, &asked.settings)?;
    let (after, text) = row(&client);
    let mut told = said(&after);
    told.retain(|name, value| before.get(name) != Some(value));
    let now = service.clock.now();
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            if told.is_empty() {
                return Ok(());
            }
            clients::change(connection, &client).await?;
            let event = Event::of_operator(&client.id, Kind::ClientChanged, &Value::Object(told));
            events::add(connection, &event, now).await
        })
    });
    written.await?;
    output.told(&named(after, "client_changed"), &text)
}

/// What is registered.
fn new(asked: &ServeClientCreate) -> Result<OAuthClient, Ending> {
    if !is_client_id(&asked.client) {
        return Err(words::client_id_invalid());
    }
    let (kind, dead_link) = if asked.public {
        (ClientKind::Public, DeadLink::Page)
    } else {
        (ClientKind::Confidential, DeadLink::Redirect)
    };
    let mut client = OAuthClient {
        id: asked.client.clone(),
        name: called(&asked.name)?,
        kind,
        redirect_uris: asked.redirects.clone(),
        initiate_login_uri: None,
        dead_link,
        locale: "en".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        subject_type: SubjectType::Public,
        is_trusted: false,
        sign_up: SignUp::InviteOnly,
        invites_per_minute: 100,
        invites_per_day: NEW_PER_DAY,
        webhook_url: None,
        is_disabled: false,
    };
    change(&mut client, &asked.settings)?;
    Ok(client)
}

/// Changes what was asked for, and nothing else.
fn change(client: &mut OAuthClient, asked: &ServeClientSettings) -> Result<(), Ending> {
    if let Some(uri) = &asked.initiate_login {
        client.initiate_login_uri = match uri.as_str() {
            "" => None,
            uri => {
                check(uri)?;
                Some(uri.to_owned())
            }
        };
    }
    if let Some(locale) = &asked.locale {
        if !is_locale(locale) {
            return Err(words::locale_invalid(locale));
        }
        client.locale.clone_from(locale);
    }
    if let Some(name) = asked.dead_link {
        client.dead_link = match name {
            DeadLinkName::Page => DeadLink::Page,
            DeadLinkName::Redirect => DeadLink::Redirect,
        };
    }
    if let Some(name) = asked.algorithm {
        client.algorithm = match name {
            AlgorithmName::Es256 => SigningAlgorithm::Es256,
            AlgorithmName::Rs256 => SigningAlgorithm::Rs256,
        };
    }
    if let Some(name) = asked.subjects {
        client.subject_type = match name {
            SubjectsName::Public => SubjectType::Public,
            SubjectsName::Pairwise => SubjectType::Pairwise,
        };
    }
    if let Some(is_open) = asked.open_sign_up {
        client.sign_up = if is_open { SignUp::Open } else { SignUp::InviteOnly };
    }
    client.is_trusted = asked.trusted.unwrap_or(client.is_trusted);
    client.invites_per_minute = asked.per_minute.unwrap_or(client.invites_per_minute);
    client.invites_per_day = asked.per_day.unwrap_or(client.invites_per_day);
    Ok(())
}

/// The name that was typed, if people can read it.
fn called(typed: &str) -> Result<String, Ending> {
    if is_client_name(typed) {
        Ok(typed.trim().to_owned())
    } else {
        Err(words::client_name_invalid())
    }
}

/// What the row of a client says of it, for what is written down.
fn said(row: &Value) -> Map<String, Value> {
    let mut said = row.as_object().cloned().unwrap_or_default();
    said.retain(|name, _value| !matches!(name.as_str(), "event" | "client"));
    said
}
