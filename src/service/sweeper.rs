//! Ends what is over and takes away what is old.
//!
//! | what | when |
//! |---|---|
//! | an open invitation is written down as expired, with its event | 10 minutes after its end: a code that was made just before may still be exchanged |
//! | codes, tickets, typed codes, sign-ins, refresh tokens, idempotency keys, counters | a day after their end |
//! | seen proofs | a minute after their end |
//! | what mail servers said of mailboxes that are not there | after 30 days |
//! | an invitation's address and what its client wrote into it | 90 days after its end |
//! | events | after a year; the next one says where the chain begins now |
//!
//! - **Invariant:** a clock that is wrong once takes nothing away: after a jump of more than a day it has to go on for a day before it is believed.

use std::time::Duration;

use super::database::DatabaseError;
use super::database::locks::{self, Lock};
use super::database::sweeps::{self, Belief};
use super::state::Service;
use super::stop::Stop;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(30);

/// How long after its end a code of an invitation may still be exchanged.
pub const GRACE: Duration = Duration::from_secs(600);

/// How long an address is kept after the end of its invitation.
const ADDRESS: Duration = Duration::from_secs(90 * 24 * 3600);

/// How long events are kept.
const EVENTS: Duration = Duration::from_secs(365 * 24 * 3600);

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Invitations that are expired now.
    pub expired: u64,
    /// Rows that were taken away.
    pub removed: u64,
    /// Addresses that were wiped.
    pub wiped: u64,
}

/// Sweeps until it is told to end.
pub async fn run(service: Service, mut stop: Stop) {
    while stop.pause(EVERY).await {
        loop {
            match once(&service).await {
                Ok(swept) if swept == Swept::default() => break,
                Ok(swept) => tracing::debug!(?swept, "what was over"),
                Err(error) => {
                    tracing::error!(%error, "what is over was not swept; trying again");
                    break;
                }
            }
        }
    }
}

/// One step: some hundreds of rows of each table at most. Nothing is left when it answers with zeros.
///
/// # Errors
///
/// [`DatabaseError`]; then nothing was changed.
pub async fn once(service: &Service) -> Result<Swept, DatabaseError> {
    let now = service.clock.now();
    let pepper = std::sync::Arc::clone(&service.keys.pepper);
    service
        .database
        .write(move |connection| {
            Box::pin(async move {
                locks::take(connection, Lock::Sweeping).await?;
                match sweeps::believe(connection, now).await? {
                    Belief::Yes => {}
                    Belief::NotYet => return Ok(Swept::default()),
                    Belief::Jumped => {
                        tracing::warn!(
                            "the clock has gone forward by more than a day since the last sweep: nothing that is old is taken away for a day. \
                             If the clock is wrong, set it right"
                        );
                        return Ok(Swept::default());
                    }
                }
                let mut swept = Swept {
                    expired: sweeps::expire(connection, now, now.minus(GRACE)).await?,
                    removed: sweeps::remove_old(connection, now).await?,
                    wiped: 0,
                };
                for (id, address) in sweeps::with_old_address(connection, now.minus(ADDRESS)).await? {
                    sweeps::wipe_address(connection, &id, &pepper.code_of_secret(&address)).await?;
                    swept.wiped += 1;
                }
                swept.removed += sweeps::retire_events(connection, now, now.minus(EVENTS)).await?;
                Ok(swept)
            })
        })
        .await
}
