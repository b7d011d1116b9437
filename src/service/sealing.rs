//! Seals what happened: each event gets its number and its place in one chain of hashes, so that a row that was
//! changed, added or taken away later shows (`serve audit verify`).
//!
//! Whoever has a webhook gets a parcel for each event in that same write.
//!
//! `chain = base64url(SHA-256(previous chain ‖ "\n" ‖ row))`, where the row is the JSON array `[seq, id, at, client_id, invitation_id, kind,
//! actor, data]` without spaces and the chain before the first event is the empty text.

use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::database::DatabaseError;
use super::database::chain;
use super::database::chain::Row;
use super::database::locks::{self, Lock};
use super::database::outbox::{self, Parcel};
use super::metrics;
use super::state::Service;
use super::stop::Stop;
use super::token::base64url;

/// How often it looks for events.
const EVERY: Duration = Duration::from_secs(1);

/// Seals until it is told to end.
pub async fn run(service: Service, mut stop: Stop) {
    while stop.pause(EVERY).await {
        loop {
            match once(&service).await {
                Ok(0) => break,
                Ok(sealed) => tracing::debug!(sealed, "events"),
                Err(error) => {
                    tracing::error!(%error, "events were not sealed; trying again");
                    break;
                }
            }
        }
    }
}

/// Seals what there is, some hundreds at most. How many it were.
///
/// # Errors
///
/// [`DatabaseError`]; then nothing was sealed.
pub async fn once(service: &Service) -> Result<usize, DatabaseError> {
    let waiting = service
        .database
        .read(|connection| Box::pin(async move { chain::any_unsealed(connection).await }))
        .await?;
    if !waiting {
        return Ok(0);
    }
    let now = service.clock.now();
    let sealed = service.database.write(move |connection| {
        Box::pin(async move {
            locks::take(connection, Lock::Sealing).await?;
            let (mut seq, mut last) = chain::last(connection).await?;
            let rows = chain::unsealed(connection).await?;
            let mut seals = Vec::with_capacity(rows.len());
            for row in &rows {
                seq += 1;
                last = link(&last, seq, row);
                seals.push((row.id.clone(), seq, last.clone()));
            }
            chain::seal(connection, &seals).await?;
            let told = chain::clients_with_webhook(connection).await?;
            let mut parcels = 0_usize;
            for row in rows.iter().filter(|row| told.contains(&row.client_id)) {
                outbox::add(connection, Parcel::Webhook, &row.id, None, now).await?;
                parcels += 1;
            }
            let kinds: Vec<String> = rows.into_iter().map(|row| row.kind).collect();
            Ok((kinds, parcels))
        })
    });
    let (kinds, parcels) = sealed.await?;
    for kind in &kinds {
        metrics::happened(kind);
    }
    if parcels > 0 {
        service.outbox.notify_one();
    }
    Ok(kinds.len())
}

/// The chain's next link.
#[must_use]
pub fn link(previous: &str, seq: i64, row: &Row) -> String {
    let text = json!([
        seq,
        row.id,
        row.at,
        row.client_id,
        row.invitation_id,
        row.kind,
        row.actor,
        row.data
    ]);
    base64url(Sha256::digest(format!("{previous}\n{text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            id: "0198".to_owned(),
            at: 1_767_225_600_000,
            client_id: "choir".to_owned(),
            invitation_id: None,
            kind: "invitation.sent".to_owned(),
            actor: "mail".to_owned(),
            data: "{}".to_owned(),
        }
    }

    #[test]
    fn the_chain_is_what_its_specification_says() {
        let text = "\n[1,\"0198\",1767225600000,\"choir\",null,\"invitation.sent\",\"mail\",\"{}\"]";
        let first = link("", 1, &row());
        assert_eq!(first, base64url(Sha256::digest(text)));
        let other = Row {
            actor: "client".to_owned(),
            ..row()
        };
        assert_ne!(link("", 1, &other), first);
        assert_ne!(link(&first, 1, &row()), first);
        assert_ne!(link("", 2, &row()), first);
    }
}
