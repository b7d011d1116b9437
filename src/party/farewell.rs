//! How a device that was away learns that its person has been removed, or it alone. No IO.

use std::collections::BTreeSet;

use super::{Act, Op, OpId, Party};
use crate::identity::{DeviceId, EndpointId, IdentityId};

impl Party {
    /// What shows a removed device, or that of a removed member, that it is one: the removal and the membership it was made in,
    /// in causal order.
    ///
    /// None for the device of a member, and for one that never was a member's. Nothing that happened after the removal is in it.
    #[must_use]
    pub fn farewell(&self, endpoint: EndpointId) -> Option<Vec<Op>> {
        let ops = self.membership_closure();
        if self.membership().by_endpoint(endpoint).is_some() {
            return None;
        }
        let (identity, device) = ops.iter().rev().find_map(|op| owner_of(op, endpoint))?;
        let is_in = self.membership().member(identity).is_some();
        let removal = ops.iter().rev().find(|op| match op.act() {
            Act::MemberRemoved { member, .. } => !is_in && *member == identity,
            Act::DeviceRemoved { device: removed, .. } => is_in && *removed == device,
            _ => false,
        })?;
        let mut past: BTreeSet<OpId> = BTreeSet::from([removal.id()]);
        // The closure is in causal order: backwards, every op comes before its past.
        for op in ops.iter().rev() {
            if past.contains(&op.id()) {
                past.extend(op.deps());
            }
        }
        Some(ops.into_iter().filter(|op| past.contains(&op.id())).collect())
    }

    /// Whether this person has left by an act of their own, and has not come back.
    #[must_use]
    pub fn was_left_by(&self, identity: IdentityId) -> bool {
        let is_leaving = |op: &Op| matches!(op.act(), Act::MemberRemoved { member, .. } if *member == identity);
        self.membership().member(identity).is_none()
            && self
                .membership_closure()
                .iter()
                .rev()
                .find(|op| is_leaving(op))
                .is_some_and(|op| op.author() == identity)
    }
}

/// Whose device the op makes this endpoint, if it does, and which.
fn owner_of(op: &Op, endpoint: EndpointId) -> Option<(IdentityId, DeviceId)> {
    match op.act() {
        Act::Genesis { endpoint: own, .. } if *own == endpoint => Some((op.author(), op.device())),
        Act::DeviceAdded {
            device, endpoint: own, ..
        } if *own == endpoint => Some((op.author(), *device)),
        Act::MemberAdmitted {
            member,
            device,
            endpoint: own,
            ..
        } if *own == endpoint => Some((*member, *device)),
        _ => None,
    }
}
