//! `serve invite import`: everybody in a file. It may be run again: who has an invitation already is passed over.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::csv::{self, CsvError};
use super::invites::{address, request};
use super::templates::values;
use super::words;
use crate::cli::args::ServeInviteHow;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::identity::EmailAddress;
use crate::service::api::operator;
use crate::service::client::OAuthClient;
use crate::service::database::listing::{self, Wanted};
use crate::service::http::OAuthError;
use crate::service::invitation::Sends;
use crate::service::state::Service;
use crate::service::status::Status;

/// The column of addresses.
const EMAIL: &str = "email";

/// How long it waits when the application's limit for a minute is reached. A longer limit ends it.
const WORTH_WAITING: u64 = 60;

/// What became of one row.
enum Became {
    Invited(String),
    Known,
    Refused(String),
    /// Too much for now; come back in so many seconds.
    TooMuch(u64),
}

pub(super) async fn import(
    service: &Service,
    client: &OAuthClient,
    path: &Path,
    how: &ServeInviteHow,
    output: &Output,
) -> Result<(), Ending> {
    let text = std::fs::read_to_string(path).map_err(|error| words::unreadable(path, &error))?;
    let rows = csv::rows(&text).map_err(|error| match error {
        CsvError::Open(line) => words::csv(path, line, "a quoted field has no end"),
        CsvError::Width(line) => words::csv(path, line, "it has not as many fields as the first line"),
    })?;
    let Some(((_, names), people)) = rows.split_first() else {
        return Err(words::csv(path, 1, "there is no line of names"));
    };
    let Some(column) = names.iter().position(|name| name.eq_ignore_ascii_case(EMAIL)) else {
        return Err(words::csv(path, 1, "no column is called email"));
    };
    let common = values(&how.data)?;
    let (mut invited, mut known, mut refused) = (0_u64, 0_u64, 0_u64);
    for (line, fields) in people {
        let typed = fields.get(column).map_or("", String::as_str);
        let mut data = common.clone();
        for (name, value) in names.iter().zip(fields) {
            if !name.eq_ignore_ascii_case(EMAIL) && !value.is_empty() {
                data.insert(name.clone(), json!(value));
            }
        }
        let became = loop {
            match one(service, client, typed, how, data.clone()).await? {
                Became::TooMuch(seconds) if seconds <= WORTH_WAITING => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Became::TooMuch(_) => return Err(words::import_limit(*line)),
                became => break became,
            }
        };
        let (word, why) = match became {
            Became::Invited(id) => {
                invited += 1;
                ("invited", id)
            }
            Became::Known => {
                known += 1;
                ("known", "has an invitation already".to_owned())
            }
            Became::Refused(why) => {
                refused += 1;
                ("refused", why)
            }
            Became::TooMuch(_) => continue,
        };
        let event = json!({ "event": "imported", "line": line, "address": typed, "result": word, "about": why });
        output.told(&event, &format!("{typed}: {word} ({why})"))?;
    }
    let event = json!({ "event": "import_done", "invited": invited, "known": known, "refused": refused });
    output.told(
        &event,
        &format!("{invited} invited, {known} passed over, {refused} refused."),
    )?;
    if refused == 0 {
        Ok(())
    } else {
        Err(words::import_refused(refused))
    }
}

async fn one(
    service: &Service,
    client: &OAuthClient,
    typed: &str,
    how: &ServeInviteHow,
    data: Map<String, Value>,
) -> Result<Became, Ending> {
    let Ok(address) = address(typed) else {
        return Ok(Became::Refused("this is no e-mail address".to_owned()));
    };
    if is_known(service, client, &address).await? {
        return Ok(Became::Known);
    }
    let asked = request(how, &address, data, Sends::Email);
    Ok(match operator::invite(service, client, asked).await {
        Ok(made) => Became::Invited(made.id),
        Err(refusal) => match (refusal.error, refusal.retry_after()) {
            (OAuthError::SlowDown, Some(seconds)) => Became::TooMuch(seconds),
            (OAuthError::TemporarilyUnavailable, _) => return Err(refusal.into()),
            _ => Became::Refused(refusal.description),
        },
    })
}

/// Whether somebody has come in already or may still.
async fn is_known(service: &Service, client: &OAuthClient, address: &EmailAddress) -> Result<bool, Ending> {
    let now = service.clock.now();
    let wanted = Wanted {
        client: client.id.clone(),
        inviter: None,
        email_norm: Some(address.normalised()),
        status: Vec::new(),
        behind: None,
        limit: 20,
    };
    let found = service
        .database
        .read(move |connection| Box::pin(async move { listing::page(connection, &wanted, now).await }));
    let found = found.await?;
    Ok(found.iter().any(|one| {
        let status = one.status_at(now);
        let came = one.accepted_at.is_some() && status != Status::Revoked;
        came || (status.is_open() && !matches!(status, Status::Bounced | Status::Failed))
    }))
}
