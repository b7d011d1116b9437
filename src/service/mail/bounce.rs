//! Reports of mail servers, RFC 3464 and, about addresses beyond ASCII, RFC 6533: what comes back to the envelope sender of a mail.
//!
//! Whoever can write to that mailbox can send anything, so a report counts only if it came to an address that [`verp`]
//! made, and only for that invitation.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use serde_json::json;

use super::verp;
use super::way::one_line;
use crate::service::database::{DatabaseError, deliveries, events, invitations, suppressions};
use crate::service::post::{NO_SUCH_MAILBOX, event_kind};
use crate::service::state::Service;
use crate::service::status::Change;

/// The longest report that is read, in bytes.
pub const MAX_REPORT: usize = 1024 * 1024;

/// What a report was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// A mail did not arrive, and its invitation is now bounced.
    Bounced,
    /// It is about one of our mails but says of no failure, or the invitation is past that.
    Nothing,
    /// It is no report about a mail of ours.
    NotOurs,
}

/// Reads a report and writes down what it says.
///
/// `recipient` is the address it came to, if whoever hands it over knows; otherwise its headers (`Delivered-To`,
/// `X-Original-To`, `Envelope-To`, `To`) are asked.
///
/// # Errors
///
/// [`DatabaseError`]; the report can be handed in again.
pub async fn ingest(service: &Service, report: &[u8], recipient: Option<&str>) -> Result<Ingested, DatabaseError> {
    let report = report.get(..MAX_REPORT).unwrap_or(report);
    let Some(message) = MessageParser::default().parse(report) else {
        return Ok(Ingested::NotOurs);
    };
    let keys = &service.keys.links;
    let id = match recipient {
        Some(recipient) => verp::read(keys, recipient),
        None => recipients(&message)
            .iter()
            .find_map(|address| verp::read(keys, address)),
    };
    let Some(id) = id else {
        return Ok(Ingested::NotOurs);
    };
    let Some(failure) = failure(&message) else {
        return Ok(Ingested::Nothing);
    };
    let now = service.clock.now();
    service
        .database
        .write(move |connection| {
            Box::pin(async move {
                let Some(invitation) = invitations::get(connection, &id).await? else {
                    return Ok(Ingested::Nothing);
                };
                if !deliveries::settle(connection, &id, Change::Bounced, &failure.answer, now).await? {
                    return Ok(Ingested::Nothing);
                }
                let event = events::Event {
                    client_id: &invitation.client_id,
                    invitation_id: Some(&id),
                    kind: event_kind(Change::Bounced),
                    actor: "mail",
                    data: json!({ "status": failure.status, "report": true }).to_string(),
                };
                events::add(connection, &event, now).await?;
                if failure.status == NO_SUCH_MAILBOX
                    && let Some(email) = &invitation.email
                {
                    suppressions::refused(connection, &email.normalised(), now).await?;
                }
                Ok(Ingested::Bounced)
            })
        })
        .await
}

/// A failure that a report tells of.
struct Failure {
    /// Like `5.1.1`.
    status: String,
    /// What the server said.
    answer: String,
}

/// The addresses that a report may have come to.
fn recipients(message: &Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in message.headers_raw() {
        let names = ["delivered-to", "x-original-to", "envelope-to", "to"];
        if names.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            let words = value.split(|c: char| c.is_whitespace() || "<>,;\"".contains(c));
            found.extend(words.filter(|word| word.contains('@')).take(8).map(str::to_owned));
        }
    }
    found
}

/// Parts that say what became of a mail, the second one in UTF-8.
const STATUS_PARTS: [&str; 2] = ["delivery-status", "global-delivery-status"];

/// The first failure in the part that says what became of a mail: groups of fields with an empty line between them, the first about the mail, each further one about a
/// recipient. `Action` says whether it failed for good; a delay or a success does not count.
fn failure(message: &Message<'_>) -> Option<Failure> {
    let part = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind
                    .subtype()
                    .is_some_and(|subtype| STATUS_PARTS.iter().any(|known| subtype.eq_ignore_ascii_case(known)))
        })
    })?;
    let text = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.to_string(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        PartType::Message(_) | PartType::Multipart(_) => return None,
    };
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").find_map(|group| {
        let fields = fields(group);
        let field = |name: &str| {
            let of_name = fields.iter().find(|(known, _value)| known.eq_ignore_ascii_case(name));
            of_name.map(|(_name, value)| value.as_str())
        };
        let is_failure = field("Action").is_some_and(|action| action.eq_ignore_ascii_case("failed"));
        let status = field("Status").and_then(super::way::status_code);
        is_failure.then(|| Failure {
            answer: one_line(
                field("Diagnostic-Code")
                    .or(field("Status"))
                    .unwrap_or("the mail was not delivered"),
            ),
            status: status.unwrap_or_default(),
        })
    })
}

/// The fields of a group, with lines that go on put together (RFC 5322, 2.2.3).
fn fields(group: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_name, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
mod tests;
