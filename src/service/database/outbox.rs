//! What waits to be sent. A row is written in the same transaction as what it tells of, so that neither is ever without the other.
//!
//! Whoever sends leases rows for a while; a row whose lease has run out is anybody's again, so what a crash has left is sent by the next. The end of the lease
//! names its holder: who has lost a lease changes nothing.

use super::{Connection, DatabaseError, Dialect, Row, SqlError, Text, query};
use crate::service::clock::{millis, moment};
use crate::service::token::new_id;
use crate::time::Timestamp;

/// What a row of the outbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// The mail of an invitation; the reference is its id.
    Invitation,
    /// The mail of a sign-in; the reference is its id, the body what it says.
    SignIn,
    /// A webhook; the reference is the event's id.
    Webhook,
}

/// A row that somebody holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub id: String,
    /// What it is.
    pub parcel: Parcel,
    /// What it tells of.
    pub reference: String,
    /// Which client it goes to, if it is a webhook.
    pub client: Option<String>,
    /// What it says itself.
    pub body: Option<String>,
    /// How often it was leased, this time included.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// Until when it is held.
    pub until: Timestamp,
}

/// How much waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Rows.
    pub rows: i64,
    /// Since when the oldest waits.
    pub oldest: Option<Timestamp>,
}

impl Parcel {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Invitation, Self::SignIn, Self::Webhook];

    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "mail",
            Self::SignIn => "sign_in",
            Self::Webhook => "webhook",
        }
    }
}

/// Leaves something to be sent at once, and answers with the row's id.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(
    connection: &mut Connection,
    parcel: Parcel,
    reference: &str,
    body: Option<&str>,
    now: Timestamp,
) -> Result<String, DatabaseError> {
    let id = new_id(now, &mut rand::rng());
    query(
        "INSERT INTO outbox (id, kind, reference, body, attempts, created_at, next_at, lease_until) VALUES ($1, $2, $3, $4, 0, $5, $5, 0)",
    )
    .bind(id.as_str())
    .bind(parcel.word())
    .bind(reference)
    .bind(body)
    .bind(millis(now))
    .once(connection)
    .await?;
    Ok(id)
}

/// Leases up to `most` parcels of a kind that are due until a moment, those that are due longest first, but for webhooks of the clients `without`.
///
/// Of several processes on one PostgreSQL each gets other rows, and none waits for another.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn lease(
    connection: &mut Connection,
    parcel: Parcel,
    without: &[String],
    most: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Leased>, DatabaseError> {
    let places: Vec<String> = (5..).zip(without).map(|(place, _client)| format!("${place}")).collect();
    let of_others = match places.is_empty() {
        true => String::new(),
        false => format!(
            "AND COALESCE((SELECT client_id FROM events WHERE events.id = reference), '') NOT IN ({})",
            places.join(", ")
        ),
    };
    let due = format!(
        "SELECT id FROM outbox WHERE kind = $4 AND next_at <= $2 AND lease_until < $2 {of_others} ORDER BY next_at LIMIT $3"
    );
    let leased_now = "lease_until = $1, attempts = attempts + 1";
    let found = "RETURNING outbox.id, kind, reference, body, attempts, created_at, lease_until, \
                 (SELECT client_id FROM events WHERE events.id = reference) AS client";
    let text = match connection.dialect() {
        Dialect::Sqlite => format!("UPDATE outbox SET {leased_now} WHERE id IN ({due}) {found}"),
        // The rows are chosen once, before the update looks at any.
        Dialect::Postgres => format!(
            "WITH due AS MATERIALIZED ({due} FOR UPDATE SKIP LOCKED) \
             UPDATE outbox SET {leased_now} FROM due WHERE outbox.id = due.id {found}"
        ),
    };
    let mut query = query(Text::composed(text))
        .bind(millis(until))
        .bind(millis(now))
        .bind(most)
        .bind(parcel.word());
    for client in without {
        query = query.bind(client.as_str());
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(leased).collect()
}

/// Takes a row away that is dealt with. False if its lease was lost.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn finish(connection: &mut Connection, row: &Leased) -> Result<bool, DatabaseError> {
    let deleted = query("DELETE FROM outbox WHERE id = $1 AND lease_until = $2")
        .bind(row.id.as_str())
        .bind(millis(row.until))
        .execute(connection)
        .await?;
    Ok(deleted == 1)
}

/// Leaves a row that was not tried as it was before it was leased. False if its lease was lost.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn give_back(connection: &mut Connection, row: &Leased) -> Result<bool, DatabaseError> {
    let changed =
        query("UPDATE outbox SET lease_until = 0, attempts = attempts - 1 WHERE id = $1 AND lease_until = $2")
            .bind(row.id.as_str())
            .bind(millis(row.until))
            .execute(connection)
            .await?;
    Ok(changed == 1)
}

/// Puts a row back until a moment, with what went wrong. False if its lease was lost.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn postpone(
    connection: &mut Connection,
    row: &Leased,
    next: Timestamp,
    error: &str,
) -> Result<bool, DatabaseError> {
    let changed =
        query("UPDATE outbox SET next_at = $3, lease_until = 0, last_error = $4 WHERE id = $1 AND lease_until = $2")
            .bind(row.id.as_str())
            .bind(millis(row.until))
            .bind(millis(next))
            .bind(error)
            .execute(connection)
            .await?;
    Ok(changed == 1)
}

/// What waits to be sent is due at once, whenever it was to be tried again, and waits since now. False if nothing waits.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn hasten(
    connection: &mut Connection,
    parcel: Parcel,
    reference: &str,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let waiting = query("UPDATE outbox SET next_at = $1, created_at = $1 WHERE reference = $2 AND kind = $3")
        .bind(millis(now))
        .bind(reference)
        .bind(parcel.word())
        .execute(connection)
        .await?;
    Ok(waiting > 0)
}

/// What waits is not sent.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn cancel(connection: &mut Connection, parcel: Parcel, reference: &str) -> Result<(), DatabaseError> {
    query("DELETE FROM outbox WHERE reference = $1 AND kind = $2")
        .bind(reference)
        .bind(parcel.word())
        .execute(connection)
        .await?;
    Ok(())
}

/// How much waits, and since when.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn depth(connection: &mut Connection) -> Result<Depth, DatabaseError> {
    let row = query("SELECT COUNT(*) AS n, MIN(created_at) AS oldest FROM outbox")
        .fetch_one(connection)
        .await?;
    Ok(Depth {
        rows: row.get("n")?,
        oldest: row.get::<Option<i64>>("oldest")?.map(moment),
    })
}

fn leased(row: &Row) -> Result<Leased, DatabaseError> {
    let word: String = row.get("kind")?;
    let parcel = Parcel::ALL.into_iter().find(|parcel| parcel.word() == word);
    Ok(Leased {
        id: row.get("id")?,
        parcel: parcel.ok_or_else(|| SqlError::Column("kind".to_owned()))?,
        reference: row.get("reference")?,
        client: row.get("client")?,
        body: row.get("body")?,
        attempts: row.get("attempts")?,
        created_at: moment(row.get("created_at")?),
        until: moment(row.get("lease_until")?),
    })
}

impl std::fmt::Debug for Leased {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Leased({}, {:?})", self.id, self.parcel)
    }
}
