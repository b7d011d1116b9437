//! Forgets a person, when they ask for it: what is kept of their address, in all clients.

use serde_json::json;

use super::database::DatabaseError;
use super::database::events::{self, Event, Kind};
use super::database::invitations;
use super::database::sweeps;
use super::state::Service;
use super::status::Change;
use crate::identity::EmailAddress;

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Invitations whose address was wiped. Those that were open are revoked.
    pub invitations: u64,
    /// Sign-ins, tokens, waiting mails and whatever else went with them.
    pub rows: u64,
}

/// Wipes an address. That it wants no mail stays written down, if it is: without that it would get mail again.
///
/// # Errors
///
/// [`DatabaseError`]; then nothing was changed.
pub async fn forget(service: &Service, address: &EmailAddress) -> Result<Forgotten, DatabaseError> {
    let (now, address) = (service.clock.now(), address.normalised());
    let code = service.keys.pepper.code_of_secret(&address);
    service
        .database
        .write(move |connection| {
            Box::pin(async move {
                let mut forgotten = Forgotten {
                    invitations: 0,
                    rows: sweeps::remove_person(connection, &address).await?,
                };
                for (id, client_id) in sweeps::of_address(connection, &address).await? {
                    if invitations::change(connection, &id, Change::Revoked, now, now).await? {
                        let event = Event {
                            client_id: &client_id,
                            invitation_id: Some(&id),
                            kind: Kind::InvitationRevoked,
                            actor: "operator",
                            data: "{}".to_owned(),
                        };
                        events::add(connection, &event, now).await?;
                    }
                    sweeps::wipe_address(connection, &id, &code).await?;
                    forgotten.invitations += 1;
                }
                let told = json!({ "invitations": forgotten.invitations, "rows": forgotten.rows });
                events::add(connection, &Event::of_operator("", Kind::PersonForgotten, &told), now).await?;
                Ok(forgotten)
            })
        })
        .await
}
