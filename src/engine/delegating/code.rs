//! The code of a delegated invitation: whom it leads to.

use crate::identity::EndpointId;
use crate::invitation::delegation::Delegation;
use crate::invitation::{CodeError, CodeKind, Flags, Hint, InviteCode, Secret};
use crate::net::NetworkMode;
use crate::party::{PartyId, Role};
use crate::time::Timestamp;

use super::super::open::Open;

/// How many further devices a code names.
const FURTHER_DEVICES: usize = 3;

/// How many addresses of this device a code with further devices has room for.
const OWN_ADDRESSES: usize = 2;

impl Open {
    /// The code of a delegated invitation: this device first, then members' devices that can finish it, whoever is there or was
    /// there last first.
    pub(super) fn delegated_code(&self, record: &Delegation) -> Result<InviteCode, CodeError> {
        let mut hints: Vec<Hint> = Vec::new();
        let mut addresses = 0;
        for hint in self.code_hints() {
            addresses += usize::from(matches!(hint, Hint::Address(_)));
            if addresses <= OWN_ADDRESSES || !matches!(hint, Hint::Address(_)) {
                hints.push(hint);
            }
        }
        for (endpoint, place) in self.likely_admitters(record.party).into_iter().zip(1..) {
            hints.push(Hint::Endpoint(endpoint));
            // Elsewhere a name service finds it, and where somebody lives is not for a code to tell.
            let is_found = *self.network_to_be() == NetworkMode::PublicRelays;
            let address = self.addresses.get(&endpoint).and_then(|known| known.first());
            hints.extend(address.filter(|_| !is_found).map(|address| Hint::AddressOf {
                place,
                address: *address,
            }));
        }
        hints.push(Hint::Role(record.role.into()));
        let approval = if record.method.needs_approval() {
            Flags::APPROVAL
        } else {
            Flags::default()
        };
        let kind = match record.method.mailbox() {
            Some(_) => CodeKind::Email,
            None => CodeKind::Delegated,
        };
        let several = if record.max_uses > 1 {
            Flags::MULTI_USE
        } else {
            Flags::default()
        };
        InviteCode::new(
            kind,
            approval.with(several),
            Secret::from_bytes(*record.secret.as_bytes()),
            record.party.tag(),
            self.keys.endpoint.id(),
            Some(record.expires),
            hints,
        )
    }

    fn likely_admitters(&self, party: PartyId) -> Vec<EndpointId> {
        let Some(party) = self.parties.get(&party) else {
            return Vec::new();
        };
        let me = self.keys.endpoint.id();
        let mut devices: Vec<(bool, Option<Timestamp>, EndpointId)> = party
            .membership()
            .members()
            .iter()
            .filter(|member| member.role >= Role::Editor)
            .flat_map(|member| {
                let seen = self.last_seen.get(&member.identity).copied();
                member.devices.iter().map(move |device| (seen, device.endpoint))
            })
            .filter(|(_, endpoint)| *endpoint != me)
            .map(|(seen, endpoint)| (self.peers.linked.contains_key(&endpoint), seen, endpoint))
            .collect();
        devices.sort_unstable_by(|one, other| other.cmp(one));
        devices
            .into_iter()
            .map(|(_, _, endpoint)| endpoint)
            .take(FURTHER_DEVICES)
            .collect()
    }
}
