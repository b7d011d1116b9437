//! Who is in, as one set of ops says: built by applying ops one by one. No IO.

use std::sync::Arc;

use super::graph::{Grounds, Key, Node};
use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::party::evidence::invitation_id;
use crate::party::shared::Shared;
use crate::party::{Act, Device, How, JoinRequest, JoinRequestId, Member, Op, Role};
use crate::time::Timestamp;

/// How many devices a member may have at a time.
const MAX_DEVICES: usize = 16;

/// Members, invitations and seniority. Cheap to clone.
#[derive(Clone, Default)]
pub(in crate::party) struct State {
    pub(super) name: Arc<str>,
    pub(super) members: Shared<IdentityId, Arc<Entry>>,
    /// Whose each member's device is.
    devices: Shared<DeviceId, IdentityId>,
    /// Where members' devices are reached.
    endpoints: Shared<EndpointId, ()>,
    owners: Shared<IdentityId, ()>,
    /// The first admission of everybody who is out. It outlives a removal: who comes back is not younger.
    out: Shared<IdentityId, Key>,
    pub(super) delegations: Shared<[u8; 16], Arc<Delegation>>,
    /// Who has asked to come in.
    pub(super) requests: Shared<JoinRequestId, Arc<JoinRequest>>,
    /// Requests that an administrator has refused.
    pub(super) denied: Shared<JoinRequestId, ()>,
    /// Devices that were removed. They do not come back: an old certificate would undo the removal.
    pub(super) gone: Shared<DeviceId, ()>,
}

/// A member.
#[derive(Clone)]
pub(in crate::party) struct Entry {
    pub(in crate::party) role: Role,
    pub(super) name: Option<String>,
    pub(super) admitted_by: Option<IdentityId>,
    pub(super) since: Timestamp,
    pub(super) how: Option<How>,
    pub(super) invitation: Option<[u8; 16]>,
    /// Hardly ever more than a few.
    devices: Vec<(DeviceId, Certified)>,
    pub(super) admission: usize,
    pub(super) admission_key: Key,
    /// The key of the member's first admission.
    seniority: Key,
    role_from: usize,
}

/// Who admitted somebody, how, and by which invitation: nobody admitted the founder.
#[derive(Default)]
struct By {
    admitter: Option<IdentityId>,
    how: Option<How>,
    invitation: Option<[u8; 16]>,
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
    pub(super) used_by: Shared<IdentityId, ()>,
    /// How many have asked to come in by it.
    pub(super) requests: u32,
}

impl Entry {
    /// What makes the member one with this role at this device.
    pub(in crate::party) fn grounds(&self, device: DeviceId) -> Option<Grounds> {
        let from = self.device(device)?.from;
        Some(Grounds {
            admission: self.admission,
            role: self.role_from,
            device: from,
        })
    }

    /// One of the member's devices.
    pub(super) fn device(&self, device: DeviceId) -> Option<&Certified> {
        let mut devices = self.devices.iter();
        devices.find(|(id, _)| *id == device).map(|(_, known)| known)
    }

    /// Nobody crowds the others out with devices.
    pub(super) fn has_room_for_a_device(&self) -> bool {
        self.devices.len() < MAX_DEVICES
    }

    pub(super) fn has_several_devices(&self) -> bool {
        self.devices.len() > 1
    }

    /// The member as the rest of the program knows them.
    pub(super) fn member(&self, identity: IdentityId) -> Member {
        let devices = self.devices.iter().map(|(id, known)| Device {
            device: *id,
            endpoint: known.endpoint,
        });
        Member {
            identity,
            role: self.role,
            name: self.name.clone(),
            admitted_by: self.admitted_by,
            since: self.since,
            devices: devices.collect(),
            how: self.how,
            invitation: self.invitation,
            admission: self.admission_key.1,
        }
    }
}

impl State {
    pub(in crate::party) fn member(&self, identity: IdentityId) -> Option<&Entry> {
        self.members.get(&identity).map(|entry| &**entry)
    }

    pub(super) fn seniority(&self, identity: IdentityId) -> Option<Key> {
        let known = self.member(identity).map(|entry| &entry.seniority);
        known.or_else(|| self.out.get(&identity)).copied()
    }

    /// Whether whom an op lets in, or whose device it adds, is in already with the very device that it names.
    pub(super) fn has(&self, op: &Op) -> bool {
        let (member, device, endpoint) = match op.act() {
            Act::MemberAdmitted {
                member,
                device,
                endpoint,
                ..
            } => (*member, device, endpoint),
            Act::DeviceAdded { device, endpoint, .. } => (op.author(), device, endpoint),
            _ => return false,
        };
        let known = self.member(member).and_then(|entry| entry.device(*device));
        known.is_some_and(|known| known.endpoint == *endpoint)
    }

    /// Whether any member has this device.
    pub(in crate::party) fn has_device(&self, device: DeviceId) -> bool {
        self.devices.contains(&device)
    }

    /// Whether any member has this device, or is reached at this endpoint.
    pub(super) fn is_taken(&self, device: DeviceId, endpoint: EndpointId) -> bool {
        self.devices.contains(&device) || self.endpoints.contains(&endpoint)
    }

    /// Whether a device was removed, so that it cannot come back.
    pub(in crate::party) fn has_removed(&self, device: DeviceId) -> bool {
        self.gone.contains(&device)
    }

    /// Whether this is the one Owner that is left.
    pub(super) fn is_last_owner(&self, identity: IdentityId) -> bool {
        self.owners.len() == 1 && self.owners.contains(&identity)
    }

