//! `serve mail`: what waits to be sent, and reports of mail servers.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::words;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::database::events::{self, Event, Kind};
use crate::service::database::{outbox, queue};
use crate::service::mail::bounce::{self, Ingested, MAX_REPORT};
use crate::service::state::Service;
use crate::time::Timestamp;

/// Rows that are shown at most.
const SHOWN: i64 = 1000;

pub(super) async fn queue(service: &Service, output: &Output) -> Result<(), Ending> {
    let read = service.database.read(|connection| {
        Box::pin(async move { Ok((outbox::depth(connection).await?, queue::list(connection, SHOWN).await?)) })
    });
    let (depth, rows) = read.await?;
    for row in rows {
        let event = json!({
            "event": "waiting",
            "id": row.id,
            "kind": row.kind,
            "reference": row.reference,
            "attempts": row.attempts,
            "since_ms": row.created_at.as_millis(),
            "next_ms": row.next_at.as_millis(),
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
    let event = json!({ "event": "queue", "rows": depth.rows, "oldest_ms": depth.oldest.map(Timestamp::as_millis) });
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
    let asked = id.clone();
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            let retried = queue::retry(connection, asked.as_deref(), now).await?;
            if retried > 0 {
                let event = Event::of_operator("", Kind::MailRetried, &json!({ "rows": retried }));
                events::add(connection, &event, now).await?;
            }
            Ok(retried)
        })
    });
    let retried = written.await?;
    if let Some(id) = id.filter(|_id| retried == 0) {
        return Err(words::nothing_waits(&id));
    }
    let text = match retried {
        0 => "Nothing waits that could be tried.".to_owned(),
        _ => format!("Tried now, within seconds if the service runs: {retried}."),
    };
    output.told(&json!({ "event": "retried", "rows": retried }), &text)
}

/// Reads reports of mail servers, from files or from standard input; it fails if one cannot be read, so that whoever hands it over keeps it.
pub(super) async fn ingest(service: &Service, files: &[PathBuf], output: &Output) -> Result<(), Ending> {
    if files.is_empty() {
        let mut report = Vec::new();
        let read = std::io::stdin().lock().take(limit()).read_to_end(&mut report);
        read.map_err(|error| words::unreadable(Path::new("standard input"), &error))?;
        return one(service, "standard input", &report, output).await;
    }
    for file in files {
        let mut report = Vec::new();
        let read = File::open(file).and_then(|opened| opened.take(limit()).read_to_end(&mut report));
        read.map_err(|error| words::unreadable(file, &error))?;
        one(service, &file.display().to_string(), &report, output).await?;
    }
    Ok(())
}

fn limit() -> u64 {
    u64::try_from(MAX_REPORT).unwrap_or(u64::MAX)
}

async fn one(service: &Service, name: &str, report: &[u8], output: &Output) -> Result<(), Ending> {
    let (word, text) = match bounce::ingest(service, report, None).await? {
        Ingested::Bounced => ("bounced", "an invitation is bounced now"),
        Ingested::Nothing => ("nothing", "it says of no failure that is new"),
        Ingested::NotOurs => ("not_ours", "it is no report about a mail from here"),
    };
    let event = json!({ "event": "report", "from": name, "result": word });
    output.told(&event, &format!("{name}: {text}."))
}
