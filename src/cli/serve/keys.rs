//! `serve keys`: the service's keys.

use std::path::Path;

use serde_json::json;

use super::place::{self, Place};
use super::words;
use crate::cli::args::ServeKeys;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::database::events::{self, Event, Kind};
use crate::service::keys::{Keys, dkim_key, zone_line};
use crate::service::run;
use crate::service::state::Service;

pub(super) async fn keys(place: Place, command: ServeKeys, output: &Output) -> Result<(), Ending> {
    let folder = place.config.folder.join("keys");
    match command {
        ServeKeys::Show => {
            let jwks = Keys::open(&folder, &mut rand::rng())?.signing.jwks();
            let text = serde_json::to_string_pretty(&jwks).unwrap_or_default();
            output.told(&json!({ "event": "keys", "folder": folder, "jwks": jwks }), &text)
        }
        ServeKeys::Rotate => {
            // What happened is written down, so the tables have to be there before anything is made.
            let ready = run::open(place.config, place::clock()).await?;
            let rotated = rotate(&ready.service, &folder).await;
            ready.close().await;
            rotated?;
            let text = "There is a new key of each kind. Restart the service to use them; keep the older ones, which still recognise what they made.";
            output.told(&json!({ "event": "keys_rotated", "folder": folder }), text)
        }
        ServeKeys::Dkim { domain, selector } => {
            let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if selector.is_empty() || selector.len() > 63 || !selector.chars().all(fine) {
                return Err(words::selector_invalid());
            }
            let key = dkim_key(&folder, &selector)?;
            let line = zone_line(&selector, &domain, &key.record);
            let event = json!({
                "event": "dkim_key",
                "file": key.file,
                "name": format!("{selector}._domainkey.{domain}"),
                "record": key.record,
                "zone_line": line,
            });
            let text = format!(
                "The key is in {}. Give the name service this record:\n\n  {line}\n\nand the configuration:\n\n  [mail.dkim]\n  domain = \"{domain}\"\n  selector = \"{selector}\"\n  key = \"{}\"",
                key.file.display(),
                key.file.display()
            );
            output.told(&event, &text)
        }
    }
}

async fn rotate(service: &Service, folder: &Path) -> Result<(), Ending> {
    Keys::rotate(folder, &mut rand::rng())?;
    let now = service.clock.now();
    let event = Event::of_operator("", Kind::KeysRotated, &json!({}));
    let written = service
        .database
        .write(move |connection| Box::pin(async move { events::add(connection, &event, now).await }));
    Ok(written.await?)
}