    /// The member with this device.
    pub(super) fn owner_of(&self, device: DeviceId) -> Option<(IdentityId, &Entry)> {
        let owner = *self.devices.get(&device)?;
        Some((owner, self.member(owner)?))
    }

    /// Applies an op that `rules::allowed` has allowed in this very state.
    pub(super) fn apply(&mut self, node: &Node, at: usize) {
        let op = &node.op;
        match op.act() {
            Act::Genesis { name, endpoint, .. } => {
                self.name = name.as_str().into();
                let founder = (op.author(), Role::Owner);
                self.admit((node, at), founder, (op.device(), *endpoint), By::default());
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
                let by = By {
                    admitter: Some(op.author()),
                    how: Some(*how),
                    invitation: (*how != How::Direct).then_some(*invitation),
                };
                if self.members.contains(member) {
                    self.add_device(
                        *member,
                        at,
                        (*device, *endpoint),
                        DeviceId::from_bytes(*member.as_bytes()),
                    );
                } else {
                    self.admit((node, at), (*member, *role), (*device, *endpoint), by);
                }
                if !matches!(how, How::Direct | How::Pin) {
                    self.change_delegation(*invitation, |delegation| delegation.used_by.insert(*member, ()));
                }
            }
            Act::InvitationDelegated { .. } => self.delegate(op),
            Act::InvitationRevoked { invitation } => {
                self.change_delegation(*invitation, |delegation| delegation.revoked = true);
            }
            Act::RoleChanged { member, role, .. } => {
                self.change(*member, |entry| {
                    entry.role = *role;
                    entry.role_from = at;
                });
                self.note_owner(*member, *role);
            }
            Act::MemberRemoved { member, .. } => self.remove(*member),
            Act::DeviceAdded {
                device,
                endpoint,
                signer,
                ..
            } => self.add_device(op.author(), at, (*device, *endpoint), DeviceId::from_bytes(*signer)),
            Act::DeviceRemoved { device, .. } => self.remove_device(*device),
            Act::Renamed { name } => self.name = name.as_str().into(),
            Act::Named { name } => self.change(op.author(), |entry| entry.name = Some(name.clone())),
            Act::JoinRequested { .. } => self.take_request(op),
            Act::RequestDenied { invitation, member } => {
                self.denied.insert(JoinRequestId::of(invitation, *member), ());
            }
            // Data and newer kinds have no effect on membership.
            _ => {}
        }
    }

    /// Puts somebody in.
    fn admit(
        &mut self,
        (node, at): (&Node, usize),
        (who, role): (IdentityId, Role),
        (device, endpoint): (DeviceId, EndpointId),
        by: By,
    ) {
        let known = Certified {
            endpoint,
            chain: 1,
            from: at,
        };
        let seniority = self.seniority(who).unwrap_or_else(|| node.key());
        self.devices.insert(device, who);
        self.endpoints.insert(endpoint, ());
        self.note_owner(who, role);
        let entry = Entry {
            role,
            name: None,
            admitted_by: by.admitter,
            since: node.op.time(),
            how: by.how,
            invitation: by.invitation,
            devices: vec![(device, known)],
            admission: at,
            admission_key: node.key(),
            seniority,
            role_from: at,
        };
        self.members.insert(who, Arc::new(entry));
    }

    fn remove(&mut self, who: IdentityId) {
        let Some(entry) = self.members.get(&who).map(Arc::clone) else {
            return;
        };
        for (device, known) in &entry.devices {
            self.devices.remove(device);
            self.endpoints.remove(&known.endpoint);
        }
        self.owners.remove(&who);
        self.out.insert(who, entry.seniority);
        self.members.remove(&who);
    }

    fn add_device(&mut self, who: IdentityId, at: usize, (device, endpoint): (DeviceId, EndpointId), signer: DeviceId) {
        self.devices.insert(device, who);
        self.endpoints.insert(endpoint, ());
        self.change(who, |entry| {
            let above = entry.device(signer).map_or(0, |signer| signer.chain);
            let chain = above.saturating_add(1);
            let known = Certified {
                endpoint,
                chain,
                from: at,
            };
            entry.devices.push((device, known));
            entry.devices.sort_unstable_by_key(|(id, _)| *id);
        });
    }

    fn remove_device(&mut self, device: DeviceId) {
        if let Some(owner) = self.devices.get(&device).copied() {
            let endpoint = self
                .member(owner)
                .and_then(|entry| Some(entry.device(device)?.endpoint));
            if let Some(endpoint) = endpoint {
                self.endpoints.remove(&endpoint);
            }
            self.change(owner, |entry| entry.devices.retain(|(id, _)| *id != device));
            self.devices.remove(&device);
        }
        self.gone.insert(device, ());
    }

    fn note_owner(&mut self, who: IdentityId, role: Role) {
        if role == Role::Owner {
            self.owners.insert(who, ());
        } else {
            self.owners.remove(&who);
        }
    }

    fn change(&mut self, who: IdentityId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.members.get(&who) {
            let mut entry = Entry::clone(entry);
            change(&mut entry);
            self.members.insert(who, Arc::new(entry));
        }
    }

    pub(super) fn change_delegation(&mut self, invitation: [u8; 16], change: impl FnOnce(&mut Delegation)) {
        if let Some(delegation) = self.delegations.get(&invitation) {
            let mut delegation = Delegation::clone(delegation);
            change(&mut delegation);
            self.delegations.insert(invitation, Arc::new(delegation));
        }
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
                used_by: Shared::default(),
                requests: 0,
            };
            self.delegations.insert(invitation_id(key), Arc::new(delegation));
        }
    }
}
