//! How a device that was away learns that its person has been removed. No IO.

use std::collections::BTreeSet;

use super::{Act, Op, OpId, Party};
use crate::identity::{EndpointId, IdentityId};

impl Party {
    /// What shows a removed member's device that it is one: the removal and the membership it was made in, in causal order.
    ///
    /// None for the device of a member, and for one that never was a member's. Nothing that happened after the removal is in it.
    #[must_use]
    pub fn farewell(&self, endpoint: EndpointId) -> Option<Vec<Op>> {
        let ops = self.membership_closure();
        let identity = ops.iter().rev().find_map(|op| owner_of(op, endpoint))?;
        if self.membership().member(identity).is_some() {
            return None;
        }
        let removal = ops
            .iter()
            .rev()
            .find(|op| matches!(op.act(), Act::MemberRemoved { member, .. } if *member == identity))?;
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

/// Whose device the op makes this endpoint, if it does.
fn owner_of(op: &Op, endpoint: EndpointId) -> Option<IdentityId> {
    match op.act() {
        Act::Genesis { endpoint: own, .. } | Act::DeviceAdded { endpoint: own, .. } if *own == endpoint => {
            Some(op.author())
        }
        Act::MemberAdmitted {
            member, endpoint: own, ..
        } if *own == endpoint => Some(*member),
        _ => None,
    }
}
