//! Parties: founding, writing, receiving, and the view that faces show.

use std::sync::Arc;

use crate::failure::{Failure, PartyNames};
use crate::invitation::InvitationId;
use crate::party::{Act, KnownData, LoadError, Op, Party, PartyId, check_name};
use crate::store::{Change, Store, StoredParty};

use super::open::Open;
use super::peers::Author;
use super::view::{MemberView, PartyHealth, PartyView, Presence};
use super::{Event, RequestId};

/// A party as it was built from what is stored of it, on the store's thread: that takes a while for a large one.
pub(super) struct Restored {
    party: Result<Party, LoadError>,
    /// How many ops this device had written before any were lost.
    own: u64,
}

impl From<StoredParty> for Restored {
    fn from(stored: StoredParty) -> Self {
        let StoredParty {
            ops,
            is_incomplete,
            own,
        } = stored;
        let party = if is_incomplete {
            Party::load_part(ops)
        } else {
            Party::load(ops)
        };
        Self { party, own }
    }
}

impl Open {
    /// Founds a party; it is on disk before anybody hears of it.
    pub(super) async fn create_party(&mut self, request: RequestId, name: &str) -> Result<Event, Failure> {
        let name = check_name(name).or(Err(Failure::NameInvalid))?;
        let (party, ops) = Party::found(&self.keys, &self.name, name, self.now(), &mut rand::rng())?;
        let id = party.id();
        self.store(vec![Change::AppendOps { party: id, ops }]).await?;
        self.parties.insert(id, party);
        self.publish_party(id).await;
        self.settle_devices().await;
        Ok(Event::PartyCreated { request, party: id })
    }

    /// Renames this person in every party where that is possible, in one transaction.
    ///
    /// # Errors
    /// [`Failure::NotRenamedIn`] some parties; the name has changed all the same.
    pub(super) async fn rename_self(&mut self, name: &str) -> Result<(), Failure> {
        let name = check_name(name).or(Err(Failure::NameInvalid))?.to_owned();
        let now = self.now();
        let mut changes = vec![Change::SetName(name.clone())];
        let (mut written, mut not_in) = (Vec::new(), Vec::new());
        for party in self
            .parties
            .values()
            .filter(|party| party.membership().member(self.keys.identity.id()).is_some() && !party.is_incomplete())
        {
            let Ok(op) = party.prepare(&self.keys, Act::Named { name: name.clone() }, now) else {
                not_in.push(party.name().to_owned());
                continue;
            };
            changes.push(Change::AppendOps {
                party: party.id(),
                ops: vec![op.clone()],
            });
            written.push((party.id(), op));
        }
        self.store(changes).await?;
        self.name = name;
        for (party, op) in written {
            self.apply(party, op).await;
        }
        self.tell_who_this_is(None).await;
        if not_in.is_empty() {
            Ok(())
        } else {
            let parties = PartyNames(not_in);
            Err(Failure::NotRenamedIn { parties })
        }
    }

    /// Leaves a party. What was there stays on this disk until the member deletes the profile.
    pub(super) async fn leave(&mut self, party: PartyId) -> Result<(), Failure> {
        self.write(
            party,
            Act::MemberRemoved {
                member: self.keys.identity.id(),
                known: KnownData::default(),
            },
        )
        .await?;
        self.context.events.send(Event::PartyLeft { party }).await;
        Ok(())
    }

    /// Applies an own op that is on disk and passes it on.
    pub(super) async fn apply(&mut self, id: PartyId, op: Op) {
        let Some(party) = self.parties.get_mut(&id) else { return };
        match party.receive(op.clone()) {
            Ok(_) => {
                self.announce(id, std::slice::from_ref(&op), None);
                self.party_changed(id, &[op], Author::Me).await;
            }
            Err(error) => tracing::error!(%error, "an own op was refused after it was stored"),
        }
    }

    /// These ops are stored and applied: what follows from them.
    pub(super) async fn party_changed(&mut self, id: PartyId, ops: &[Op], author: Author) {
        if ops.iter().any(|op| op.act().is_membership()) {
            self.membership_changed(id, author);
        }
        self.tell_text_changes(id).await;
        self.publish_party(id).await;
        if ops.iter().any(|op| op.act().is_membership()) {
            self.delegations_changed(id).await;
        }
        self.files_changed(id, ops).await;
    }

