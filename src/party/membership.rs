//! Who is in, as the log resolves: what the rest of the program asks about members. No IO.

use std::collections::HashMap;

use super::resolver::Key;
use super::{How, OpId, Role};
use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::time::Timestamp;

/// A machine of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The key that signs its ops.
    pub device: DeviceId,
    /// Where it is on the network.
    pub endpoint: EndpointId,
}

/// Somebody who is in the party.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub identity: IdentityId,
    /// What they may do.
    pub role: Role,
    /// The name they go by, or none yet.
    pub name: Option<String>,
    /// Who admitted them; none for the founder.
    pub admitted_by: Option<IdentityId>,
    /// When they were admitted, by the admitter's clock.
    pub since: Timestamp,
    /// Their certified devices, by device id. Never empty.
    pub devices: Vec<Device>,
    /// How they came in; none for the founder.
    pub how: Option<How>,
    /// The id of the invitation they came by; none for the founder and for who was admitted without one.
    pub invitation: Option<[u8; 16]>,
    /// The op that admitted them, or the genesis.
    pub admission: OpId,
}

/// Ids, role and times: a name is not for logs.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("identity", &self.identity)
            .field("role", &self.role)
            .field("devices", &self.devices)
            .finish_non_exhaustive()
    }
}

/// The members of a party: what its log resolves to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Membership {
    party_name: String,
    members: Vec<Member>,
    /// Each member's admission, which orders them: ascending.
    admissions: Vec<Key>,
    by_identity: HashMap<IdentityId, Key>,
    by_endpoint: HashMap<EndpointId, Key>,
    oddities: Oddities,
}

/// What members should be told about a log besides who is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    pub(super) forked: Vec<DeviceId>,
    pub(super) overused: Vec<OpId>,
    pub(super) has_newer_acts: bool,
}

impl Membership {
    pub(super) fn rename_party(&mut self, name: &str) {
        name.clone_into(&mut self.party_name);
    }

    pub(super) fn set_oddities(&mut self, oddities: Oddities) {
        self.oddities = oddities;
    }

    /// Puts in members who are not there yet, each with the op that admitted them, in the order of these.
    pub(super) fn put(&mut self, members: impl Iterator<Item = (Key, Member)>) {
        if self.members.is_empty() {
            return self.fill(members);
        }
        for (admission, member) in members {
            let at = self.admissions.partition_point(|other| *other < admission);
            self.by_identity.insert(member.identity, admission);
            self.by_endpoint.extend(endpoints(admission, &member));
            self.members.insert(at, member);
            self.admissions.insert(at, admission);
        }
    }

    /// Puts all members in at once, which is quicker than one by one.
    fn fill(&mut self, members: impl Iterator<Item = (Key, Member)>) {
        (self.admissions, self.members) = members.unzip();
        let all = || self.admissions.iter().copied().zip(&self.members);
        self.by_identity = all().map(|(admission, member)| (member.identity, admission)).collect();
        // Nearly everybody has one device.
        self.by_endpoint = HashMap::with_capacity(self.members.len());
        let endpoints = all().flat_map(|(admission, member)| endpoints(admission, member));
        self.by_endpoint.extend(endpoints);
    }

    /// Takes a member out, if they are there.
    pub(super) fn take(&mut self, identity: IdentityId) {
        let admission = self.by_identity.remove(&identity);
        let Some(at) = admission.and_then(|admission| self.place(&admission)) else {
            return;
        };
        self.admissions.remove(at);
        for device in self.members.remove(at).devices {
            self.by_endpoint.remove(&device.endpoint);
        }
    }

    fn place(&self, admission: &Key) -> Option<usize> {
        self.admissions.binary_search(admission).ok()
    }

    fn admitted(&self, admission: Option<&Key>) -> Option<&Member> {
        self.members.get(self.place(admission?)?)
    }

    /// The party's name.
    #[must_use]
    pub fn party_name(&self) -> &str {
        &self.party_name
    }

    /// The members in the order in which they came, the founder first.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with this identity.
    #[must_use]
    pub fn member(&self, identity: IdentityId) -> Option<&Member> {
        self.admitted(self.by_identity.get(&identity))
    }

    /// The member who has a certified device at this endpoint.
    #[must_use]
    pub fn by_endpoint(&self, endpoint: EndpointId) -> Option<&Member> {
        self.admitted(self.by_endpoint.get(&endpoint))
    }

    /// Devices that signed two different ops for one place of their chain. Their ops from that place on have no effect.
    #[must_use]
    pub fn forked(&self) -> &[DeviceId] {
        &self.oddities.forked
    }

    /// Admissions that came too late: the invitation's uses were spent already.
    #[must_use]
    pub fn overused(&self) -> &[OpId] {
        &self.oddities.overused
    }

    /// Whether the log has acts of a newer version: some members use a newer app.
    #[must_use]
    pub fn has_newer_acts(&self) -> bool {
        self.oddities.has_newer_acts
    }
}

/// Where a member's devices are, for the index.
fn endpoints(admission: Key, member: &Member) -> impl Iterator<Item = (EndpointId, Key)> {
    member.devices.iter().map(move |device| (device.endpoint, admission))
}

/// Ids only: names are not for logs.
impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership")
            .field("members", &self.members)
            .field("oddities", &self.oddities)
            .finish_non_exhaustive()
    }
}
