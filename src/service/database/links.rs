//! Everything that leads in by one invitation beside its link: codes, tickets, typed codes.

use super::{Connection, DatabaseError, query};

/// Ends all of them at once.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn end(connection: &mut Connection, invitation: &str) -> Result<(), DatabaseError> {
    for statement in [
        "UPDATE codes SET dead = 1 WHERE invitation_id = $1 AND used_at IS NULL",
        "DELETE FROM tickets WHERE reference = $1",
        "DELETE FROM typed_codes WHERE invitation_id = $1",
    ] {
        query(statement).bind(invitation).execute(&mut *connection).await?;
    }
    Ok(())
}
