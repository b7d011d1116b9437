//! Invitations, and each step of their life as a compare-and-set.

use std::time::Duration;

use super::subjects::{self, Word};
use super::{Connection, DatabaseError, Row, SqlError, Text, clients, query, query_scalar};
use crate::identity::EmailAddress;
use crate::service::client::OAuthClient;
use crate::service::clock::{length, millis, moment};
use crate::service::invitation::{Delivery, Invitation, InvitedParty, ResponseMode, Sends};
use crate::service::status::{Change, Status};
use crate::time::Timestamp;

/// Writes a new invitation down.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(connection: &mut Connection, invitation: &Invitation) -> Result<(), DatabaseError> {
    let email = invitation.email.as_ref();
    let party = invitation
        .party
        .as_ref()
        .map(|party| format!("{} {} {}", party.invitation, party.party_ref, party.key));
    query(
        "INSERT INTO invitations (id, client_id, inviter_sub, email, email_norm, redirect_uri, response_mode, state, delivery, deliver, \
         template_alias, locale, template_data, app_data, party, scope, nonce, code_challenge, status, generation, send_count, ttl, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
    )
    .bind(invitation.id.as_str())
    .bind(invitation.client_id.as_str())
    .bind(invitation.inviter_sub.as_deref())
    .bind(email.map(EmailAddress::to_string).unwrap_or_default())
    .bind(email.map(EmailAddress::normalised).unwrap_or_default())
    .bind(invitation.redirect_uri.as_str())
    .bind(invitation.response_mode.word())
    .bind(invitation.state.as_deref())
    .bind(invitation.delivery.word())
    .bind(invitation.sends.word())
    .bind(invitation.template_alias.as_str())
    .bind(invitation.locale.as_str())
    .bind(invitation.template_data.as_str())
    .bind(invitation.app_data.as_deref())
    .bind(party)
    .bind(invitation.scope.as_str())
    .bind(invitation.nonce.as_deref())
    .bind(invitation.code_challenge.as_deref())
    .bind(invitation.status.word())
    .bind(invitation.generation)
    .bind(invitation.send_count)
    .bind(length(invitation.ttl))
    .bind(millis(invitation.created_at))
    .bind(millis(invitation.expires_at))
    .once(connection)
    .await?;
    Ok(())
}

/// The invitation with this id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get(connection: &mut Connection, id: &str) -> Result<Option<Invitation>, DatabaseError> {
    let row = query("SELECT * FROM invitations WHERE id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(invitation).transpose()
}

/// The invitation with this id, and the client that it is of: in one question, as whoever opens a link waits for it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get_with_client(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<(Invitation, OAuthClient)>, DatabaseError> {
    let text = format!(
        "SELECT invitations.*, 0 AS apart, {} FROM invitations JOIN clients ON clients.id = invitations.client_id WHERE invitations.id = $1",
        clients::COLUMNS
    );
    let row = query(Text::composed(text)).bind(id).fetch_optional(connection).await?;
    let both = row.map(|row| -> Result<_, DatabaseError> {
        let invitation = invitation(&row)?;
        let (client, _secrets) = clients::client(&row.behind("apart")?)?;
        Ok((invitation, client))
    });
    both.transpose()
}

/// The invitation with this id, and the subject of the person at its address, if there is one, as this client knows them.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn get_with_subject(
    connection: &mut Connection,
    id: &str,
    client: &OAuthClient,
) -> Result<Option<(Invitation, Option<String>)>, DatabaseError> {
    let text = format!(
        "SELECT subjects.sub AS subject, invitations.* FROM invitations LEFT JOIN subjects ON {} WHERE invitations.id = $1",
        subjects::OF_INVITATION
    );
    let row = query(Text::composed(text))
        .bind(id)
        .bind(Sends::Email.word())
        .bind(Word::to(client).vouched_by())
        .fetch_optional(connection)
        .await?;
    let both = row.map(|row| -> Result<_, DatabaseError> { Ok((invitation(&row)?, row.get("subject")?)) });
    both.transpose()
}

/// What happens to an invitation, if it may happen in the state that it is in. False if not: then nothing changed.
///
/// Pressing the button, exchanging and saying no also ask that it ends after `alive`.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn change(
    connection: &mut Connection,
    id: &str,
    change: Change,
    now: Timestamp,
    alive: Timestamp,
) -> Result<bool, DatabaseError> {
    change_from(connection, id, change, change.from(), now, alive).await
}

/// The same, from some of the states in which it may happen.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn change_from(
    connection: &mut Connection,
    id: &str,
    change: Change,
    from: &[Status],
    now: Timestamp,
    alive: Timestamp,
) -> Result<bool, DatabaseError> {
    let changed = query(Text::composed(statement(change, from)))
        .bind(id)
        .bind(millis(now))
        .bind(millis(alive))
        .bind(change.to().word())
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Accepts an invitation that may be, and ends after `alive`.
///
/// # Errors
///
/// [`DatabaseError::Failed`]; now or later [`DatabaseError::Overtaken`] if it may not.
pub async fn accept(
    connection: &mut Connection,
    id: &str,
    now: Timestamp,
    alive: Timestamp,
) -> Result<(), DatabaseError> {
    query(Text::composed(statement(Change::Accepted, Change::Accepted.from())))
        .bind(id)
        .bind(millis(now))
        .bind(millis(alive))
        .bind(Change::Accepted.to().word())
        .once(connection)
        .await?;
    Ok(())
}

/// Whether this address has accepted an invitation of a client, whatever has become of that since; unless it was taken back.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn has_accepted(
    connection: &mut Connection,
    client_id: &str,
    email_norm: &str,
) -> Result<bool, DatabaseError> {
    let found = query_scalar::<i64>(
        "SELECT 1 FROM invitations WHERE client_id = $1 AND email_norm = $2 AND accepted_at IS NOT NULL AND status <> $3 LIMIT 1",
    )
    .bind(client_id)
    .bind(email_norm)
    .bind(Status::Revoked.word());
    Ok(found.fetch_optional(connection).await?.is_some())
}

