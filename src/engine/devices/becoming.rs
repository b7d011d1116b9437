//! This device becomes a further one of a person: it takes over who that is, and all their parties.

use std::sync::Arc;

use crate::identity::{EndpointId, Keys};
use crate::invitation::invitee::{StoreRefusal, Stored};
use crate::invitation::{InvitationId, RedeemError};
use crate::party::{Act, Op, Paired, PairingExpectation, Party};
use crate::store::Change;

use super::super::RedemptionId;
use super::super::addresses::found_at;
use super::super::open::Open;
use super::super::peers::Author;
use super::super::{Event, RequestId};
use super::machine_name;

impl Open {
    /// Whether nothing here depends on the identity that a code for a device replaces.
    ///
    /// # Errors
    /// [`RedeemError::HasParties`], [`RedeemError::OthersUnderWay`].
    pub(in crate::engine) fn may_become_anothers(&self, by: InvitationId) -> Result<(), RedeemError> {
        if !self.parties.is_empty() || !self.unreadable.is_empty() {
            return Err(RedeemError::HasParties);
        }
        if self.redeems_others(by) {
            return Err(RedeemError::OthersUnderWay);
        }
        Ok(())
    }

    /// Checks what the other device handed over, and becomes the person's: identity, name, parties and the end of the
    /// redemption in one transaction.
    pub(in crate::engine) async fn store_pairing(
        &mut self,
        id: RedemptionId,
        invitation: InvitationId,
        ops: &[Vec<u8>],
        adder: EndpointId,
    ) -> Result<Stored, StoreRefusal> {
        self.may_become_anothers(invitation).map_err(|error| match error {
            RedeemError::HasParties => StoreRefusal::HasParties,
            _ => StoreRefusal::OthersUnderWay,
        })?;
        let expectation = PairingExpectation {
            adder,
            device: self.keys.device.id(),
            endpoint: self.keys.endpoint.id(),
        };
        let paired = Paired::read(ops, &expectation).map_err(|error| {
            tracing::warn!(%error, "what the other device handed over does not make this one the person's");
            StoreRefusal::BadLog
        })?;
        let keys = self.keys_with(&paired)?;
        let name = paired.name().unwrap_or(&self.name).to_owned();
        let Paired {
            certificate,
            op,
            mut home,
            parties,
        } = paired;
        let named = Act::DeviceNamed {
            device: keys.device.id(),
            name: machine_name(),
        };
        home.write(&keys, named, self.now()).or(Err(StoreRefusal::BadLog))?;

        let stored = Stored { party: home.id(), op };
        let parties: Vec<Party> = [home].into_iter().chain(parties).collect();
        let inviter = self.inviter_addresses(id);
        let mut changes = vec![
            Change::AdoptIdentity {
                identity: certificate.identity,
                signature: certificate.signature,
            },
            Change::SetName(name.clone()),
            Change::DeletePending { id: invitation },
        ];
        changes.extend(parties.iter().map(all_of));
        changes.extend(inviter.as_ref().map(found_at));
        self.store_or_tell(changes).await.or(Err(StoreRefusal::Storage))?;

        self.keys = Arc::new(keys);
        self.name = name;
        self.addresses.extend(inviter);
        self.tell_who_this_is(None).await;
        for party in parties {
            self.come_into(party).await;
        }
        Ok(stored)
    }

    /// This device's keys as those of the person.
    fn keys_with(&self, paired: &Paired) -> Result<Keys, StoreRefusal> {
        let (device, endpoint) = (self.keys.device.seed(), self.keys.endpoint.seed());
        let certificate = &paired.certificate;
        Keys::certified(&device, &endpoint, certificate.identity, certificate.signature).or(Err(StoreRefusal::BadLog))
    }

    /// A party that is stored has come to this device.
    pub(super) async fn come_into(&mut self, party: Party) {
        let id = party.id();
        self.parties.insert(id, party);
        self.publish_party(id).await;
        self.membership_changed(id, Author::Peer);
    }

    /// The profile is open and looks different.
    pub(in crate::engine) async fn tell_who_this_is(&self, request: Option<RequestId>) {
        let profile = self.profile_view();
        self.context
            .events
            .send(Event::ProfileChanged { request, profile })
            .await;
    }
}

/// The change that stores a whole party.
pub(super) fn all_of(party: &Party) -> Change {
    let ops: Vec<Op> = party.ops().cloned().collect();
    Change::AppendOps { party: party.id(), ops }
}
