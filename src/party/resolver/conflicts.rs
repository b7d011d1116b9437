//! Which ops that were written at the same time cancel each other: steps 2 to 4 of the resolver. No IO.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::graph::{Graph, Grounds, Node, Target};
use super::rules::is_delegated;
use crate::identity::DeviceId;
use crate::party::Act;

/// Ops that stand on a waist, or all ops of a set: whatever is concurrent with one of them is among them.
pub(super) struct Window<'a> {
    graph: &'a Graph,
    /// In the order (depth, id).
    order: Vec<(usize, &'a Node)>,
    /// The least place of them: what is before the waist came before them.
    first: usize,
}

impl<'a> Window<'a> {
    /// `ops` are ascending.
    pub(super) fn new(graph: &'a Graph, ops: impl Iterator<Item = usize>) -> Self {
        let mut order: Vec<(usize, &Node)> = ops.filter_map(|at| Some((at, graph.get(at)?))).collect();
        let first = order.first().map_or(0, |(at, _)| *at);
        order.sort_unstable_by_key(|(_, node)| node.key());
        Self { graph, order, first }
    }

    pub(super) fn order(&self) -> &[(usize, &'a Node)] {
        &self.order
    }

    /// Step 2: the first place of each chain with two ops that were both authorised.
    pub(super) fn note_forks(&self, forks: &mut Arc<BTreeMap<DeviceId, u64>>) {
        let mut seen = BTreeSet::new();
        for (_, node) in self.order.iter().filter(|(_, node)| node.authority.is_some()) {
            let (device, seq) = (node.op.device(), node.op.seq());
            if !seen.insert((device, seq)) {
                let first = Arc::make_mut(forks).entry(device).or_insert(seq);
                *first = seq.min(*first);
            }
        }
    }

    /// Steps 2 to 4: the ops that have no effect, whatever the state.
    pub(super) fn vetoed(&self, forks: &BTreeMap<DeviceId, u64>) -> BTreeSet<usize> {
        let mut vetoed = self
            .order
            .iter()
            .filter(|(_, node)| is_forked(forks, node))
            .map(|(at, _)| *at)
            .collect();
        self.strike(&mut vetoed);
        self.revoke(&mut vetoed);
        vetoed
    }

    /// Step 3.
    fn strike(&self, vetoed: &mut BTreeSet<usize>) {
        let mut strikes: Vec<_> = self
            .order
            .iter()
            .filter_map(|(at, node)| {
                let authority = node.authority.as_ref()?;
                Some((authority.rank, *at, *node, authority.strikes?))
            })
            .collect();
        strikes.sort_unstable_by_key(|(rank, ..)| *rank);
        for (_, at, node, target) in strikes {
            if !self.stands(vetoed, at) {
                continue;
            }
            for (struck, other) in &self.order {
                let is_target = match target {
                    Target::Member(member) => other.op.author() == member,
                    Target::Device(device) => other.op.device() == device,
                };
                let comes_back = matches!((node.op.act(), other.op.act()),
                    (Act::MemberRemoved { member: out, .. }, Act::MemberAdmitted { member, .. }) if out == member);
                if (is_target || comes_back) && are_concurrent((at, node), (*struck, other)) {
                    vetoed.insert(*struck);
                }
            }
        }
    }

    /// Step 4.
    fn revoke(&self, vetoed: &mut BTreeSet<usize>) {
        for (at, node) in &self.order {
            let (invitation, whom) = match node.op.act() {
                Act::InvitationRevoked { invitation } => (invitation, None),
                Act::RequestDenied { invitation, member } => (invitation, Some(member)),
                _ => continue,
            };
            if node.authority.is_none() || !self.stands(vetoed, *at) {
                continue;
            }
            for (used, other) in &self.order {
                let uses = matches!(other.op.act(), Act::MemberAdmitted { invitation: by, how, member, .. }
                    if is_delegated(*how) && by == invitation && whom.is_none_or(|whom| whom == member));
                if uses && other.op.author() != node.op.author() && are_concurrent((*at, node), (*used, other)) {
                    vetoed.insert(*used);
                }
            }
        }
    }

    /// Whether neither the op nor anything that its author's membership rests on is vetoed.
    fn stands(&self, vetoed: &BTreeSet<usize>, at: usize) -> bool {
        if vetoed.is_empty() {
            return true;
        }
        let mut seen = BTreeSet::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            if vetoed.contains(&at) {
                return false;
            }
            if seen.insert(at) {
                let authority = self.graph.get(at).and_then(|node| node.authority.as_ref());
                let grounds = authority.and_then(|authority| authority.grounds);
                let grounds = grounds.into_iter().flat_map(Grounds::iter);
                open.extend(grounds.filter(|ground| *ground >= self.first));
            }
        }
        true
    }
}

/// Whether the op comes at or after the first place of its device's chain that was written twice.
pub(super) fn is_forked(forks: &BTreeMap<DeviceId, u64>, node: &Node) -> bool {
    forks.get(&node.op.device()).is_some_and(|from| node.op.seq() >= *from)
}

pub(super) fn are_concurrent((x, x_node): (usize, &Node), (y, y_node): (usize, &Node)) -> bool {
    x != y && !x_node.past.contains(y) && !y_node.past.contains(x)
}
