//! `serve redirect`: where an application may be answered.

use serde_json::json;

use super::clients::find;
use super::words;
use crate::cli::args::ServeRedirect;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::client::check_redirect_uri;
use crate::service::database::clients;
use crate::service::database::events::{self, Event, Kind};
use crate::service::state::Service;

pub(super) async fn redirect(service: &Service, command: ServeRedirect, output: &Output) -> Result<(), Ending> {
    let now = service.clock.now();
    match command {
        ServeRedirect::Add { client, uri } => {
            check(&uri)?;
            find(service, &client).await?;
            let (id, added) = (client.clone(), uri.clone());
            let written = service.database.write(move |connection| {
                Box::pin(async move {
                    clients::add_redirect(connection, &id, &added).await?;
                    let told = json!({ "uri": added });
                    events::add(
                        connection,
                        &Event::of_operator(&id, Kind::ClientRedirectAdded, &told),
                        now,
                    )
                    .await
                })
            });
            written.await?;
            let event = json!({ "event": "redirect_added", "client": client, "uri": uri });
            output.told(&event, &format!("{client} may be answered at {uri}."))
        }
        ServeRedirect::Remove { client, uri } => {
            let (id, removed) = (client.clone(), uri.clone());
            let was_there = service.database.write(move |connection| {
                Box::pin(async move {
                    let was_there = clients::remove_redirect(connection, &id, &removed).await?;
                    if was_there {
                        let told = json!({ "uri": removed });
                        events::add(
                            connection,
                            &Event::of_operator(&id, Kind::ClientRedirectRemoved, &told),
                            now,
                        )
                        .await?;
                    }
                    Ok(was_there)
                })
            });
            if !was_there.await? {
                return Err(words::no_redirect(&client, &uri));
            }
            let event = json!({ "event": "redirect_removed", "client": client, "uri": uri });
            output.told(&event, &format!("{client} is not answered at {uri} any more."))
        }
        ServeRedirect::List { client } => {
            let (found, _secrets) = find(service, &client).await?;
            for uri in found.redirect_uris {
                output.told(&json!({ "event": "redirect", "client": client, "uri": uri }), &uri)?;
            }
            Ok(())
        }
    }
}

/// Whether this can be an application's address, or what to say.
pub(super) fn check(uri: &str) -> Result<(), Ending> {
    check_redirect_uri(uri).map_err(|error| words::redirect_invalid(uri, error))
}
