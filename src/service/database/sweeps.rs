//! What is over and what is old: found and taken away, some hundreds of rows at a time.

use std::time::Duration;

use super::chain;
use super::events::{self, Event, Kind};
use super::invitations::{self, words};
use super::{Connection, DatabaseError, SqlError, Text, query};
use super::{suppressions, tickets};
use crate::service::clock::{millis, moment};
use crate::service::status::Change;
use crate::time::Timestamp;

/// Rows of one write at most, of each table.
const BATCH: i64 = 500;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long the name of a proof is kept after the proof has ended: for the clocks of other processes. Each request of a person leaves one.
const PROOF: Duration = Duration::from_secs(60);

/// How long it counts that a server has said that there is no such mailbox. It may have been wrong, and addresses are given to others.
const REFUSAL: Duration = Duration::from_secs(30 * 24 * 3600);

/// A table whose rows are taken away when they are old.
struct Ageing {
    table: &'static str,
    /// The columns that name a row.
    names: &'static str,
    /// The column that says when it ended, or when it was made.
    since: &'static str,
    /// How long it is kept after that.
    kept: Duration,
}

const fn ageing(table: &'static str, names: &'static str, since: &'static str, kept: Duration) -> Ageing {
    Ageing {
        table,
        names,
        since,
        kept,
    }
}

/// What is used up is kept for a day, to recognise a second use.
const AGEING: &[Ageing] = &[
    ageing("codes", "hash", "expires_at", DAY),
    ageing("tickets", "hash", "expires_at", DAY),
    ageing("typed_codes", "code", "expires_at", DAY),
    ageing("refresh", "selector", "expires_at", DAY),
    ageing("sessions", "hash", "expires_at", DAY),
    ageing("replayed", "jti", "expires_at", PROOF),
    ageing("idempotency", "owner, key", "created_at", DAY),
    ageing("counters", "key, window_start", "window_start", DAY),
];

/// Writes down as expired the open invitations whose end was before `end`, the oldest first, each with its event. How many.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn expire(connection: &mut Connection, now: Timestamp, end: Timestamp) -> Result<u64, DatabaseError> {
    let text = format!(
        "SELECT id, client_id FROM invitations WHERE ended_at IS NULL AND expires_at <= $1 AND status IN ({}) \
         ORDER BY expires_at LIMIT $2",
        words(Change::Expired.from())
    );
    let rows = query(Text::composed(text))
        .bind(millis(end))
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
    let mut expired = 0;
    for row in rows {
        let (id, client_id): (String, String) = (row.get("id")?, row.get("client_id")?);
        if invitations::change(connection, &id, Change::Expired, now, end).await? {
            let event = Event {
                client_id: &client_id,
                invitation_id: Some(&id),
                kind: Kind::InvitationExpired,
                actor: "service",
                data: "{}".to_owned(),
            };
            events::add(connection, &event, now).await?;
            expired += 1;
        }
    }
    Ok(expired)
}

/// Takes away events that happened before `end`, and writes down where the chain begins now; once a day, as each time leaves an event
/// of its own. How many.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn retire_events(connection: &mut Connection, now: Timestamp, end: Timestamp) -> Result<u64, DatabaseError> {
    if !chain::any_before(connection, end.minus(DAY)).await? {
        return Ok(0);
    }
    let Some((seq, hash)) = chain::last_before(connection, end).await? else {
        return Ok(0);
    };
    let event = Event {
        client_id: "",
        invitation_id: None,
        kind: Kind::EventsRetired,
        actor: "service",
        data: serde_json::json!({ "seq": seq, "chain": hash }).to_string(),
    };
    events::add(connection, &event, now).await?;
    chain::remove_until(connection, seq).await
}

/// Takes away rows that are old at this moment, some of each table. How many.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove_old(connection: &mut Connection, now: Timestamp) -> Result<u64, DatabaseError> {
    let mut removed = 0;
    for ageing in AGEING {
        let Ageing {
            table, names, since, ..
        } = ageing;
        let text =
            format!("DELETE FROM {table} WHERE ({names}) IN (SELECT {names} FROM {table} WHERE {since} < $1 LIMIT $2)");
        let done = query(Text::composed(text))
            .bind(millis(now.minus(ageing.kept)))
            .bind(BATCH)
            .execute(&mut *connection)
            .await?;
        removed += done;
    }
    removed += suppressions::forget_refusals(connection, now.minus(REFUSAL)).await?;
    Ok(removed)
}

