//! What happened, for operators and webhooks. Rows are only ever added. The sealing (another module) gives each its number in one chain.

use std::sync::atomic::{AtomicU32, Ordering};

use rand::Rng as _;
use sqlx::AnyConnection;

use super::DatabaseError;
use crate::service::clock::millis;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Whose client it concerns.
    pub client_id: &'a str,
    /// Which invitation it concerns.
    pub invitation_id: Option<&'a str>,
    /// What happened, like `invitation.sent`.
    pub kind: &'static str,
    /// Who did it: `client`, `invitee`, `inviter`, `operator`, `service`, `mail`.
    pub actor: &'static str,
    /// More about it, a JSON object without secrets and without addresses of people.
    pub data: String,
}

/// Writes down what happened.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn add(connection: &mut AnyConnection, event: &Event<'_>, now: Timestamp) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO events (id, at, client_id, invitation_id, kind, actor, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id(now))
    .bind(millis(now))
    .bind(event.client_id)
    .bind(event.invitation_id)
    .bind(event.kind)
    .bind(event.actor)
    .bind(event.data.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// An id whose order is that of time: 12 hexadecimal digits of milliseconds, 8 that count within this process, 12 random ones.
fn id(now: Timestamp) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 6];
    rand::rng().fill_bytes(&mut bytes);
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:012x}{count:08x}{random}", now.as_millis())
}
