//! `serve client`: applications that invite.

mod settings;

use serde_json::{Value, json};

use super::words;
use crate::cli::args::ServeClient;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::client::{ClientKind, OAuthClient};
use crate::service::database::clients::{self, SecretCodes};
use crate::service::database::events::{self, Event, Kind};
use crate::service::state::Service;
use crate::service::token::client_secret;

pub(super) async fn client(service: &Service, command: ServeClient, output: &Output) -> Result<(), Ending> {
    match command {
        ServeClient::Create(create) => settings::create(service, create, output).await,
        ServeClient::Set(set) => settings::set(service, set, output).await,
        ServeClient::List => {
            let all = service
                .database
                .read(|connection| Box::pin(async move { clients::list(connection).await }))
                .await?;
            for one in &all {
                output.told(&event(one), &line(one))?;
            }
            Ok(())
        }
        ServeClient::Show { client } => {
            let (found, _secrets) = find(service, &client).await?;
            let (event, text) = row(&found);
            output.told(&event, &text)
        }
        ServeClient::RotateSecret { client, finish } => rotate(service, client, finish, output).await,
        ServeClient::Disable { client } => disable(service, client, true, output).await,
        ServeClient::Enable { client } => disable(service, client, false, output).await,
    }
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
                let told = json!({ "finished": finish });
                events::add(
                    connection,
                    &Event::of_operator(&id, Kind::ClientSecretRotated, &told),
                    now,
                )
                .await
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
        (Kind::ClientDisabled, "client_disabled", "off")
    } else {
        (Kind::ClientEnabled, "client_enabled", "on")
    };
    let found = service.database.write(move |connection| {
        Box::pin(async move {
            let found = clients::set_disabled(connection, &id, off.then_some(now)).await?;
            if found {
                events::add(connection, &Event::of_operator(&id, kind, &json!({})), now).await?;
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

/// The client with this id, or what to say.
pub(super) async fn find(service: &Service, id: &str) -> Result<(OAuthClient, SecretCodes), Ending> {
    let asked = id.to_owned();
    let found = service
        .database
        .read(move |connection| Box::pin(async move { clients::get(connection, &asked).await }))
        .await?;
    found.ok_or_else(|| words::no_client(id))
}

/// All that is known of a client, as an event and as lines.
fn row(client: &OAuthClient) -> (Value, String) {
    let mut text = line(client);
    for uri in &client.redirect_uris {
        text += &format!("\n  answered at {uri}");
    }
    text += &format!(
        "\n  {} a minute, {} a day; {}, {}, sign-up {}, {} subjects",
        client.invites_per_minute,
        client.invites_per_day,
        client.locale,
        client.algorithm.word(),
        client.sign_up.word(),
        client.subject_type.word()
    );
    (event(client), text)
}

/// A client among others.
fn line(client: &OAuthClient) -> String {
    let off = if client.is_disabled { ", turned off" } else { "" };
    format!("{}  {} ({}{off})", client.id, client.name, client.kind.word())
}

fn event(client: &OAuthClient) -> Value {
    json!({
        "event": "client",
        "client": client.id,
        "name": client.name,
        "kind": client.kind.word(),
        "initiate_login_uri": client.initiate_login_uri,
        "dead_link": client.dead_link.word(),
        "locale": client.locale,
        "algorithm": client.algorithm.word(),
        "subject_type": client.subject_type.word(),
        "trusted": client.is_trusted,
        "sign_up": client.sign_up.word(),
        "invites_per_minute": client.invites_per_minute,
        "invites_per_day": client.invites_per_day,
        "webhook_url": client.webhook_url,
        "disabled": client.is_disabled,
        "redirect_uris": client.redirect_uris,
    })
}

/// The same event under another name.
fn named(mut event: Value, name: &str) -> Value {
    if let Value::Object(fields) = &mut event {
        fields.insert("event".to_owned(), json!(name));
    }
    event
}