/// Notes that somebody sweeps at this moment, and answers whether the clock can be believed.
///
/// One that has gone forward by more than a day since the last sweep may be wrong, or the service was away for so long: nothing is
/// swept then until the clock has gone on for another day, as what is taken away does not come back when the clock does.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn believe(connection: &mut Connection, now: Timestamp) -> Result<Belief, DatabaseError> {
    let found = query("SELECT looked_at, waits_until FROM sweeps")
        .fetch_optional(&mut *connection)
        .await?;
    let last = found
        .map(|row| Ok::<_, SqlError>((moment(row.get("looked_at")?), moment(row.get("waits_until")?))))
        .transpose()?;
    let (belief, waits_until) = match last {
        Some((looked, _)) if looked.until(now) > DAY => (Belief::Jumped, now.plus(DAY)),
        // Unless it was set back by as much: what was waited for was of the wrong clock.
        Some((looked, waits_until)) if now.until(looked) <= DAY && now < waits_until => (Belief::NotYet, waits_until),
        Some(_) | None => (Belief::Yes, now),
    };
    query(
        "INSERT INTO sweeps (name, looked_at, waits_until) VALUES ('last', $1, $2) \
         ON CONFLICT (name) DO UPDATE SET looked_at = $1, waits_until = $2",
    )
    .bind(millis(now))
    .bind(millis(waits_until))
    .execute(connection)
    .await?;
    Ok(belief)
}

/// Whether the clock can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// It has gone on evenly.
    Yes,
    /// It has gone forward by more than a day just now.
    Jumped,
    /// It did so less than a day ago.
    NotYet,
}

/// Invitations that ended before this moment and still have an address: id and normalised address.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn with_old_address(
    connection: &mut Connection,
    end: Timestamp,
) -> Result<Vec<(String, String)>, DatabaseError> {
    let rows = query("SELECT id, email_norm FROM invitations WHERE ended_at < $1 AND email <> '' LIMIT $2")
        .bind(millis(end))
        .bind(BATCH)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, row.get("email_norm")?)))
        .collect()
}

/// Wipes an invitation's address and whatever else its client wrote into it about a person. What stays is a code that two
/// invitations of one address share.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn wipe_address(connection: &mut Connection, id: &str, code: &str) -> Result<(), DatabaseError> {
    query(
        "UPDATE invitations SET email = '', email_norm = $2, template_data = '{}', app_data = NULL, state = NULL, nonce = NULL, \
         last_smtp = NULL WHERE id = $1",
    )
    .bind(id)
    .bind(code)
    .execute(connection)
    .await?;
    Ok(())
}

/// Invitations that still have this address: id and client.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn of_address(connection: &mut Connection, email_norm: &str) -> Result<Vec<(String, String)>, DatabaseError> {
    let rows = query("SELECT id, client_id FROM invitations WHERE email_norm = $1 AND email <> ''")
        .bind(email_norm)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, row.get("client_id")?)))
        .collect()
}

/// Takes away what else is kept of an address: sign-ins, tokens, the person's subject, mails that wait, answers that would be given again. How many
/// rows.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn remove_person(connection: &mut Connection, email_norm: &str) -> Result<u64, DatabaseError> {
    let mut removed = 0;
    for text in [
        "DELETE FROM idempotency WHERE EXISTS \
         (SELECT 1 FROM invitations WHERE email_norm = $1 AND idempotency.body LIKE '%' || invitations.id || '%')",
        "DELETE FROM outbox WHERE reference IN (SELECT id FROM invitations WHERE email_norm = $1)",
        "DELETE FROM codes WHERE invitation_id IN (SELECT id FROM invitations WHERE email_norm = $1) \
         OR sub IN (SELECT sub FROM subjects WHERE email_norm = $1)",
        "DELETE FROM typed_codes WHERE invitation_id IN (SELECT id FROM invitations WHERE email_norm = $1)",
        "DELETE FROM refresh WHERE sub IN (SELECT sub FROM subjects WHERE email_norm = $1)",
        "DELETE FROM sessions WHERE sub IN (SELECT sub FROM subjects WHERE email_norm = $1)",
        "DELETE FROM subjects WHERE email_norm = $1",
    ] {
        let done = query(text).bind(email_norm).execute(&mut *connection).await?;
        removed += done;
    }
    for hash in tickets::of_address(&mut *connection, email_norm).await? {
        for text in [
            "DELETE FROM tickets WHERE hash = $1",
            "DELETE FROM outbox WHERE reference = $1",
        ] {
            let done = query(text).bind(hash.as_str()).execute(&mut *connection).await?;
            removed += done;
        }
    }
    Ok(removed)
}