/// The compare-and-set of a change: `$1` the id, `$2` now, `$3` what it has to outlive, `$4` the new state.
fn statement(change: Change, from: &[Status]) -> String {
    let also = match change {
        Change::Sent => "first_sent_at = COALESCE(first_sent_at, $2)",
        Change::Opened => "opened_at = COALESCE(opened_at, $2)",
        Change::Accepted => "accepted_at = COALESCE(accepted_at, $2), ended_at = $2",
        Change::Declined | Change::Revoked | Change::Expired => "ended_at = $2",
        Change::Bounced | Change::Failed => "ended_at = NULL",
        // Into a party it is as good as the party says, which does not hear of another mail.
        Change::Queued => {
            "expires_at = CASE WHEN party IS NULL THEN $2 + ttl ELSE expires_at END, send_count = send_count + 1, ended_at = NULL"
        }
    };
    let condition = match change {
        Change::Opened | Change::Accepted | Change::Declined => "expires_at > $3",
        Change::Expired => "expires_at <= $3",
        // As `Invitation::may_be_sent_again` has it.
        Change::Queued => "(party IS NULL AND status <> 'accepted' OR party IS NOT NULL AND expires_at > $3)",
        Change::Revoked => "$3 = $3 AND (party IS NOT NULL OR status <> 'accepted')",
        Change::Sent | Change::Bounced | Change::Failed => "$3 = $3",
    };
    format!(
        "UPDATE invitations SET status = $4, {also} WHERE id = $1 AND status IN ({}) AND {condition}",
        words(from)
    )
}

/// Ends the links of all mails before: only the next generation opens it.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn rotate(connection: &mut Connection, id: &str) -> Result<(), DatabaseError> {
    query("UPDATE invitations SET generation = generation + 1 WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Of one whose mail was to be sent again: its address wants none.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn suppress(connection: &mut Connection, id: &str) -> Result<(), DatabaseError> {
    query("UPDATE invitations SET status = $1 WHERE id = $2 AND status = $3")
        .bind(Status::Suppressed.word())
        .bind(id)
        .bind(Status::Queued.word())
        .execute(connection)
        .await?;
    Ok(())
}

/// States as a list for `IN`: their own words, nothing that anybody sent.
pub fn words(states: &[Status]) -> String {
    states
        .iter()
        .map(|status| format!("'{}'", status.word()))
        .collect::<Vec<String>>()
        .join(", ")
}

/// Reads a row of `SELECT *`.
pub(super) fn invitation(row: &Row) -> Result<Invitation, DatabaseError> {
    let word = |column: &'static str| row.get::<String>(column);
    let time = |column: &'static str| row.get::<Option<i64>>(column).map(|at| at.map(moment));
    let number = |column: &'static str| row.get::<i64>(column);
    let strange = |column: &'static str| SqlError::Column(column.to_owned());
    let party: Option<String> = row.get("party")?;
    Ok(Invitation {
        id: word("id")?,
        client_id: word("client_id")?,
        inviter_sub: row.get("inviter_sub")?,
        email: EmailAddress::parse(&word("email")?).ok(),
        redirect_uri: word("redirect_uri")?,
        response_mode: ResponseMode::of_word(&word("response_mode")?).ok_or_else(|| strange("response_mode"))?,
        state: row.get("state")?,
        delivery: Delivery::of_word(&word("delivery")?).ok_or_else(|| strange("delivery"))?,
        sends: Sends::of_word(&word("deliver")?).ok_or_else(|| strange("deliver"))?,
        template_alias: word("template_alias")?,
        locale: word("locale")?,
        template_data: word("template_data")?,
        app_data: row.get("app_data")?,
        party: party.and_then(|text| {
            let mut words = text.split(' ').map(str::to_owned);
            Some(InvitedParty {
                invitation: words.next()?,
                party_ref: words.next()?,
                key: words.next()?,
            })
        }),
        scope: word("scope")?,
        nonce: row.get("nonce")?,
        code_challenge: row.get("code_challenge")?,
        status: Status::of_word(&word("status")?).ok_or_else(|| strange("status"))?,
        generation: number("generation")?,
        send_count: number("send_count")?,
        ttl: Duration::from_millis(u64::try_from(number("ttl")?).unwrap_or(0)),
        created_at: moment(number("created_at")?),
        expires_at: moment(number("expires_at")?),
        first_sent_at: time("first_sent_at")?,
        opened_at: time("opened_at")?,
        accepted_at: time("accepted_at")?,
        ended_at: time("ended_at")?,
        last_smtp: row.get("last_smtp")?,
    })
}
