//! Who is in, as one set of ops says: built by applying ops one by one. No IO.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Grounds, Key, Node};
use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::party::evidence::invitation_id;
use crate::party::{Act, How, Op, Role};
use crate::time::Timestamp;

/// Members, invitations and seniority.
#[derive(Clone, Default)]
pub(in crate::party) struct State {
    pub(super) name: String,
    pub(super) members: BTreeMap<IdentityId, Entry>,
    /// Each identity's first admission. It outlives a removal: who comes back is not younger.
    seniority: BTreeMap<IdentityId, Key>,
    pub(super) delegations: BTreeMap<[u8; 16], Delegation>,
    /// Devices that were removed. They do not come back: an old certificate would undo the removal.
    pub(super) gone: BTreeSet<DeviceId>,
}

/// A member.
#[derive(Clone)]
pub(in crate::party) struct Entry {
    pub(in crate::party) role: Role,
    pub(super) name: Option<String>,
    pub(super) admitted_by: Option<IdentityId>,
    pub(super) since: Timestamp,
    pub(super) invitation: Option<[u8; 16]>,
    pub(super) devices: BTreeMap<DeviceId, Certified>,
    pub(super) admission: usize,
    pub(super) admission_key: Key,
    role_from: usize,
}

/// A device of a member.
#[derive(Clone)]
pub(super) struct Certified {
    pub(super) endpoint: EndpointId,
    /// How many signatures lie between the identity key and this device.
    pub(super) chain: u8,
    from: usize,
}

/// An invitation that others may admit by.
#[derive(Clone)]
pub(super) struct Delegation {
    pub(super) by: IdentityId,
    pub(super) key: [u8; 32],
    pub(super) role: Role,
    pub(super) max_uses: u32,
    pub(super) not_after: u64,
    pub(super) method: u8,
    pub(super) bind: [u8; 32],
    pub(super) min_admitter_role: Role,
    pub(super) revoked: bool,
    pub(super) used_by: BTreeSet<IdentityId>,
}

impl Entry {
    /// What makes the member one with this role at this device.
    pub(in crate::party) fn grounds(&self, device: DeviceId) -> Option<Grounds> {
        let from = self.devices.get(&device)?.from;
        Some(Grounds {
            admission: self.admission,
            role: self.role_from,
            device: from,
        })
    }
}

impl State {
    pub(in crate::party) fn member(&self, identity: IdentityId) -> Option<&Entry> {
        self.members.get(&identity)
    }

    pub(super) fn seniority(&self, identity: IdentityId) -> Option<Key> {
        self.seniority.get(&identity).copied()
    }

    /// Whether an admission's member is in already, with the very device that it names.
    pub(super) fn has(&self, act: &Act) -> bool {
        let Act::MemberAdmitted {
            member,
            device,
            endpoint,
            ..
        } = act
        else {
            return false;
        };
        let known = self.members.get(member).and_then(|entry| entry.devices.get(device));
        known.is_some_and(|known| known.endpoint == *endpoint)
    }

    /// Whether any member has this device, or is reached at this endpoint.
    pub(super) fn is_taken(&self, device: DeviceId, endpoint: EndpointId) -> bool {
        let taken = |(id, known): (&DeviceId, &Certified)| *id == device || known.endpoint == endpoint;
        self.members.values().any(|member| member.devices.iter().any(taken))
    }

    /// Whether this is the one Owner that is left.
    pub(super) fn is_last_owner(&self, identity: IdentityId) -> bool {
        let mut owners = self.members.iter().filter(|(_, member)| member.role == Role::Owner);
        owners.next().is_some_and(|(owner, _)| *owner == identity) && owners.next().is_none()
    }

    /// The member with this device.
    pub(super) fn owner_of(&self, device: DeviceId) -> Option<(IdentityId, &Entry)> {
        self.members
            .iter()
            .find(|(_, member)| member.devices.contains_key(&device))
            .map(|(id, member)| (*id, member))
    }

    /// Applies an op that `rules::allowed` has allowed in this very state.
    pub(super) fn apply(&mut self, node: &Node, at: usize) {
        let op = &node.op;
        match op.act() {
            Act::Genesis { name, endpoint, .. } => {
                self.name.clone_from(name);
                self.admit(node, at, op.author(), Role::Owner, (op.device(), *endpoint));
            }
            Act::MemberAdmitted {
                member,
                role,
                device,
                endpoint,
                invitation,
                how,
                ..
            } => {
                self.admit(node, at, *member, *role, (*device, *endpoint));
                if let Some(entry) = self.members.get_mut(member) {
                    entry.admitted_by = Some(op.author());
                    entry.invitation = (*how != How::Direct).then_some(*invitation);
                }
                if !matches!(how, How::Direct | How::Pin)
                    && let Some(delegation) = self.delegations.get_mut(invitation)
                {
                    delegation.used_by.insert(*member);
                }
            }
            Act::InvitationDelegated { .. } => self.delegate(op),
            Act::InvitationRevoked { invitation } => {
                if let Some(delegation) = self.delegations.get_mut(invitation) {
                    delegation.revoked = true;
                }
            }
            Act::RoleChanged { member, role } => {
                if let Some(entry) = self.members.get_mut(member) {
                    entry.role = *role;
                    entry.role_from = at;
                }
            }
            Act::MemberRemoved { member } => drop(self.members.remove(member)),
            Act::DeviceAdded {
                device,
                endpoint,
                signer,
                ..
            } => {
                if let Some(entry) = self.members.get_mut(&op.author()) {
                    let above = entry
                        .devices
                        .get(&DeviceId::from_bytes(*signer))
                        .map_or(0, |signer| signer.chain);
                    let chain = above.saturating_add(1);
                    entry.devices.insert(
                        *device,
                        Certified {
                            endpoint: *endpoint,
                            chain,
                            from: at,
                        },
                    );
                }
            }
            Act::DeviceRemoved { device } => {
                for member in self.members.values_mut() {
                    member.devices.remove(device);
                }
                self.gone.insert(*device);
            }
            Act::Renamed { name } => self.name.clone_from(name),
            Act::Named { name } => {
                if let Some(entry) = self.members.get_mut(&op.author()) {
                    entry.name = Some(name.clone());
                }
            }
            // A request has no effect until an admin approves it; data and newer kinds have none on membership.
            _ => {}
        }
    }

    fn admit(&mut self, node: &Node, at: usize, who: IdentityId, role: Role, at_device: (DeviceId, EndpointId)) {
        let (device, endpoint) = at_device;
        let devices = BTreeMap::from([(
            device,
            Certified {
                endpoint,
                chain: 1,
                from: at,
            },
        )]);
        self.seniority.entry(who).or_insert_with(|| node.key());
        let entry = Entry {
            role,
            name: None,
            admitted_by: None,
            since: node.op.time(),
            invitation: None,
            devices,
            admission: at,
            admission_key: node.key(),
            role_from: at,
        };
        self.members.insert(who, entry);
    }

    fn delegate(&mut self, op: &Op) {
        if let Act::InvitationDelegated {
            key,
            role,
            max_uses,
            not_after,
            method,
            bind,
            min_admitter_role,
        } = op.act()
        {
            let delegation = Delegation {
                by: op.author(),
                key: *key,
                role: *role,
                max_uses: *max_uses,
                not_after: *not_after,
                method: *method,
                bind: *bind,
                min_admitter_role: *min_admitter_role,
                revoked: false,
                used_by: BTreeSet::new(),
            };
            self.delegations.insert(invitation_id(key), delegation);
        }
    }
}
