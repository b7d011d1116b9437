//! `serve mail`: what waits to be sent, and reports of mail servers.

use serde_json::json;

use super::words;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::database::queue;
use crate::service::state::Service;

/// Rows that are shown at most.
const SHOWN: i64 = 1000;

pub(super) async fn queue(service: &Service, output: &Output) -> Result<(), Ending> {
    let read = service.database.read(|connection| {
        Box::pin(async move { Ok((queue::depth(connection).await?, queue::list(connection, SHOWN).await?)) })
    });
    let (depth, rows) = read.await?;
    for row in rows {
        let event = json!({
            "event": "waiting",
            "id": row.id,
            "kind": row.kind,
            "reference": row.reference,
            "attempts": row.attempts,
            "since_ms": row.created_at,
            "next_ms": row.next_at,
            "last_error": row.last_error,
        });
        let why = row
            .last_error
            .as_ref()
            .map_or_else(String::new, |error| format!(": {error}"));
        let text = format!(
            "{}  {} of {}, tried {} times, next at {}{why}",
            row.id,
            row.kind,
            row.reference,
            row.attempts,
            words::moment(row.next_at)
        );
        output.told(&event, &text)?;
    }
    let event = json!({ "event": "queue", "rows": depth.rows, "oldest_ms": depth.oldest });
    let text = match depth.oldest {
        None => "Nothing waits to be sent.".to_owned(),
        Some(oldest) => format!(
            "{} wait to be sent, the oldest since {}.",
            depth.rows,
            words::moment(oldest)
        ),
    };
    output.told(&event, &text)
}

pub(super) async fn retry(service: &Service, id: Option<String>, output: &Output) -> Result<(), Ending> {
    let now = service.clock.now();
    let retried = service
        .database
        .write(move |connection| Box::pin(async move { queue::retry(connection, id.as_deref(), now).await }))
        .await?;
    let text = format!("{retried} are tried now, as soon as the service looks, which is within seconds.");
    output.told(&json!({ "event": "retried", "rows": retried }), &text)
}
