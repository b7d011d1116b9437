//! Where the devices of one person meet: a party that nobody else is in, and that is not shown as one. No IO.
//!
//! Its log is the list of the person's devices, with their names; it is founded when the first further device is added. It is
//! known by its genesis: the nonce there is a hash of the founder's identity. What is removed from it is removed for good, and
//! each device carries that into all its parties.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{Act, Op, OpId, Party, WriteError};
use crate::identity::{Certificate, DeviceId, EndpointId, IdentityId, Keys};
use crate::time::Timestamp;

/// The party's name in its log. Nobody sees it.
const NAME: &str = "Devices";

/// A device of one person, as a log has it.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnDevice {
    /// The key that signs its ops.
    pub device: DeviceId,
    /// Where it is on the network.
    pub endpoint: EndpointId,
    /// The name it was given, where the log has one.
    pub name: Option<String>,
    /// Since when it is in, by the clock of who added it.
    pub since: Timestamp,
    /// What shows other logs that it is this person's; none if another device has vouched for it and not the person's key.
    pub certificate: Option<Certificate>,
}

/// Ids and time: a name is not for logs.
impl std::fmt::Debug for OwnDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnDevice")
            .field("device", &self.device)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

impl Party {
    /// Founds the party in which a person's devices meet, with the first of them.
    ///
    /// # Errors
    /// [`WriteError::NameInvalid`] if one of the names is not one.
    pub fn found_home(
        keys: &Keys,
        own_name: &str,
        device_name: &str,
        now: Timestamp,
    ) -> Result<(Self, Vec<Op>), WriteError> {
        let nonce = home_nonce(keys.identity.id());
        let (mut home, mut ops) = Self::found_with(keys, (own_name, NAME), nonce, now)?;
        let named = Act::DeviceNamed {
            device: keys.device.id(),
            name: device_name.to_owned(),
        };
        ops.push(home.write(keys, named, now)?);
        Ok((home, ops))
    }

    /// Whose devices meet here; none for every other party.
    #[must_use]
    pub fn home_of(&self) -> Option<IdentityId> {
        let genesis = &self.log.entries().first()?.op;
        let is_home = matches!(genesis.act(), Act::Genesis { nonce, .. } if *nonce == home_nonce(genesis.author()));
        is_home.then(|| genesis.author())
    }

    /// The devices with which a person is in this party, the first one first.
    #[must_use]
    pub fn devices_of(&self, identity: IdentityId) -> Vec<OwnDevice> {
        let Some(member) = self.membership().member(identity) else {
            return Vec::new();
        };
        let mut names = BTreeMap::new();
        let mut named: Vec<_> = self.applied().collect();
        named.sort_unstable_by_key(|(key, _)| *key);
        for (_, op) in named {
            if let Act::DeviceNamed { device, name } = op.act() {
                names.insert(*device, name.clone());
            }
        }
        let mut devices: Vec<OwnDevice> = member
            .devices
            .iter()
            .filter_map(|known| {
                let op = self.brought(known.device)?;
                Some(OwnDevice {
                    device: known.device,
                    endpoint: known.endpoint,
                    name: names.remove(&known.device),
                    since: op.time(),
                    certificate: certificate_in(op),
                })
            })
            .collect();
        devices.sort_by_key(|device| (device.since, device.device));
        devices
    }

    /// The op that brought a device in.
    #[must_use]
    pub fn brought(&self, device: DeviceId) -> Option<&Op> {
        let brings = self.applied().filter(|(_, op)| brings(op, device));
        brings.max_by_key(|(key, _)| *key).map(|(_, op)| op)
    }

    /// Whether a device was removed from this party: it does not come back.
    #[must_use]
    pub fn has_removed(&self, device: DeviceId) -> bool {
        self.resolved.state.has_removed(device)
    }

    /// Every device that this person has removed from this party: it is lost or retired. One that an administrator has removed
    /// from this party alone is not among them.
    #[must_use]
    pub fn retired_by(&self, identity: IdentityId) -> Vec<DeviceId> {
        let removed = self.applied().filter_map(|(_, op)| match op.act() {
            Act::DeviceRemoved { device, .. } if op.author() == identity => Some(*device),
            _ => None,
        });
        removed.collect()
    }

    /// The membership ops that took effect, each with its place in the order of all ops.
    fn applied(&self) -> impl Iterator<Item = ((u64, OpId), &Op)> {
        let nodes = self.log.graph.iter().enumerate();
        nodes
            .filter(|(place, _)| self.resolved.applied.contains(*place))
            .map(|(_, node)| (node.key(), &node.op))
    }
}

fn brings(op: &Op, device: DeviceId) -> bool {
    match op.act() {
        Act::Genesis { .. } => op.device() == device,
        Act::MemberAdmitted { device: new, .. } | Act::DeviceAdded { device: new, .. } => *new == device,
        _ => false,
    }
}

/// The certificate in an op, if it is signed by the person's own key.
fn certificate_in(op: &Op) -> Option<Certificate> {
    let (identity, device, endpoint, signature) = match op.act() {
        Act::Genesis {
            endpoint, certificate, ..
        } => (op.author(), op.device(), *endpoint, *certificate),
        Act::MemberAdmitted {
            member,
            device,
            endpoint,
            certificate,
            ..
        } => (*member, *device, *endpoint, *certificate),
        Act::DeviceAdded {
            device,
            endpoint,
            signer,
            certificate,
        } if signer == op.author().as_bytes() => (op.author(), *device, *endpoint, *certificate),
        _ => return None,
    };
    Some(Certificate {
        identity,
        device,
        endpoint,
        signature,
    })
}

/// `SHA-256("party-id/1 home" ‖ 00 ‖ identity)`, the first half.
fn home_nonce(identity: IdentityId) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(b"party-id/1 home\0")
        .chain_update(identity.as_bytes())
        .finalize()
        .into();
    let mut nonce = [0; 16];
    nonce.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    nonce
}

#[cfg(test)]
mod tests;
