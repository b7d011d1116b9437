//! `serve suppress`: addresses that get no mail.

use serde_json::json;

use super::invites::address;
use super::words;
use crate::cli::args::ServeSuppress;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::suppressions::{self, EVERYBODY};
use crate::service::state::Service;

pub(super) async fn suppress(service: &Service, command: ServeSuppress, output: &Output) -> Result<(), Ending> {
    match command {
        ServeSuppress::List => {
            let all = service
                .database
                .read(|connection| Box::pin(async move { suppressions::list(connection).await }))
                .await?;
            for one in all {
                let from = if one.scope == EVERYBODY {
                    "everybody"
                } else {
                    one.scope.as_str()
                };
                let event = json!({
                    "event": "suppressed",
                    "address": one.email_norm,
                    "from": from,
                    "reason": one.reason,
                    "since_ms": one.at.as_millis(),
                });
                let text = format!(
                    "{}  from {from}, since {}: {}",
                    one.email_norm,
                    words::moment(one.at),
                    one.reason
                );
                output.told(&event, &text)?;
            }
            Ok(())
        }
        ServeSuppress::Add { address: typed, reason } => {
            let address = address(&typed)?.normalised();
            let (now, added) = (service.clock.now(), address.clone());
            let is_new = service.database.write(move |connection| {
                Box::pin(async move {
                    let is_new = suppressions::add(connection, EVERYBODY, &added, &reason, now).await?;
                    if is_new {
                        events::add(
                            connection,
                            &Event::of_operator("", Kind::MailSuppressed, &json!({})),
                            now,
                        )
                        .await?;
                    }
                    Ok(is_new)
                })
            });
            let is_new = is_new.await?;
            let event = json!({ "event": "suppress_added", "address": address, "new": is_new });
            output.told(&event, &format!("{address} gets no mail from here any more."))
        }
        ServeSuppress::Remove { address: typed } => {
            let address = address(&typed)?.normalised();
            let (now, removed) = (service.clock.now(), address.clone());
            let rows = service.database.write(move |connection| {
                Box::pin(async move {
                    let rows = suppressions::remove(connection, &removed).await?;
                    if rows > 0 {
                        events::add(connection, &Event::of_operator("", Kind::MailAllowed, &json!({})), now).await?;
                    }
                    Ok(rows)
                })
            });
            if rows.await? == 0 {
                return Err(words::not_suppressed(&address));
            }
            let event = json!({ "event": "suppress_removed", "address": address });
            output.told(&event, &format!("{address} may get mail again."))
        }
    }
}
