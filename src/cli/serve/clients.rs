//! `serve client` and `serve redirect`: applications that invite, and where they may be answered.

use serde_json::{Value, json};

use super::words;
use crate::cli::args::{AlgorithmName, DeadLinkName, ServeClient, ServeClientCreate, ServeRedirect};
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::client::{ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, check_redirect_uri};
use crate::service::database::clients::{self, SecretCodes};
use crate::service::database::events::{self, Event};
use crate::service::state::Service;
use crate::service::token::client_secret;

pub(super) async fn client(service: &Service, command: ServeClient, output: &Output) -> Result<(), Ending> {
    match command {
        ServeClient::Create(create) => self::create(service, create, output).await,
        ServeClient::List => {
            let all = service
                .database
                .read(|connection| Box::pin(async move { clients::list(connection).await }))
                .await?;
            for one in &all {
                let (event, text) = row(one, None);
                output.told(&event, &text)?;
            }
            Ok(())
        }
        ServeClient::Show { client } => {
            let (found, _secrets) = find(service, &client).await?;
            let redirects = redirects(service, &client).await?;
            let (event, text) = row(&found, Some(&redirects));
            output.told(&event, &text)
        }
        ServeClient::RotateSecret { client, finish } => rotate(service, client, finish, output).await,
        ServeClient::Disable { client } => disable(service, client, true, output).await,
        ServeClient::Enable { client } => disable(service, client, false, output).await,
    }
}

async fn create(service: &Service, create: ServeClientCreate, output: &Output) -> Result<(), Ending> {
    for uri in create.redirects.iter().chain(&create.initiate_login) {
        check(uri)?;
    }
    let made = of_words(&create)?;
    let secret = (made.kind == ClientKind::Confidential).then(|| client_secret(&mut rand::rng()));
    let secrets = SecretCodes {
        current: secret.as_ref().map(|secret| service.keys.pepper.code_of_secret(secret)),
        next: None,
    };
    let (now, added, uris) = (service.clock.now(), made.clone(), create.redirects.clone());
    let is_new = service.database.write(move |connection| {
        Box::pin(async move {
            let is_new = clients::add(connection, &added, &secrets, now).await?;
            if is_new {
                for uri in &uris {
                    clients::add_redirect(connection, &added.id, uri).await?;
                }
            }
            Ok(is_new)
        })
    });
    if !is_new.await? {
        return Err(words::client_exists(&made.id));
    }
    let (event, text) = row(&made, Some(&create.redirects));
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

/// What was asked for as a client, if its id and its name are such.
fn of_words(create: &ServeClientCreate) -> Result<OAuthClient, Ending> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if create.client.is_empty() || create.client.len() > 64 || !create.client.chars().all(fine) {
        return Err(words::client_id_invalid());
    }
    if create.name.trim().is_empty() || create.name.chars().count() > 64 || create.name.chars().any(char::is_control) {
        return Err(words::client_name_invalid());
    }
    let kind = if create.public {
        ClientKind::Public
    } else {
        ClientKind::Confidential
    };
    Ok(OAuthClient {
        id: create.client.clone(),
        name: create.name.trim().to_owned(),
        kind,
        initiate_login_uri: create.initiate_login.clone(),
        dead_link: match (create.dead_link, kind) {
            (Some(DeadLinkName::Page), _) | (None, ClientKind::Public) => DeadLink::Page,
            (Some(DeadLinkName::Redirect), _) | (None, ClientKind::Confidential) => DeadLink::Redirect,
        },
        locale: create.locale.clone(),
        algorithm: match create.algorithm {
            AlgorithmName::Es256 => SigningAlgorithm::Es256,
            AlgorithmName::Rs256 => SigningAlgorithm::Rs256,
        },
        is_trusted: create.trusted,
        sign_up: if create.open_sign_up {
            SignUp::Open
        } else {
            SignUp::InviteOnly
        },
        invites_per_minute: create.per_minute,
        invites_per_day: create.per_day,
        webhook_url: None,
        is_disabled: false,
    })
}

/// Two secrets are good at once, so that no request fails while the new one is carried to every place that has the old one.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
async fn rotate(service: &Service, client: String, finish: bool, output: &Output) -> Result<(), Ending> {
    let (found, kept) = find(service, &client).await?;
    if found.kind == ClientKind::Public {
        return Err(words::client_is_public(&client));
    }
    let secret = (!finish).then(|| client_secret(&mut rand::rng()));
    let made = secret.as_ref().map(|secret| service.keys.pepper.code_of_secret(secret));
    let newest = kept.next.or(kept.current);
    let secrets = match made {
        Some(made) => SecretCodes {
            current: newest,
            next: Some(made),
        },
        None => SecretCodes {
            current: newest,
            next: None,
        },
    };
    let now = service.clock.now();
    let id = client.clone();
    service
        .database
        .write(move |connection| {
            Box::pin(async move {
                clients::set_secrets(connection, &id, &secrets).await?;
                events::add(connection, &noted(&id, "client.secret_rotated"), now).await
            })
        })
        .await?;
    let shown = secret.as_ref().map(|secret| secret.as_str());
    let event = json!({ "event": "client_secret_rotated", "client": client, "secret": shown });
    let text = shown.map_or_else(
        || format!("Only the newest secret of {client} is good now."),
        |secret| {
            format!(
                "The new secret of {client}: {secret}\nIt is not shown again. The one before it stays good until: partyline serve client rotate-secret {client} --finish"
            )
        },
    );
    output.told(&event, &text)
}

