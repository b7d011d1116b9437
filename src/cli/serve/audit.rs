//! `serve audit`: what happened, and whether it is still what was written down.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde_json::json;

use super::words;
use crate::cli::args::ServeAudit;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::audit::{self, Check};
use crate::service::database::chain::Sealed;
use crate::service::state::Service;
use crate::time::Timestamp;

pub(super) async fn audit(service: &Service, command: ServeAudit, output: &Output) -> Result<(), Ending> {
    match command {
        ServeAudit::Export { client, mut after } => loop {
            let page = audit::page(service, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for event in &page {
                if client.as_ref().is_none_or(|client| *client == event.row.client_id) {
                    told(event, output)?;
                }
            }
        },
        ServeAudit::Verify { file: None } => {
            let (mut check, mut after) = (Check::default(), 0);
            loop {
                let page = audit::page(service, after).await?;
                let Some(last) = page.last() else { break };
                after = last.seq;
                for event in page {
                    check.next(event).map_err(words::chain_broken)?;
                }
            }
            whole(check, output)
        }
        ServeAudit::Verify { file: Some(file) } => verify_file(&file, output),
    }
}

/// Checks an exported file, without any tables.
pub(super) fn verify_file(path: &Path, output: &Output) -> Result<(), Ending> {
    let file = File::open(path).map_err(|error| words::unreadable(path, &error))?;
    let mut check = Check::default();
    for (line, number) in BufReader::new(file).lines().zip(1_usize..) {
        let line = line.map_err(|error| words::unreadable(path, &error))?;
        let event = audit::of_line(&line).map_err(|_unread| words::not_an_event(path, number))?;
        check.next(event).map_err(words::chain_broken)?;
    }
    whole(check, output)
}

fn whole(check: Check, output: &Output) -> Result<(), Ending> {
    let count = check.count;
    let (seq, chain) = check.end().map_err(words::chain_broken)?;
    let event = json!({ "event": "audit_verified", "events": count, "seq": seq, "chain": chain });
    output.told(
        &event,
        &format!("{count} events, and each fits to the one before it. The chain ends with number {seq}: {chain}"),
    )
}

fn told(event: &Sealed, output: &Output) -> Result<(), Ending> {
    let row = &event.row;
    let line = json!({
        "event": "audit_event",
        "seq": event.seq,
        "id": row.id,
        "at_ms": row.at,
        "client": row.client_id,
        "invitation": row.invitation_id,
        "kind": row.kind,
        "actor": row.actor,
        "data": row.data,
        "chain": event.chain,
    });
    let text = format!(
        "{}  {}  {}  {} by {}{}  {}",
        event.seq,
        words::moment(Timestamp::from_millis(u64::try_from(row.at).unwrap_or(0))),
        row.client_id,
        row.kind,
        row.actor,
        row.invitation_id
            .as_ref()
            .map_or_else(String::new, |id| format!(" ({id})")),
        row.data
    );
    output.told(&line, &text)
}