    /// Takes a stored party in. One that is damaged is left out and reported: it must not take the others along.
    pub(super) async fn restore_party(&mut self, id: PartyId, Restored { party, own }: Restored) {
        let Ok(party) = party else {
            tracing::error!(party = %id.short(), "a stored party cannot be read");
            self.unreadable.insert(id);
            self.parties.remove(&id);
            return self.context.events.failed(None, Failure::ProfileDamaged).await;
        };
        let is_incomplete = party.is_incomplete();
        self.parties.insert(id, party);
        if is_incomplete {
            tracing::warn!(party = %id.short(), "part of a stored party is lost");
            self.written_before.insert(id, own);
            if self.devices_of(id).is_empty() {
                self.context.events.failed(None, Failure::PartyPartlyLost).await;
                self.written_before.remove(&id);
                self.complete_party(id).await;
            } else {
                self.context.events.failed(None, Failure::PartyIncomplete).await;
            }
        }
        self.publish_party(id).await;
        self.files_opened(id).await;
    }

    /// A member has given all that they have of a party of which ops were lost. If everything that this device ever wrote is
    /// back, it is stored anew and may be written to again; before that, something that others have could be written twice.
    pub(super) async fn complete_party(&mut self, id: PartyId) {
        let Some(party) = self.parties.get(&id).filter(|party| party.is_incomplete()) else {
            return;
        };
        let device = self.keys.device.id();
        let own = party.ops().filter(|op| op.device() == device).count() as u64;
        if self.written_before.get(&id).is_some_and(|before| own < *before) {
            return;
        }
        let ops = party.ops().cloned().collect();
        if self
            .store_or_tell(vec![Change::ReplaceOps { party: id, ops }])
            .await
            .is_err()
        {
            return;
        }
        if let Some(party) = self.parties.get_mut(&id) {
            party.complete();
        }
        self.publish_party(id).await;
    }

    /// Takes a party back to what is stored of it, after a write that failed.
    pub(super) async fn reload_party(&mut self, id: PartyId) {
        let read = move |store: &mut Store| store.load_party(id).map(Restored::from);
        match self.context.store.run(read).await {
            Ok(Ok(restored)) => {
                self.restore_party(id, restored).await;
                self.forget_unwritten_texts(id);
            }
            Ok(Err(error)) | Err(error) => {
                // What is in memory is ahead of the disk, and nothing may be built on it.
                tracing::error!(%error, "a party could not be read back");
                self.unreadable.insert(id);
                self.parties.remove(&id);
                self.context.events.failed(None, error.into()).await;
            }
        }
    }

    /// The party of this id.
    pub(super) fn party(&self, id: PartyId) -> Result<&Party, Failure> {
        let party = self.parties.get(&id).filter(|_| !self.is_home(id));
        party.ok_or(Failure::PartyUnknown)
    }

    /// The parties that this person has not left.
    pub(super) fn shown_parties(&self) -> impl Iterator<Item = &Party> {
        let me = self.keys.identity.id();
        let parties = self.parties.values().filter(move |party| party.home_of() != Some(me));
        parties.filter(move |party| !party.was_left_by(me))
    }

    /// Shows a party as it is now. One that this person has left is not shown; it is kept to tell the others.
    pub(super) async fn publish_party(&mut self, id: PartyId) {
        let me = self.keys.identity.id();
        if self.is_home(id) {
            self.publish_devices().await;
        } else if let Some(party) = self.parties.get(&id).filter(|party| !party.was_left_by(me)) {
            let party = Arc::new(self.party_view(party));
            self.shown_in_step.insert(id, party.sync.behind == 0);
            self.context.events.send(Event::PartyChanged { party }).await;
        }
    }

    fn party_view(&self, party: &Party) -> PartyView {
        let me = self.keys.identity.id();
        let membership = party.membership();
        let online = self.online(party);
        let members = membership
            .members()
            .iter()
            .map(|member| MemberView {
                identity: member.identity,
                name: member.name.clone(),
                role: member.role,
                admitted_by: member.admitted_by,
                since: member.since,
                how: member.how,
                invitation: member.invitation.map(InvitationId::from_bytes),
                devices: member.devices.clone(),
                presence: if member.identity == me {
                    Presence::Me
                } else if online.contains(&member.identity) {
                    Presence::Online
                } else {
                    Presence::Offline(self.last_seen.get(&member.identity).copied())
                },
            })
            .collect();
        PartyView {
            id: party.id(),
            name: membership.party_name().to_owned(),
            role: self.own_role(party.id()).ok(),
            members,
            tasks: party.tasks(),
            notes: party.notes(),
            messages: party.messages(),
            files: self.file_views(party),
            deleted: party.deleted(),
            requests: self.request_views(party),
            delegated: self.delegated_views(party),
            unread: self.unread(party),
            sync: self.sync_view(party),
            health: if party.is_incomplete() {
                PartyHealth::Incomplete
            } else {
                PartyHealth::Whole
            },
        }
    }
}