#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
async fn disable(service: &Service, client: String, off: bool, output: &Output) -> Result<(), Ending> {
    let (now, id) = (service.clock.now(), client.clone());
    let (kind, event, word) = if off {
        ("client.disabled", "client_disabled", "off")
    } else {
        ("client.enabled", "client_enabled", "on")
    };
    let found = service.database.write(move |connection| {
        Box::pin(async move {
            let found = clients::set_disabled(connection, &id, off.then_some(now)).await?;
            if found {
                events::add(connection, &noted(&id, kind), now).await?;
            }
            Ok(found)
        })
    });
    if !found.await? {
        return Err(words::no_client(&client));
    }
    output.told(
        &json!({ "event": event, "client": client }),
        &format!("{client} is turned {word}."),
    )
}

pub(super) async fn redirect(service: &Service, command: ServeRedirect, output: &Output) -> Result<(), Ending> {
    match command {
        ServeRedirect::Add { client, uri } => {
            check(&uri)?;
            find(service, &client).await?;
            let (id, added) = (client.clone(), uri.clone());
            service
                .database
                .write(move |connection| Box::pin(async move { clients::add_redirect(connection, &id, &added).await }))
                .await?;
            let event = json!({ "event": "redirect_added", "client": client, "uri": uri });
            output.told(&event, &format!("{client} may be answered at {uri}."))
        }
        ServeRedirect::Remove { client, uri } => {
            let (id, removed) = (client.clone(), uri.clone());
            let was_there = service.database.write(move |connection| {
                Box::pin(async move { clients::remove_redirect(connection, &id, &removed).await })
            });
            if !was_there.await? {
                return Err(words::no_redirect(&client, &uri));
            }
            let event = json!({ "event": "redirect_removed", "client": client, "uri": uri });
            output.told(&event, &format!("{client} is not answered at {uri} any more."))
        }
        ServeRedirect::List { client } => {
            find(service, &client).await?;
            for uri in redirects(service, &client).await? {
                output.told(&json!({ "event": "redirect", "client": client, "uri": uri }), &uri)?;
            }
            Ok(())
        }
    }
}

/// The client with this id, or what to say.
pub(super) async fn find(service: &Service, id: &str) -> Result<(OAuthClient, SecretCodes), Ending> {
    let asked = id.to_owned();
    let found = service
        .database
        .read(move |connection| Box::pin(async move { clients::get(connection, &asked).await }))
        .await?;
    found.ok_or_else(|| words::no_client(id))
}

async fn redirects(service: &Service, id: &str) -> Result<Vec<String>, Ending> {
    let id = id.to_owned();
    let read = service
        .database
        .read(move |connection| Box::pin(async move { clients::redirects(connection, &id).await }));
    Ok(read.await?)
}

fn check(uri: &str) -> Result<(), Ending> {
    check_redirect_uri(uri).map_err(|error| words::redirect_invalid(uri, error))
}

/// A client as an event and as text.
fn row(client: &OAuthClient, redirects: Option<&[String]>) -> (Value, String) {
    let event = json!({
        "event": "client",
        "client": client.id,
        "name": client.name,
        "kind": client.kind.word(),
        "initiate_login_uri": client.initiate_login_uri,
        "dead_link": client.dead_link.word(),
        "locale": client.locale,
        "algorithm": client.algorithm.word(),
        "trusted": client.is_trusted,
        "sign_up": client.sign_up.word(),
        "invites_per_minute": client.invites_per_minute,
        "invites_per_day": client.invites_per_day,
        "webhook_url": client.webhook_url,
        "disabled": client.is_disabled,
        "redirect_uris": redirects,
    });
    let off = if client.is_disabled { ", turned off" } else { "" };
    let mut text = format!("{}  {} ({}{off})", client.id, client.name, client.kind.word());
    for uri in redirects.unwrap_or_default() {
        text += &format!("\n  answered at {uri}");
    }
    if redirects.is_some() {
        text += &format!(
            "\n  {} a minute, {} a day; {}, {}, sign-up {}",
            client.invites_per_minute,
            client.invites_per_day,
            client.locale,
            client.algorithm.word(),
            client.sign_up.word()
        );
    }
    (event, text)
}

/// The same event under another name.
fn named(mut event: Value, name: &str) -> Value {
    if let Value::Object(fields) = &mut event {
        fields.insert("event".to_owned(), json!(name));
    }
    event
}

/// What the operator did with a client.
fn noted<'a>(client_id: &'a str, kind: &'static str) -> Event<'a> {
    Event {
        client_id,
        invitation_id: None,
        kind,
        actor: "operator",
        data: "{}".to_owned(),
    }
}
