//! What a set of membership ops says. No IO.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conflicts::{Window, is_forked};
use super::graph::{Graph, Grounds, Node};
use super::rules::{Denied, allowed};
use super::state::State;
use crate::identity::{DeviceId, IdentityId};
use crate::party::past::Past;
use crate::party::shared::Shared;
use crate::party::{Act, Membership, Op, OpId, Role};

/// The removals in effect, by whose data they are about: their places in the graph.
pub(in crate::party) type Cuts = Shared<[u8; 33], Arc<Vec<usize>>>;

/// Whose data a removal is about.
#[derive(Clone, Copy)]
pub(in crate::party) enum Whose {
    Member(IdentityId),
    Device(DeviceId),
}

impl Whose {
    /// Its key among the removals.
    pub(in crate::party) fn key(self) -> [u8; 33] {
        let (id, kind) = match self {
            Self::Member(member) => (*member.as_bytes(), 0),
            Self::Device(device) => (*device.as_bytes(), 1),
        };
        let mut key = [kind; 33];
        key.iter_mut().zip(id).for_each(|(to, from)| *to = from);
        key
    }
}

/// The answer. Cheap to clone.
#[derive(Clone, Default)]
pub(in crate::party) struct Resolved {
    pub(in crate::party) state: State,
    /// The ops that took effect.
    pub(in crate::party) applied: Past,
    /// The same, and admissions of somebody who had been admitted by another op at the same time.
    pub(in crate::party) sound: Past,
    /// The first place of each device's chain that was written twice.
    pub(in crate::party) forks: Arc<BTreeMap<DeviceId, u64>>,
    pub(in crate::party) overused: Arc<Vec<OpId>>,
    pub(in crate::party) cuts: Cuts,
}

impl Resolved {
    /// Takes in ops that all stand on a waist, of which this is the answer; or all ops of a set, if it is that of none.
    pub(super) fn go_on(&mut self, graph: &Graph, ops: impl Iterator<Item = usize>) {
        let window = Window::new(graph, ops);
        window.note_forks(&mut self.forks);
        let vetoed = window.vetoed(&self.forks);
        for (at, node) in window.order() {
            if !vetoed.contains(at) {
                self.take(node, *at);
            }
        }
    }

    /// Takes in one op, of whose past this is the answer: nothing is concurrent with it, and this is the very state in which it
    /// was judged.
    pub(super) fn go_on_alone(&mut self, node: &Node, at: usize) {
        if node.authority.is_some() && !is_forked(&self.forks, node) {
            self.apply(node, at);
        }
    }

    /// Applies one op that is not vetoed, if it may take effect.
    fn take(&mut self, node: &Node, at: usize) {
        let Some(authority) = &node.authority else { return };
        let mut grounds = authority.grounds.into_iter().flat_map(Grounds::iter);
        if !grounds.all(|ground| self.sound.contains(ground)) {
            return;
        }
        match allowed(&self.state, node) {
            Ok(()) => self.apply(node, at),
            Err(Denied::AlreadyMember) if self.state.has(&node.op) => self.sound.insert(at),
            // Somebody else's removal, written at the same time, came first: what this one did not know of has no effect either.
            Err(Denied::MemberUnknown) => self.note_cut(&node.op, at),
            Err(Denied::UsedUp) => Arc::make_mut(&mut self.overused).push(node.op.id()),
            Err(_) => {}
        }
    }

    fn apply(&mut self, node: &Node, at: usize) {
        self.state.apply(node, at);
        self.applied.insert(at);
        self.sound.insert(at);
        self.note_cut(&node.op, at);
    }

    fn note_cut(&mut self, op: &Op, at: usize) {
        let whose = match op.act() {
            Act::MemberRemoved { member, .. } => Whose::Member(*member),
            Act::RoleChanged { member, role, .. } if *role < Role::Editor => Whose::Member(*member),
            Act::DeviceRemoved { device, .. } => Whose::Device(*device),
            _ => return,
        };
        let key = whose.key();
        let known = self.cuts.get(&key).map(|cuts| cuts.as_slice()).unwrap_or_default();
        let cuts = known.iter().copied().chain([at]).collect();
        self.cuts.insert(key, Arc::new(cuts));
    }

    /// The places of all removals in effect.
    pub(in crate::party) fn removals(&self) -> Vec<usize> {
        let all = self.cuts.iter();
        all.flat_map(|(_, cuts)| cuts.iter().copied()).collect()
    }

    /// Whether the same removals are in effect as in another answer.
    pub(in crate::party) fn cuts_as(&self, other: &Self) -> bool {
        self.cuts.differences(&other.cuts, PartialEq::eq).is_empty()
    }

    /// Brings what the rest of the program asks up to date, where this differs from the former answer.
    pub(in crate::party) fn show(&self, former: &Self, membership: &mut Membership) {
        membership.rename_party(&self.state.name);
        let changed = self.state.members.differences(&former.state.members, Arc::ptr_eq);
        changed.iter().for_each(|(identity, _)| membership.take(*identity));
        let still = changed
            .into_iter()
            .filter_map(|(identity, entry)| Some((identity, entry?)));
        let mut entries: Vec<_> = still
            .map(|(identity, entry)| (entry.admission_key, identity, entry))
            .collect();
        entries.sort_unstable_by_key(|(admission, ..)| *admission);
        let members = entries.into_iter();
        membership.put(members.map(|(admission, identity, entry)| (admission, entry.member(identity))));
    }

    /// What somebody's membership rests on, if the role is at least this one.
    pub(in crate::party) fn grounds(&self, op: &Op, at_least: Role) -> Option<(Grounds, Role)> {
        let member = self.state.member(op.author())?;
        if member.role < at_least {
            return None;
        }
        Some((member.grounds(op.device())?, member.role))
    }
}
